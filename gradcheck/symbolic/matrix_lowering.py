"""How matrix functions and extrema over an index become array code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy.concrete.expr_with_limits import ExprWithLimits

from gradcheck.symbolic import matrix_functions
from gradcheck.symbolic.lowering import Axes, Lower, Lowering, Value
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
    """Lower an entry of a matrix function: the function of the whole matrix once, then the entry by `entry`.

    Of a batch of matrices it is the function of all of them, whose first axes are the batch's.
    """

    def lower(self: Lowering, expression: MatrixEntry) -> Value:
        kernel, matrix = KERNEL_NAMES[type(expression)], expression.matrix
        argument, batch = _whole(self, matrix) if isinstance(matrix, MatrixOf) else (str(matrix.label), ())
        if batch and kernel.endswith("_slope"):
            raise TypeError(f"the slope of a function of a batch of matrices has no array code: {matrix}")
        name = self.once(f"{kernel}({argument})")
        return entry(self, name, (*batch, *expression.indices)) if expression.indices else Value(name, batch)

    return lower


def _whole(self: Lowering, matrix: MatrixOf) -> tuple[str, Axes]:
    """Code for a matrix that is given by its entries, or for a batch of them, and the axes of the batch."""
    _bind(self, matrix)
    value = self.lower(matrix.function)
    batch = tuple(axis for axis in value.axes if axis not in matrix.bound_symbols)
    axes = (*batch, *matrix.bound_symbols)
    sizes = ", ".join(self.size(axis) for axis in axes)
    if set(value.axes) == set(axes):
        return self.once(self.align(value, axes)), batch
    return self.once(f"expand({self.align(value, axes)}, ({sizes}), {self.like})"), batch


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
