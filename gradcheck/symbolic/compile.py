"""Compiled derivatives: an index expression becomes a NumPy or torch function through SymPy's `lambdify`.

`lambdify` writes the function; what it prints are the assignments that `lowering.py` found. The source stays
readable on `.source`. Results take the dtype of the inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal, Protocol, TypeAlias, cast

import numpy as np
import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.printing.pycode import PythonCodePrinter

from gradcheck.symbolic.kernels import NUMPY, Kernels, torch_kernels
from gradcheck.symbolic.lowering import Axes, Lowering, Value
from gradcheck.symbolic.nodes import NODES
from gradcheck.symbolic.piecewise import BY_CASES
from gradcheck.symbolic.sizes import Reading, readings

Backend = Literal["numpy", "torch"]
Variable: TypeAlias = Any
"""A tensor (`sympy.IndexedBase`) or a scalar (`sympy.Symbol`); SymPy is untyped."""


class Compiled(Protocol):
    """A function of arrays that was generated; `source` is its code."""

    source: str

    def __call__(self, *arguments: Any) -> Any:
        """The value at these arguments, in the order of the variables."""


KERNELS: dict[str, Callable[[], Kernels]] = {"numpy": lambda: NUMPY, "torch": torch_kernels}


class _Code(sp.Symbol):
    """A piece of code that SymPy carries to the printer as it is."""


class _Printer(PythonCodePrinter):
    def doprint(self, expr: Any, assign_to: Any = None) -> str:
        """Code as it is, which SymPy would first search for what is to be evaluated."""
        plain = isinstance(expr, _Code) and assign_to is None
        return str(expr.name if plain else super().doprint(expr, assign_to))

    def _print__Code(self, code: _Code) -> str:
        return str(code.name)


def compile_expression(
    expression: sp.Expr, variables: Sequence[Variable], axes: Mapping[sp.Symbol, sp.Expr], backend: Backend = "numpy"
) -> Compiled:
    """Compile to a function of the variables, in their order, with output axes as `axes` orders them.

    `axes` maps each free index to its dimension. Sizes are read off the arguments' shapes. Raises ValueError for an
    unknown backend or a size that no argument's shape gives, TypeError for a node without array code.

    >>> from gradcheck.symbolic.tensors import dimension, index, sum_over, tensor
    >>> n, i = dimension("n"), index("i")
    >>> x = tensor("x", n)
    >>> doubled = compile_expression(2 * x[i], [x], {i: n})
    >>> doubled([1.0, 2.0])
    array([2., 4.])
    """
    if backend not in KERNELS:
        raise ValueError(f"backend must be one of {', '.join(KERNELS)}, got {backend!r}")
    lines, result = _lower_root(expression, tuple(variables), tuple(axes.items()))
    names = [variable_name(variable) for variable in variables]
    assignments = [(_Code(name), _Code(code)) for name, code in lines]
    compiled = sp.lambdify(
        names, _Code(result), modules=[KERNELS[backend]()], printer=_Printer, cse=lambda _: (assignments, _Code(result))
    )
    source = compiled.__doc__.split("Source code:\n\n")[1].split("\n\n\nImported modules")[0]
    if backend == "numpy" and expression.has(*BY_CASES):
        compiled = np.errstate(over="ignore", invalid="ignore", divide="ignore")(compiled)  # in cases not chosen
    compiled.source = source
    return cast("Compiled", compiled)


def variable_name(variable: Variable) -> str:
    """The name of a tensor or scalar variable."""
    return str(variable.label) if isinstance(variable, sp.IndexedBase) else variable.name


def variable_shape(variable: Variable) -> tuple[sp.Expr, ...]:
    """The symbolic shape, empty for a scalar."""
    return tuple(variable.shape) if isinstance(variable, sp.IndexedBase) else ()


@lru_cache(maxsize=256)
def _lower_root(
    expression: sp.Expr, variables: tuple[Variable, ...], own: tuple[tuple[sp.Symbol, sp.Expr], ...]
) -> tuple[list[tuple[str, str]], str]:
    """The code of both backends, which call different kernels by the same names."""
    axes = dict(own)
    like = next((variable_name(v) for v in variables if not is_integer(v)), "0.0")
    prelude = [(name, f"as_array({name})") for name in map(variable_name, variables)]
    prelude += _sizes(expression, variables, axes)
    lowering = Lowering(NODES, axes.copy(), like)
    result = _finish(lowering, expression, tuple(axes))
    return prelude + lowering.lines, result


def is_integer(variable: Variable) -> bool:
    """Whether the variable holds integers, such as class indices."""
    entry = variable if isinstance(variable, sp.Symbol) else variable[tuple(sp.S.Zero for _ in variable.shape)]
    return bool(entry.is_integer)


def _sizes(
    expression: sp.Expr, variables: Sequence[Variable], axes: Mapping[sp.Symbol, sp.Expr]
) -> list[tuple[str, str]]:
    """Assignments that read every size off an argument's shape."""
    known = list(readings([(variable_name(variable), variable_shape(variable)) for variable in variables]))
    bound = {upper + 1 for node in expression.atoms(ExprWithLimits) for _, _, upper in node.limits}
    needed = set().union(*(sp.sympify(size).free_symbols for size in bound | set(axes.values())))
    dimensions = {reading.dimension for reading in known}
    if missing := needed - dimensions:
        raise ValueError(f"size {', '.join(map(str, missing))} is not the size of any of the variables' axes")
    needed |= expression.atoms(sp.Symbol) & dimensions
    for reading in reversed(known):
        needed |= reading.size.free_symbols if reading.dimension in needed else set()
    return [(reading.dimension.name, _read(reading)) for reading in known if reading.dimension in needed]


