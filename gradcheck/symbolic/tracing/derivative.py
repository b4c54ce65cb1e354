"""Gradients of scalar expressions by the chain rule in reverse, and their compilation to NumPy.

One sweep from the expression down to its symbols gives every partial derivative, so that a gradient of a thousand
entries costs about as much as the expression itself.
"""

from __future__ import annotations

import inspect
import keyword
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.function import ArgumentIndexError
from sympy.printing.numpy import NumPyPrinter

from gradcheck.errors import UsageError
from gradcheck.symbolic.tracing.special import KERNELS, subexpressions, with_torch_conventions

KNOWN = frozenset({*KERNELS, *NumPyPrinter().known_functions})
"""The functions that generated code can call."""

Terms = dict[sp.Expr, list[sp.Expr]]


def gradient(expression: sp.Expr, symbols: Sequence[sp.Symbol]) -> list[sp.Expr]:
    """The partial derivative of `expression` with respect to each of `symbols`.

    >>> x, y = sp.symbols("x y", real=True)
    >>> gradient(x**2 * sp.sin(y), [x, y])
    [2*x*sin(y), x**2*cos(y)]
    """
    expression = with_torch_conventions(sp.sympify(expression))
    nodes = subexpressions(expression, _parts)
    moving = _depending(nodes, frozenset(symbols))
    terms: Terms = defaultdict(list)
    terms[expression].append(sp.S.One)
    for node in reversed(nodes):
        if node in moving and _is_composed(node):
            adjoint = sp.Add(*terms.pop(node))
            for part, slope in _local_slopes(node, moving):
                terms[part].append(adjoint * slope)
    return [sp.Add(*terms.get(symbol, ())) for symbol in symbols]


def _depending(nodes: Sequence[sp.Expr], symbols: frozenset[sp.Symbol]) -> set[sp.Expr]:
    """The nodes that hold one of the symbols; SymPy would walk a shared part again wherever it stands."""
    moving = set(symbols)
    for node in nodes:
        parts = _parts(node)
        if any(part in moving for part in parts) or (not parts and node.free_symbols & symbols):
            moving.add(node)
            moving.update(node.free_symbols & symbols if not parts else ())
    return moving


def _is_composed(node: sp.Expr) -> bool:
    return not isinstance(node, sp.Symbol)


def _parts(node: sp.Expr) -> Sequence[sp.Expr]:
    """What the chain rule goes through; a branch is a whole, so that the branch not taken cannot spoil a sum."""
    through = isinstance(node, sp.Add | sp.Mul | sp.Pow | sp.Function) and not isinstance(node, sp.Piecewise)
    return node.args if through else ()


def _local_slopes(node: sp.Expr, moving: set[sp.Expr]) -> Iterator[tuple[sp.Expr, sp.Expr]]:
    """Each part of the node that can change, with the node's derivative with respect to that part."""
    parts = _parts(node)
    if not parts:
        yield from ((symbol, node.diff(symbol)) for symbol in _in_order(node.free_symbols & moving))
    for place, part in enumerate(parts):
        if part in moving:
            yield part, _partial(node, place)


def _partial(node: sp.Expr, place: int) -> sp.Expr:
    """The derivative of a node with respect to the argument at that place."""
    if isinstance(node, sp.Add):
        return sp.S.One
    if isinstance(node, sp.Mul):
        return sp.Mul(*node.args[:place], *node.args[place + 1 :])
    if isinstance(node, sp.Pow):
        base, exponent = node.args
        return exponent * base ** (exponent - 1) if place == 0 else node * sp.log(base)
    try:
        return node.fdiff(place + 1)
    except ArgumentIndexError:
        raise UsageError(f"no derivative is known of `{node}` by its argument {place + 1}") from None


def _in_order(symbols: set[sp.Symbol]) -> list[sp.Symbol]:
    return sorted(symbols, key=lambda symbol: symbol.name)


@dataclass(frozen=True)
class Compiled:
    """Expressions as one NumPy function: it takes a value for each symbol, in order, and returns a list."""

    evaluate: Callable[..., list[Any]]
    source: str

    def __call__(self, *values: Any) -> list[Any]:
        """The values of the expressions; where they are undefined nan or infinite, without a warning."""
        with np.errstate(all="ignore"):
            return self.evaluate(*values)


class _ExactPrinter(NumPyPrinter):
    """NumPy's printer by itself drops the last digits of a float."""

    def _print_Float(self, number: sp.Float) -> str:
        return repr(float(number))


def compile_numpy(symbols: Sequence[sp.Symbol], expressions: Sequence[sp.Expr], name: str = "gradient") -> Compiled:
    """Compile expressions in the symbols to one NumPy function with common parts computed once.

    The common parts are split off first: SymPy's other passes walk a shared part again wherever it stands.
    Raises UsageError where an expression holds something that has no real NumPy form.
    """
    names = _safe_names(symbols)
    shared, reduced = sp.cse(expressions, symbols=_shared_names(), order="none", list=True)
    renamed = {symbol: name for symbol, name in names.items() if symbol != name}
    lines = [(part, _ready(body, renamed)) for part, body in shared]
    results = [_ready(body, renamed) for body in reduced]
    printer = _ExactPrinter({"fully_qualified_modules": False, "inline": True, "allow_unknown_functions": True})
    function = sp.lambdify(
        [names[symbol] for symbol in symbols],
        results,
        modules=[KERNELS, "numpy"],
        printer=printer,
        cse=lambda _: (lines, results),
    )
    return Compiled(function, inspect.getsource(function).replace("_lambdifygenerated", name, 1))


def _shared_names() -> Iterator[sp.Symbol]:
    return (sp.Symbol(f"shared_{number}_") for number in count())


def _ready(expression: sp.Expr, renamed: dict[sp.Symbol, sp.Symbol]) -> sp.Expr:
    """The expression under the names of the generated code."""
    _reject_what_numpy_lacks(expression)
    return expression.xreplace(renamed) if renamed else expression


def _safe_names(symbols: Sequence[sp.Symbol]) -> dict[sp.Symbol, sp.Symbol]:
    """Names for the generated code that hide no function it calls."""
    taken: set[str] = set()
    names: dict[sp.Symbol, sp.Symbol] = {}
    for symbol in symbols:
        name = str(symbol.name)
        name = name if name.isidentifier() else f"argument_{len(taken)}"
        while name in taken or name in KERNELS or hasattr(np, name) or keyword.iskeyword(name):
            name += "_"
        taken.add(name)
        names[symbol] = sp.Symbol(name, real=True)
    return names


def _reject_what_numpy_lacks(expression: sp.Expr) -> None:
    if expression.has(sp.I):
        raise UsageError("the derivative is not real; a real function of real variables is accepted")
    for part in expression.atoms(sp.Function, sp.Derivative, sp.Subs, sp.Integral, sp.Sum):
        if type(part).__name__ not in KNOWN and not isinstance(part, sp.Piecewise):
            raise UsageError(f"no numeric form is known of `{part}` in the derivative")
