"""How matrix functions and extrema over an index become array code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy.concrete.expr_with_limits import ExprWithLimits

from gradcheck.symbolic import matrix_functions
from gradcheck.symbolic.lowering import Lower, Lowering, Value
from gradcheck.symbolic.tensors import ArgMax, Determinant, Inverse, MatrixEntry, MatrixOf, MaxOver

Entry = Callable[[Lowering, str, Any], Value]

KERNEL_NAMES: dict[type[MatrixEntry], str] = {
    Inverse: "inverse",
    Determinant: "determinant",
    matrix_functions.Exponential: "exponential",
    matrix_functions.ExponentialSlope: "exponential_slope",
    matrix_functions.Sine: "sine",
    matrix_functions.SineSlope: "sine_slope",
    matrix_functions.Cosine: "cosine",
    matrix_functions.Cholesky: "cholesky",
    matrix_functions.Eigenvalue: "eigenvalues",
    matrix_functions.Eigenvector: "eigenvectors",
}
"""The kernel that computes each function of a whole matrix."""


def matrix_entry(entry: Entry) -> Lower:
    """Lower an entry of a matrix function: the function of the whole matrix once, then the entry by `entry`."""

    def lower(self: Lowering, expression: MatrixEntry) -> Value:
        matrix = expression.matrix
        argument = _whole(self, matrix) if isinstance(matrix, MatrixOf) else str(matrix.label)
        name = self.once(f"{KERNEL_NAMES[type(expression)]}({argument})")
        return entry(self, name, expression.indices) if expression.indices else Value(name, ())

    return lower


def _whole(self: Lowering, matrix: MatrixOf) -> str:
    """Code for a matrix that is given by its entries."""
    _bind(self, matrix)
    value = self.lower(matrix.function)
    if not set(value.axes) <= set(matrix.bound_symbols):
        raise TypeError(f"a function of a batch of matrices has no array code: {matrix}")
    sizes = ", ".join(self.size(axis) for axis in matrix.bound_symbols)
    if set(value.axes) == set(matrix.bound_symbols):
        return self.once(self.align(value, matrix.bound_symbols))
    return self.once(f"expand({self.align(value, matrix.bound_symbols)}, ({sizes}), {self.like})")


def _bind(self: Lowering, expression: ExprWithLimits) -> None:
    self.ranges.update({bound: upper + 1 for bound, _, upper in expression.limits})


def extremum(kernel: str) -> Lower:
    """Lower the largest value over one index, or where it stands."""

    def lower(self: Lowering, expression: MaxOver | ArgMax) -> Value:
        _bind(self, expression)
        (bound,) = expression.bound_symbols
        body = self.lower(expression.function)
        axes = tuple(axis for axis in body.axes if axis != bound)
        return self.assign(f"{kernel}({self.align(body, (*axes, bound))})", axes)

    return lower
