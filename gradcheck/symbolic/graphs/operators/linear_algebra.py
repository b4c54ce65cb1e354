"""Functions of whole matrices: determinants, inverses, solutions, factors, eigenvalues, the exponential."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import sympy as sp

from gradcheck.symbolic.functions import absolute, sign
from gradcheck.symbolic.graphs.indices import Index, sum_over_index
from gradcheck.symbolic.graphs.operators import Operator
from gradcheck.symbolic.graphs.operators.creation import full
from gradcheck.symbolic.graphs.operators.parts import lower_triangle, upper_triangle
from gradcheck.symbolic.graphs.refusals import NotTraceable
from gradcheck.symbolic.graphs.tensors import GraphTensor, broadcast_shape, broadcast_to, elementwise, number
from gradcheck.symbolic.matrix_functions import Cholesky, Eigenvalue, Exponential
from gradcheck.symbolic.tensors import Determinant, Inverse, MatrixOf

Several = tuple[GraphTensor, ...]


def matrix(x: GraphTensor, batch: Sequence[sp.Expr] = ()) -> Any:
    """The square matrix as an argument of matrix functions: a variable by its name, else by its entries.

    Of a tensor of more axes it is the matrix at the places `batch` of the first ones.
    """
    row, column = Index(x.shape[-2], "r"), Index(x.shape[-1], "c")
    entry = number(x.entry(*batch, row, column))
    if isinstance(entry, sp.Indexed) and entry.indices == (row, column) and entry.shape == x.shape:
        return entry.base
    return MatrixOf(entry, (row, 0, x.shape[-2] - 1), (column, 0, x.shape[-1] - 1))


def each(x: GraphTensor, function: Callable[..., sp.Expr], places: int = 2) -> GraphTensor:
    """`function(matrix, i, ...)` of each matrix, with so many places after the batch's; worked out once for each."""
    lead = x.ndim - 2
    at = cache(partial(matrix, x))

    def entry(*i: sp.Expr) -> sp.Expr:
        return function(at(i[:lead]), *i[lead:])

    return GraphTensor(x.shape[: lead + places], entry)


def symmetric_part(x: GraphTensor) -> GraphTensor:
    """(X + Xᵀ)/2, by which torch differentiates functions of symmetric matrices."""
    return GraphTensor(x.shape, lambda *i: (x.entry(*i) + x.entry(*i[:-2], i[-1], i[-2])) / 2)


def _inner(what: str) -> GraphTensor:
    """Something that only torch's own backward passes read."""

    def refused(*_: sp.Expr) -> Any:
        raise NotTraceable(f"{what} has no formula here", "use what torch.linalg has instead")

    return GraphTensor((), refused)


def determinant(x: GraphTensor) -> Several:
    """det X, and torch's factors of X."""
    return each(x, Determinant, 0), _inner("a factor of LU"), _inner("a pivot")


def log_determinant(x: GraphTensor) -> Several:
    """The sign of det X and the logarithm of |det X|, and torch's factors of X."""
    det = each(x, Determinant, 0)
    size = elementwise(lambda d: sp.log(absolute(d)), det)
    return elementwise(sign, det), size, _inner("a factor of LU"), _inner("a pivot")


def inverse(x: GraphTensor, **_: Any) -> Several:
    """X⁻¹, and that all went well."""
    return each(x, Inverse), full(x.shape[:-2], 0)


