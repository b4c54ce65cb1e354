"""The matrix form of an index expression: Xᵀ(Xw - y) for Σ_k X_kj (Σ_l X_kl w_l - y_k).

A form is a claim, and is shown only after it has been evaluated with NumPy at random points of several sizes and
equals the index form there. Where there is no form, or it does not hold, there is none to show.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits

from gradcheck.symbolic.compile import Variable, compile_expression, is_integer, variable_name, variable_shape
from gradcheck.symbolic.matrices.conversion import convert
from gradcheck.symbolic.matrices.latex import Latex
from gradcheck.symbolic.matrices.naming import Definition, name_repetitions
from gradcheck.symbolic.matrices.network import NoMatrixForm
from gradcheck.symbolic.matrices.nodes import Identity, Matrix
from gradcheck.symbolic.matrices.printing import Text
from gradcheck.symbolic.matrices.simplification import collect
from gradcheck.symbolic.shorter import with_shorter_sums
from gradcheck.symbolic.sizes import dimensions, value
from gradcheck.symbolic.tensors import MatrixEntry, Sum, tensor

Axes = Mapping[sp.Symbol, sp.Expr]
Sampler = Callable[[Mapping[str, int], np.random.Generator], Mapping[str, Any]]
"""Draws the value of every variable, for given sizes."""

TOLERANCE = 1e-9
"""Of the largest entry: both sides are computed in double precision."""
POINTS = 2
ATTEMPTS = 6
SMALLEST = 1e-3
"""Entries are compared in units of the largest, or of this."""
NUDGE = 1 + 1e-12
"""A point is no good where a change by this factor moves the value by more than the tolerance."""
MOST_OPERATIONS = 300
"""Longer expressions are not multiplied out."""


@dataclass(frozen=True)
class MatrixForm:
    """A matrix expression that was found equal to an index expression; `definitions` name what it repeats."""

    matrix: Matrix
    definitions: tuple[Definition, ...] = ()

    @property
    def text(self) -> str:
        """One line of Unicode."""
        named = ", ".join(f"{name.label} = {Text().write(matrix)}" for name, matrix in self.definitions)
        return Text().write(self.matrix) + (f" where {named}" if named else "")

    @property
    def latex(self) -> str:
        """LaTeX without delimiters."""
        write = Latex().write
        named = r",\; ".join(f"{write(name)} = {write(matrix)}" for name, matrix in self.definitions)
        return write(self.matrix) + (rf" \quad \text{{where }} {named}" if named else "")

    def value(self, values: Mapping[str, Any]) -> Any:
        """Its value as a two-dimensional array, for two-dimensional arrays by variable and integers by size."""
        known = dict(values)
        for name, matrix in self.definitions:
            known[name.label] = matrix.value(known)
        return self.matrix.value(known)

    def __str__(self) -> str:
        return self.text

    def _repr_latex_(self) -> str:
        return f"$${self.latex}$$"


def matrix_form(
    expression: sp.Expr, axes: Axes, variables: Sequence[Variable] = (), sample: Sampler | None = None
) -> MatrixForm | None:
    """The matrix form of an index expression, or None where there is none that holds.

    `axes` maps the free indices, in order, to their sizes: none for a scalar, one for a column, two for rows and
    columns. `sample` draws values of the `variables` to verify it at; unless given, the variables are those that the
    expression holds, and their values real numbers of both signs, and between 0 and 1.

    >>> from gradcheck.symbolic.tensors import dimension, index, sum_over, tensor
    >>> m, n, j = *dimension("m n"), index("j")
    >>> X, w, y = tensor("X", m, n), tensor("w", n), tensor("y", m)
    >>> residual = lambda k: sum_over(n, lambda l: X[k, l] * w[l]) - y[k]
    >>> print(matrix_form(sum_over(m, lambda k: 2 * X[k, j] * residual(k)) / m, {j: n}))
    2 Xᵀ(Xw - y) / m
    """
    if len(axes) > 2:
        return None
    forms = sorted(_candidates(expression, axes), key=_length)
    points = list(_points(expression, axes, variables, sample)) if forms else []
    return next((form for form in forms if _holds(form, points)), None)


def _length(form: MatrixForm) -> float:
    """How long it reads: a name once introduced is quickly read."""
    return len(Text().write(form.matrix)) + len(form.text) / 2


def _candidates(expression: sp.Expr, axes: Axes) -> list[MatrixForm]:
    """The forms of several ways to write the expression; it is multiplied out only where there is no other."""
    split = _split_sums(expression)
    short = with_shorter_sums(expression)
    forms = list(_forms((expression, short, split, _free_deltas(expression), _free_deltas(split)), axes))
    if forms or expression.count_ops() > MOST_OPERATIONS:
        return forms
    return list(_forms((sp.expand_mul(expression, deep=False), _split_sums(sp.expand_mul(split))), axes))


def _forms(variants: Iterable[sp.Expr], axes: Axes) -> Iterator[MatrixForm]:
    for variant in dict.fromkeys(variants):
        with suppress(NoMatrixForm):
            matrix = collect(convert(variant, list(axes), axes))
            taken = {symbol.name for symbol in variant.atoms(sp.Symbol)}
            if Text.identity in taken and any(isinstance(node, Identity) for node in matrix.walk()):
                raise NoMatrixForm("a variable has the name of the identity matrix")
            yield MatrixForm(*name_repetitions(matrix, {*taken, Text.identity}))


def _free_deltas(expression: sp.Expr) -> sp.Expr:
    """s (δ - t) as s δ - s t, wherever a factor has a delta among its terms."""
    if not expression.has(sp.KroneckerDelta):
        return expression
    if expression.is_Add:
        return sp.Add(*map(_free_deltas, expression.args))
    wide = next((f for f in sp.Mul.make_args(expression) if f.is_Add and f.has(sp.KroneckerDelta)), None)
    return expression if wide is None else sp.Add(*(_free_deltas(term * expression / wide) for term in wide.args))


def _split_sums(expression: sp.Expr) -> sp.Expr:
    """Σ (a + b) as Σ a + Σ b, everywhere."""
    if not expression.has(sp.Sum) or isinstance(expression, sp.Indexed):
        return expression
    parts = [_split_sums(argument) for argument in expression.args]
    if isinstance(expression, sp.Sum) and parts[0].is_Add:
        return sp.Add(*(Sum(term, *expression.limits) for term in parts[0].args))
    return expression.func(*parts)


def _holds(form: MatrixForm, points: list[tuple[Mapping[str, Any], Any]]) -> bool:
    """Whether the form equals the index form at every point, of which there must be some."""
    return bool(points) and all(_agrees(form, values, expected) for values, expected in points)


def _agrees(form: MatrixForm, values: Mapping[str, Any], expected: Any) -> bool:
    try:
        with np.errstate(all="ignore"):
            found = form.value(values)
    except (ValueError, np.linalg.LinAlgError):  # the shapes of a wrong form need not fit
        return False
    if found.shape != expected.shape or not np.isfinite(found).all():
        return False
    return _is_close(found, expected)


def _points(
    expression: sp.Expr, axes: Axes, variables: Sequence[Variable], sample: Sampler | None
) -> Iterator[tuple[Mapping[str, Any], Any]]:
    """Values by name at random points of several sizes, and the value of the index form there."""
    symbols = _dimensions(expression, axes, variables)
    variables = variables or _variables(expression, axes, symbols)
    phantoms = [tensor(f"_along_{symbol}", symbol) for symbol in symbols]
    compiled = compile_expression(expression, [*variables, *phantoms], axes)
    inverted = {entry.matrix for entry in expression.atoms(MatrixEntry)}
    generator = np.random.default_rng(0)
    for sizes in _sizes(symbols):
        found = 0
        for attempt in range(ATTEMPTS):
            if found == POINTS:
                break
            given = sample(sizes, generator) if sample else _draw(variables, inverted, sizes, generator, attempt)
            arrays = [given[variable_name(variable)] for variable in variables]
            expected = _value(compiled, [*arrays, *(np.zeros(size) for size in sizes.values())])
            if expected is not None:
                found += 1
                yield {**sizes, **{name: _column(array) for name, array in given.items()}}, _column(expected)


def _value(compiled: Callable[..., Any], arrays: Sequence[Any]) -> Any:
    """The index form's value, or None where it has none, or one that rounding has drowned."""
    nudged = [array * NUDGE if array.dtype.kind == "f" else array for array in map(np.asarray, arrays)]
    try:
        with np.errstate(all="ignore"):
            found, beside = (np.asarray(compiled(*each), dtype=float) for each in (arrays, nudged))
    except np.linalg.LinAlgError:
        return None
    return found if np.isfinite(found).all() and _is_close(found, beside) else None