def _read(reading: Reading) -> str:
    """Code for a dimension, from the length of an axis."""
    numerator, denominator = reading.solved(_Code(f"{reading.variable}.shape[{reading.axis}]"))
    return str(numerator) if denominator == 1 else f"({numerator})//({denominator})"


def _finish(lowering: Lowering, expression: sp.Expr, axes: Axes) -> str:
    """Code for the expression with exactly the output axes."""
    if (code := _diagonal(lowering, expression, axes)) is not None:
        return code
    value = lowering.lower(expression)
    if axes and set(value.axes) == set(axes):
        return lowering.align(value, axes)
    return _expand(lowering, value, axes)


def _expand(lowering: Lowering, value: Value, axes: Axes) -> str:
    shape = "".join(f"{lowering.size(axis)}, " for axis in axes)
    return f"expand({lowering.align(value, axes)}, ({shape}), {lowering.like})"


def _diagonal(lowering: Lowering, expression: sp.Expr, axes: Axes) -> str | None:
    """A matrix with a Kronecker delta of its own axes: the dense part, then its diagonal added in place.

    For e affine in δ_ij, e = e|δ=0 + δ_ij (e|δ=1 - e|δ=0); no identity matrix is ever filled.
    """
    square = len(axes) == 2 and lowering.ranges[axes[0]] == lowering.ranges[axes[1]]
    delta = sp.KroneckerDelta(*axes) if square else None
    if delta is None or delta not in expression.atoms(sp.KroneckerDelta):
        return None
    dense, slope = expression.xreplace({delta: sp.S.Zero}), sp.diff(expression.xreplace({delta: _DELTA}), _DELTA)
    if slope.has(_DELTA):
        return None
    i, j = axes
    on_diagonal = slope.xreplace({j: i})
    diagonal = _expand(lowering, lowering.lower(on_diagonal), (i,))
    if dense == 0:
        return f"place_diagonal({diagonal})"
    value = lowering.lower(dense)
    fresh = set(value.axes) == set(axes) and value.code in dict(lowering.lines)
    matrix = lowering.align(value, axes) if fresh else _expand(lowering, value, axes)
    return f"add_to_diagonal({matrix}, {diagonal})"


_DELTA = sp.Dummy("delta")
