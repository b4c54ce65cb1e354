"""Matrix notation over index notation: products, transposes, traces and inverses that write the index expressions.

`Matrix` objects are written as a textbook writes matrices; called with indices, one gives its entry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import matmul
from typing import Any

import sympy as sp

from gradcheck.symbolic.tensors import Determinant, Inverse, MatrixOf, delta, matrix_of, sum_over

Entry = Callable[[sp.Expr, sp.Expr], sp.Expr]


@dataclass(frozen=True)
class Matrix:
    """A matrix by its size and its entries; a vector is one column, a scalar 1 by 1.

    >>> from gradcheck.symbolic.tensors import dimension, tensor
    >>> m, n = dimension("m n")
    >>> X = matrix(tensor("X", m, n))
    >>> (X.T @ X)(0, 0).subs(m, 2).doit()
    X[0, 0]**2 + X[1, 0]**2
    """

    rows: sp.Expr
    columns: sp.Expr
    entry: Entry
    base: sp.IndexedBase | None = None

    def __call__(self, *indices: sp.Expr) -> sp.Expr:
        """The entry; a column needs its row alone, a scalar nothing."""
        i, j = (*indices, sp.S.Zero, sp.S.Zero)[:2]
        return self.entry(i, j)

    def __matmul__(self, other: Matrix) -> Matrix:
        if self.columns != other.rows:
            raise ValueError(f"{self.rows} x {self.columns} times {other.rows} x {other.columns}")
        if self.columns == 1:
            return Matrix(self.rows, other.columns, lambda i, j: self(i, 0) * other(0, j))
        inner = self.columns
        return Matrix(self.rows, other.columns, lambda i, j: sum_over(inner, lambda k: self(i, k) * other(k, j)))

    def __add__(self, other: Matrix) -> Matrix:
        if (self.rows, self.columns) != (other.rows, other.columns):
            raise ValueError(f"{self.rows} x {self.columns} plus {other.rows} x {other.columns}")
        return Matrix(self.rows, self.columns, lambda i, j: self(i, j) + other(i, j))

    def __sub__(self, other: Matrix) -> Matrix:
        return self + -other

    def __neg__(self) -> Matrix:
        return -1 * self

    def __rmul__(self, factor: Any) -> Matrix:
        return Matrix(self.rows, self.columns, lambda i, j: factor * self(i, j))

    def __truediv__(self, divisor: Any) -> Matrix:
        return Matrix(self.rows, self.columns, lambda i, j: self(i, j) / divisor)

    def __pow__(self, exponent: int) -> Matrix:
        return reduce(matmul, [self] * exponent) if exponent else identity_matrix(self.rows)

    @property
    def T(self) -> Matrix:
        """The transpose."""
        return Matrix(self.columns, self.rows, lambda i, j: self(j, i))

    @property
    def diagonal(self) -> Matrix:
        """The matrix with everything off its diagonal 0, A∘I."""
        return Matrix(self.rows, self.columns, lambda i, j: delta(i, j) * self(i, j))

    @cached_property
    def whole(self) -> sp.IndexedBase | MatrixOf:
        """What functions of the whole matrix take."""
        if self.rows != self.columns:
            raise ValueError(f"a square matrix is needed, not {self.rows} x {self.columns}")
        return matrix_of(self.rows, self.entry) if self.base is None else self.base

    @property
    def inverse(self) -> Matrix:
        """The inverse."""
        return self.apply(Inverse)

    def apply(self, function: Callable[..., sp.Expr]) -> Matrix:
        """The matrix of a function's entries `function(matrix, i, j)`."""
        return Matrix(self.rows, self.columns, lambda i, j: function(self.whole, i, j))


def matrix(base: sp.IndexedBase) -> Matrix:
    """A tensor of one or two axes as a matrix; one axis makes a column."""
    if len(base.shape) == 1:
        return Matrix(base.shape[0], sp.S.One, lambda i, _: base[i])
    rows, columns = base.shape
    return Matrix(rows, columns, lambda i, j: base[i, j], base)


def identity_matrix(size: sp.Expr) -> Matrix:
    """The identity matrix."""
    return Matrix(size, size, delta)


def single_entry(size: sp.Expr, row: sp.Expr, column: sp.Expr) -> Matrix:
    """The square matrix of zeros with a one at one place."""
    return Matrix(size, size, lambda r, s: delta(r, row) * delta(s, column))


def trace(square: Matrix) -> sp.Expr:
    """The sum of the diagonal."""
    if square.rows != square.columns:
        raise ValueError(f"a square matrix is needed, not {square.rows} x {square.columns}")
    return sum_over(square.rows, lambda k: square(k, k))


def det(square: Matrix) -> sp.Expr:
    """The determinant."""
    return Determinant(square.whole)


def norm(any_matrix: Matrix) -> sp.Expr:
    """The square root of the sum of the squared entries: Frobenius' norm, a vector's length."""
    if any_matrix.columns == 1:
        return sp.sqrt(sum_over(any_matrix.rows, lambda k: any_matrix(k) ** 2))
    rows, columns = any_matrix.rows, any_matrix.columns
    return sp.sqrt(sum_over(rows, lambda k: sum_over(columns, lambda r: any_matrix(k, r) ** 2)))