def solution(a: GraphTensor, b: GraphTensor, *, left: bool = True, **_: Any) -> Several:
    """A⁻¹B, or BA⁻¹ unless `left`, for each matrix of a batch; torch's factors of A, and that all went well.

    `b` is a vector, or a batch of them, where torch takes it as such; batches are broadcast.
    """
    inverted = each(a, Inverse)
    own = 1 if b.ndim == 1 or b.shape == a.shape[:-1] else 2
    lead = broadcast_shape([a.shape[:-2], b.shape[: b.ndim - own]])
    inverses = broadcast_to(inverted, (*lead, *a.shape[-2:])).entry
    sides = broadcast_to(b, (*lead, *b.shape[b.ndim - own :]))

    def entry(*i: sp.Expr) -> sp.Expr:
        batch, (first, *rest) = i[: len(lead)], i[len(lead) :]

        def term(k: sp.Expr) -> sp.Expr:
            if left:
                return inverses(*batch, first, k) * sides.entry(*batch, k, *rest)
            return sides.entry(*batch, first, k) * inverses(*batch, k, *rest)

        return sum_over_index(a.shape[-1], term)

    return GraphTensor(sides.shape, entry), _inner("a factor of LU"), _inner("a pivot"), full(a.shape[:-2], 0)


def cholesky(x: GraphTensor, *, upper: bool = False, **_: Any) -> Several:
    """The lower triangular L with LLᵀ = X, or its transpose, and that all went well."""

    def factor(argument: Any, i: sp.Expr, j: sp.Expr) -> sp.Expr:
        return Cholesky(argument, *((j, i) if upper else (i, j)))

    return each(symmetric_part(x), factor), full(x.shape[:-2], 0)


def lower_factor(x: GraphTensor, upper: bool = False) -> GraphTensor:
    """The same by torch's older operator."""
    return cholesky(x, upper=upper)[0]


def inverse_by_cholesky(factor: GraphTensor, upper: bool = False) -> GraphTensor:
    """(LLᵀ)⁻¹ of a lower triangular L; of an upper triangular U, (UᵀU)⁻¹."""

    def entry(argument: Any, i: sp.Expr, j: sp.Expr) -> sp.Expr:
        def term(k: sp.Expr) -> sp.Expr:
            (a, b), (c, d) = ((i, k), (j, k)) if upper else ((k, i), (k, j))
            return Inverse(argument, a, b) * Inverse(argument, c, d)

        return sum_over_index(factor.shape[-1], term)

    return each(upper_triangle(factor) if upper else lower_triangle(factor), entry)


def eigenvalues(x: GraphTensor, *_: Any) -> Several:
    """The eigenvalues of a symmetric matrix in ascending order; the sign of an eigenvector is arbitrary."""
    return each(symmetric_part(x), Eigenvalue, 1), _inner("an eigenvector, of arbitrary sign,")


def singular_values(x: GraphTensor, *_: Any, **__: Any) -> Several:
    """The roots of the largest eigenvalues of XᵀX, in descending order; singular vectors have arbitrary signs."""
    rows, columns = x.shape[-2:]

    def squared(*i: sp.Expr) -> sp.Expr:
        *batch, a, b = i
        return sum_over_index(rows, lambda k: x.entry(*batch, k, a) * x.entry(*batch, k, b))

    products = GraphTensor((*x.shape[:-2], columns, columns), squared)
    values = each(products, lambda argument, k: sp.sqrt(Eigenvalue(argument, columns - 1 - k)), 1)
    vector = _inner("a singular vector, of arbitrary sign,")
    return vector, GraphTensor((*x.shape[:-2], sp.Min(rows, columns)), values.entry), vector


def exponential(x: GraphTensor) -> GraphTensor:
    """The matrix exponential."""
    if x.ndim > 2:
        raise NotTraceable("the exponential of a batch of matrices has no formula here", "call it on one matrix")
    return each(x, Exponential)


OPERATORS: dict[str, Operator] = {
    "_linalg_det": determinant,
    "_linalg_slogdet": log_determinant,
    "linalg_inv_ex": inverse,
    "_linalg_solve_ex": solution,
    "linalg_cholesky_ex": cholesky,
    "cholesky_inverse": inverse_by_cholesky,
    "cholesky": lower_factor,
    "_linalg_eigh": eigenvalues,
    "_linalg_svd": singular_values,
    "linalg_matrix_exp": exponential,
}