def _is_close(found: Any, expected: Any) -> bool:
    return bool(np.abs(found - expected).max() <= TOLERANCE * max(np.abs(expected).max(), SMALLEST))


def _dimensions(expression: sp.Expr, axes: Axes, variables: Sequence[Variable]) -> list[sp.Symbol]:
    """Every size that is a symbol of its own."""
    bound = [upper + 1 for node in expression.atoms(ExprWithLimits) for _, _, upper in node.limits]
    bases = (*variables, *expression.atoms(sp.IndexedBase))
    shapes = [tuple(axes.values()), tuple(bound), *map(variable_shape, bases)]
    return sorted(dimensions(shapes), key=str)


def _variables(expression: sp.Expr, axes: Axes, symbols: Collection[sp.Symbol]) -> list[Variable]:
    """The tensors and scalars in the expression."""
    bases = sorted(expression.atoms(sp.IndexedBase), key=str)
    labels = {base.label for base in bases}
    scalars = expression.free_symbols - {*axes, *symbols, *labels}
    return [*bases, *sorted((s for s in scalars if isinstance(s, sp.Symbol)), key=str)]


def _sizes(symbols: Sequence[sp.Symbol]) -> Iterator[dict[str, int]]:
    """Sizes of which no two agree and none is 1, so that no transpose can hide."""
    names = [symbol.name for symbol in symbols]
    upwards = range(2, 2 + len(names))
    for order in (upwards, [*reversed(upwards)], [size + 1 for size in upwards]):
        yield dict(zip(names, order, strict=True))


def _draw(
    variables: Sequence[Variable],
    inverted: Collection[Variable],
    sizes: Mapping[str, int],
    generator: np.random.Generator,
    attempt: int,
) -> dict[str, Any]:
    """Numbers of both signs and between 0 and 1 in turn; a matrix that is inverted is close to 2 I."""
    values: dict[str, Any] = {}
    for variable in variables:
        shape = tuple(value(size, sizes) for size in variable_shape(variable))
        if is_integer(variable):
            values[variable_name(variable)] = generator.integers(0, 2, shape)
        elif variable in inverted:
            values[variable_name(variable)] = 2 * np.eye(shape[0]) + generator.uniform(-0.5, 0.5, shape)
        else:
            values[variable_name(variable)] = (
                generator.normal(size=shape) if attempt % 2 else generator.uniform(0.1, 0.9, shape)
            )
    return values


def _column(array: Any) -> Any:
    """As a matrix: a vector is a column, a scalar 1 by 1."""
    array = np.asarray(array)
    return array if array.ndim == 2 else array.reshape(-1, 1)
