"""From index notation to matrix expressions, node by node."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.core.relational import Relational

from gradcheck.symbolic import matrix_functions
from gradcheck.symbolic.matrices import algebra
from gradcheck.symbolic.matrices.cases import Choice, Condition, joined
from gradcheck.symbolic.matrices.network import Index, Network, NoMatrixForm
from gradcheck.symbolic.matrices.nodes import SCALAR, Apply, Call, Identity, Matrix, Named, Number, OneHot, Quotient
from gradcheck.symbolic.nodes import ELEMENTWISE
from gradcheck.symbolic.piecewise import BY_CASES
from gradcheck.symbolic.printing import as_softmax
from gradcheck.symbolic.tensors import Determinant, Inverse, LogSumExp, MatrixEntry, MatrixOf, Sum, fresh_index

Sizes = Mapping[Index, sp.Expr]


def convert(expression: sp.Expr, indices: Sequence[Index], sizes: Sizes) -> Matrix:
    """The matrix with these indices as its rows and columns; with one index it is a column, with none a scalar.

    `sizes` gives the dimension of each free index. Raises NoMatrixForm where there is none.
    """
    free = _indices(expression, sizes)
    if not set(free) <= set(indices):
        raise NoMatrixForm(f"{expression} has indices beyond {indices}")
    natural = [index for index in indices if index in free]
    matrix = _convert(expression, natural, sizes)
    shape = _shape(indices, sizes)
    if len(indices) == 2 and natural == [indices[1]]:
        matrix = algebra.transpose(matrix)
    return algebra.broadcast(matrix, shape)


def _shape(indices: Sequence[Index], sizes: Sizes) -> tuple[sp.Expr, sp.Expr]:
    rows, columns = ([sizes[index] for index in indices] + [sp.S.One, sp.S.One])[:2]
    return rows, columns


def _indices(expression: sp.Expr, sizes: Sizes) -> list[Index]:
    """The free indices in order of appearance."""
    free = expression.free_symbols
    return list(dict.fromkeys(node for node in sp.preorder_traversal(expression) if node in sizes and node in free))


def _convert(e: sp.Expr, indices: Sequence[Index], sizes: Sizes) -> Matrix:
    if len(indices) > 2:
        raise NoMatrixForm(f"{e} has more than two axes")
    if not indices and _is_plain(e):
        return Number(e)
    if (softmax := as_softmax(e)) is not None:
        return _softmax(*softmax, indices, sizes)
    for kind, rule in RULES:
        if isinstance(e, kind):
            return rule(e, indices, sizes)
    raise NoMatrixForm(f"{type(e).__name__} has no matrix form")


def _is_plain(e: sp.Expr) -> bool:
    """Whether it is made of numbers, sizes and scalar variables alone."""
    return not e.atoms(sp.Indexed) and not e.has(ExprWithLimits, MatrixEntry, sp.KroneckerDelta, *BY_CASES, *_OPAQUE)


_OPAQUE = tuple(kind for kind in ELEMENTWISE if kind is not sp.log)
"""Functions that are written as functions also of plain scalars."""


def _add(e: sp.Add, indices: Sequence[Index], sizes: Sizes) -> Matrix:
    return algebra.total(convert(term, indices, sizes) for term in e.args)


def _function(e: sp.Expr, indices: Sequence[Index], sizes: Sizes) -> Matrix:
    arguments = [convert(a, indices if _indices(a, sizes) else (), sizes) for a in e.args]
    return Apply(type(e), tuple(arguments))


def _pow(e: sp.Pow, indices: Sequence[Index], sizes: Sizes) -> Matrix:
    if _indices(e.exp, sizes) or not _is_plain(e.exp):
        raise NoMatrixForm(f"the exponent of {e} varies")
    base = convert(e.base, indices, sizes)
    if base.shape != SCALAR and algebra.has_minus(e.exp):
        return algebra.hadamard([Quotient(algebra.filled(base.shape), algebra.power(base, -e.exp))])
    return algebra.power(base, e.exp)


def _indexed(e: sp.Indexed, indices: Sequence[Index], sizes: Sizes) -> Matrix:
    if not all(index in sizes for index in e.indices) or len(e.indices) > 2:
        raise NoMatrixForm(f"{e} is no entry of a matrix")
    named = Named(str(e.base.label), *_shape(e.indices, sizes))
    return _entry(named, e.indices, indices)


def _entry(matrix: Matrix, own: Sequence[Any], indices: Sequence[Index]) -> Matrix:
    if len(own) == 2 and own[0] == own[1]:
        return algebra.diagonal(matrix)
    return matrix if list(own) == list(indices) else algebra.transpose(matrix)


def _matrix_entry(e: MatrixEntry, indices: Sequence[Index], sizes: Sizes) -> Matrix:
    if type(e) not in MATRIX_FUNCTIONS or not all(index in sizes for index in e.indices):
        raise NoMatrixForm(f"{e} is no function of a whole matrix")
    matrix = MATRIX_FUNCTIONS[type(e)](_whole(e.matrix))
    return _entry(matrix, e.indices, indices) if e.indices else matrix


def _whole(matrix: sp.IndexedBase | MatrixOf) -> Matrix:
    if isinstance(matrix, MatrixOf):
        bound = {k: upper + 1 for k, _, upper in matrix.limits}
        return convert(matrix.function, list(bound), bound)
    return Named(str(matrix.label), *matrix.shape)


def _delta(e: sp.Expr, indices: Sequence[Index], sizes: Sizes) -> Matrix:
    i, j = e.args[:2]
    if i in sizes and j in sizes and sizes[i] == sizes[j]:
        return Identity(sizes[i])
    gather, index = (i, j) if isinstance(i, sp.Indexed) else (j, i)
    if not isinstance(gather, sp.Indexed) or index not in sizes or len(gather.indices) != 1:
        raise NoMatrixForm(f"{e} is a mask")
    (row,) = gather.indices
    if row not in sizes:
        raise NoMatrixForm(f"{e} is a mask")
    return _entry(OneHot(str(gather.base.label), sizes[row], sizes[index]), (row, index), indices)


def _softmax(index: Index, logit: sp.Expr, indices: Sequence[Index], sizes: Sizes) -> Matrix:
    """Over all entries of a column, over each row of a matrix."""
    others = [other for other in indices if other != index]
    if index not in sizes:
        raise NoMatrixForm("a softmax of one entry")
    matrix = Call("softmax", convert(logit, [*others, index], sizes))
    return matrix if [*others, index] == list(indices) else algebra.transpose(matrix)


def _logsumexp(e: LogSumExp, indices: Sequence[Index], sizes: Sizes) -> Matrix:
    bound = {k: upper + 1 for k, _, upper in e.limits}
    return Call("logsumexp", convert(e.function, [*indices, *bound], {**sizes, **bound}))


def _product(e: sp.Expr, indices: Sequence[Index], sizes: Sizes) -> Matrix:
    """A product or a sum over indices: the network of all its factors."""
    factors, bound = _factors(e, sizes)
    known = {**sizes, **bound}
    wide = next((f for f in factors if isinstance(f, sp.Add) and len(_indices(f, known)) > 2), None)
    if wide is not None:
        return _distributed(wide, factors, bound, indices, sizes)
    network = Network(known, list(bound))
    for factor in factors:
        own = _indices(factor, known)
        network.add(own, _best_orientation(factor, own, known))
    return network.contract(indices)


def _best_orientation(factor: sp.Expr, own: list[Index], sizes: Sizes) -> Matrix:
    if len(own) != 2:
        return _convert(factor, own, sizes)
    row, column = own
    straight = _convert(factor, own, sizes)
    turned = algebra.transpose(_convert(factor, [column, row], sizes))
    return min(straight, turned, key=algebra.marks)


def _distributed(
    wide: sp.Expr, factors: Sequence[sp.Expr], bound: Sizes, indices: Sequence[Index], sizes: Sizes
) -> Matrix:
    """Σ (a + b) c = Σ a c + Σ b c."""
    rest = [factor for factor in factors if factor is not wide]
    limits = [(k, 0, size - 1) for k, size in bound.items()]
    products = (sp.Mul(term, *rest) for term in wide.args)
    return algebra.total(convert(Sum(p, *limits) if limits else p, indices, sizes) for p in products)


def _factors(e: sp.Expr, sizes: Sizes) -> tuple[list[sp.Expr], dict[Index, sp.Expr]]:
    """The factors of nested products and sums, and the bound indices with their sizes, under fresh names."""
    if isinstance(e, sp.Sum):
        fresh = {k: (fresh_index(), upper + 1) for k, _, upper in e.limits}
        renamed = e.function.xreplace({k: new for k, (new, _) in fresh.items()})
        bound = dict(fresh.values())
        factors, inner = _factors(renamed, {**sizes, **bound})
        return factors, {**bound, **inner}
    if isinstance(e, sp.Mul):
        parts = [_factors(factor, sizes) for factor in e.args]
        return [f for part in parts for f in part[0]], {k: size for part in parts for k, size in part[1].items()}
    if isinstance(e, sp.Pow) and e.exp == 2 and _indices(e, sizes):
        return [e.base, e.base], {}
    return [e], {}


def _by_cases(e: sp.Expr, indices: Sequence[Index], sizes: Sizes) -> Matrix:
    *pairs, (last, always) = e.args
    if always != sp.true:
        raise NoMatrixForm(f"{e} has no value where no case holds")
    branches = tuple(convert(branch, indices, sizes) for branch, _ in pairs)
    conditions = tuple(_condition(condition, indices, sizes) for _, condition in pairs)
    return Choice(branches, conditions, convert(last, indices, sizes))


def _condition(condition: Any, indices: Sequence[Index], sizes: Sizes) -> Matrix:
    if isinstance(condition, sp.And | sp.Or):
        sign = "and" if isinstance(condition, sp.And) else "or"
        return joined(sign, [_condition(part, indices, sizes) for part in condition.args])
    if not isinstance(condition, Relational):
        raise NoMatrixForm(f"{condition} is no comparison")
    left, right = (convert(side, indices, sizes) for side in condition.args)
    return Condition(left, condition.rel_op, right)


def _exp(e: sp.Expr, indices: Sequence[Index], sizes: Sizes) -> Matrix:
    """A power of a softmax, or the exponential."""
    argument = e.args[0]
    for count in range(2, 5):
        root = sp.exp(sp.expand_mul(argument / count))
        if as_softmax(root) is not None:
            return algebra.power(convert(root, indices, sizes), sp.Integer(count))
    return _function(e, indices, sizes)


MATRIX_FUNCTIONS: dict[type[MatrixEntry], Callable[[Matrix], Matrix]] = {
    Inverse: algebra.inverse,
    Determinant: lambda matrix: Call("det", matrix),
    matrix_functions.Exponential: lambda matrix: Call("expm", matrix),
    matrix_functions.Cholesky: lambda matrix: Call("chol", matrix),
}
"""The functions of a whole matrix that are written without indices."""

Rule = Callable[[Any, Sequence[Index], Sizes], Matrix]

RULES: tuple[tuple[type | tuple[type, ...], Rule], ...] = (
    (sp.Add, _add),
    ((sp.Mul, sp.Sum), _product),
    (sp.exp, _exp),
    (sp.Pow, _pow),
    (sp.Indexed, _indexed),
    (MatrixEntry, _matrix_entry),
    (sp.KroneckerDelta, _delta),
    (LogSumExp, _logsumexp),
    (BY_CASES, _by_cases),
    (tuple(ELEMENTWISE), _function),
)
"""How each kind of node is converted; the first kind that fits decides."""
