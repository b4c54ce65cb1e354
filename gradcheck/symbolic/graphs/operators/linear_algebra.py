"""Functions of whole matrices: determinants, inverses, solutions, factors, eigenvalues, the exponential."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from gradcheck.symbolic.functions import absolute, sign
from gradcheck.symbolic.graphs.indices import Index, sum_over_index
from gradcheck.symbolic.graphs.operators import Operator
from gradcheck.symbolic.graphs.operators.creation import number
from gradcheck.symbolic.graphs.operators.parts import lower_triangle, upper_triangle
from gradcheck.symbolic.graphs.refusals import NotTraceable
from gradcheck.symbolic.graphs.tensors import GraphTensor
from gradcheck.symbolic.matrix_functions import Cholesky, Eigenvalue, Exponential
from gradcheck.symbolic.tensors import Determinant, Inverse, MatrixOf

Several = tuple[GraphTensor, ...]
ONE_MATRIX: tuple[str, str] = (
    "a function of a batch of matrices has no formula here",
    "call it on one matrix",
)


def matrix(x: GraphTensor) -> Any:
    """The square matrix as an argument of matrix functions: a variable by its name, else by its entries."""
    if x.ndim != 2:
        raise NotTraceable(*ONE_MATRIX)
    row, column = Index(x.shape[0], "r"), Index(x.shape[1], "c")
    entry = x.entry(row, column)
    if isinstance(entry, sp.Indexed) and entry.indices == (row, column) and entry.shape == x.shape:
        return entry.base
    return MatrixOf(entry, (row, 0, x.shape[0] - 1), (column, 0, x.shape[1] - 1))


def symmetric_part(x: GraphTensor) -> GraphTensor:
    """(X + Xᵀ)/2, by which torch differentiates functions of symmetric matrices."""
    return GraphTensor(x.shape, lambda i, j: (x.entry(i, j) + x.entry(j, i)) / 2)


def _scalar(value: sp.Expr) -> GraphTensor:
    return GraphTensor((), lambda: value)


def _inner(what: str) -> GraphTensor:
    """Something that only torch's own backward passes read."""

    def refused(*_: sp.Expr) -> Any:
        raise NotTraceable(f"{what} has no formula here", "use what torch.linalg has instead")

    return GraphTensor((), refused)


def determinant(x: GraphTensor) -> Several:
    """det X, and torch's factors of X."""
    return _scalar(Determinant(matrix(x))), _inner("a factor of LU"), _inner("a pivot")


def log_determinant(x: GraphTensor) -> Several:
    """The sign of det X and the logarithm of |det X|, and torch's factors of X."""
    det = Determinant(matrix(x))
    return _scalar(sign(det)), _scalar(sp.log(absolute(det))), _inner("a factor of LU"), _inner("a pivot")


def inverse(x: GraphTensor, **_: Any) -> Several:
    """X⁻¹, and that all went well."""
    argument = matrix(x)
    return GraphTensor(x.shape, lambda i, j: Inverse(argument, i, j)), number(0)


def solution(a: GraphTensor, b: GraphTensor, *, left: bool = True, **_: Any) -> Several:
    """A⁻¹B, or BA⁻¹ unless `left`; torch's factors of A, and that all went well."""
    argument = matrix(a)
    product = _solved(lambda i, j: Inverse(argument, i, j), a.shape[0], b, left)
    return product, _inner("a factor of LU"), _inner("a pivot"), number(0)


def _solved(inverted: Callable[..., sp.Expr], size: sp.Expr, b: GraphTensor, left: bool) -> GraphTensor:
    def entry(*i: sp.Expr) -> sp.Expr:
        if left:
            return sum_over_index(size, lambda k: inverted(i[0], k) * b.entry(k, *i[1:]))
        return sum_over_index(size, lambda k: b.entry(*i[:-1], k) * inverted(k, i[-1]))

    if b.ndim > 2:
        raise NotTraceable(*ONE_MATRIX)
    return GraphTensor(b.shape, entry)


def cholesky(x: GraphTensor, *, upper: bool = False, **_: Any) -> Several:
    """The lower triangular L with LLᵀ = X, or its transpose, and that all went well."""
    argument = matrix(symmetric_part(x))
    return GraphTensor(x.shape, lambda i, j: Cholesky(argument, *((j, i) if upper else (i, j)))), number(0)


def inverse_by_cholesky(factor: GraphTensor, upper: bool = False) -> GraphTensor:
    """(LLᵀ)⁻¹ of a lower triangular L; of an upper triangular U, (UᵀU)⁻¹."""
    argument = matrix(upper_triangle(factor) if upper else lower_triangle(factor))

    def entry(i: sp.Expr, j: sp.Expr) -> sp.Expr:
        def term(k: sp.Expr) -> sp.Expr:
            (a, b), (c, d) = ((i, k), (j, k)) if upper else ((k, i), (k, j))
            return Inverse(argument, a, b) * Inverse(argument, c, d)

        return sum_over_index(factor.shape[0], term)

    return GraphTensor(factor.shape, entry)


def eigenvalues(x: GraphTensor, *_: Any) -> Several:
    """The eigenvalues of a symmetric matrix in ascending order; the sign of an eigenvector is arbitrary."""
    argument = matrix(symmetric_part(x))
    return GraphTensor(x.shape[:1], lambda k: Eigenvalue(argument, k)), _inner("an eigenvector, of arbitrary sign,")


def exponential(x: GraphTensor) -> GraphTensor:
    """The matrix exponential."""
    argument = matrix(x)
    return GraphTensor(x.shape, lambda i, j: Exponential(argument, i, j))


OPERATORS: dict[str, Operator] = {
    "_linalg_det": determinant,
    "_linalg_slogdet": log_determinant,
    "linalg_inv_ex": inverse,
    "_linalg_solve_ex": solution,
    "linalg_cholesky_ex": cholesky,
    "cholesky_inverse": inverse_by_cholesky,
    "_linalg_eigh": eigenvalues,
    "linalg_matrix_exp": exponential,
}
