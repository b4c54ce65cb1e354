"""Arrays by their entries: what an operator or a function of whole arrays says of one entry of its result.

An array has at most two axes and broadcasts as in NumPy: shapes are aligned at their last axis. Every sum binds an
index of its own, each time an entry is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import sympy as sp

from gradcheck.symbolic import tensors
from gradcheck.symbolic.compile import Variable, variable_shape
from gradcheck.symbolic.tensors import Determinant, Inverse, MatrixOf, delta, matrix_of, sum_over

Size: TypeAlias = sp.Expr
PLACES = {1: ("entries",), 2: ("rows", "columns")}
"""What the axes of an array are called."""


class ShapeClash(Exception):
    """Arrays whose shapes do not fit; the message says which axes."""


@dataclass(frozen=True)
class Array:
    """The entry at some indices, one for each size in `shape`; `written` is how an error calls it."""

    shape: tuple[Size, ...]
    entry: Callable[..., sp.Expr]
    written: str = ""
    name: Variable | None = None

    def axis(self, place: int) -> str:
        """The size at a place, in words: X has columns n."""
        return f"{self.written} has {PLACES[len(self.shape)][place]} {self.shape[place]}"

    def needs(self, axes: int) -> None:
        """Raise ShapeClash unless the array has so many axes."""
        if len(self.shape) != axes:
            wanted = ("a scalar", "a vector", "a matrix")[axes]
            raise ShapeClash(f"{self.written} is {described(self)}, where {wanted} is needed")

    def square(self) -> Size:
        """The number of rows of a square matrix; raises ShapeClash for anything else."""
        self.needs(2)
        rows, columns = self.shape
        if rows != columns:
            raise ShapeClash(f"{self.written} has rows {rows} and columns {columns}, where a square matrix is needed")
        return rows


def described(array: Array) -> str:
    """In words: a matrix m by n."""
    sizes = " by ".join(map(str, array.shape))
    return ("a scalar", f"a vector of {sizes}", f"a matrix {sizes}")[len(array.shape)]


def scalar(value: sp.Expr) -> Array:
    """A number."""
    return Array((), lambda: value)


def variable(given: Variable) -> Array:
    """A variable."""
    shape = variable_shape(given)
    return Array(shape, (lambda *indices: given[indices]) if shape else lambda: given, name=given)


def entrywise(function: Callable[..., sp.Expr], *arrays: Array) -> Array:
    """A function of entries, broadcast as in NumPy."""
    shape = arrays[0].shape
    for array in arrays[1:]:
        shape = max(shape, array.shape, key=len)
    for array in arrays:
        _check_broadcast(array, max(arrays, key=lambda each: len(each.shape)))

    def entry(*indices: sp.Expr) -> sp.Expr:
        return function(*(array.entry(*indices[len(indices) - len(array.shape) :]) for array in arrays))

    return Array(shape, entry)


def _check_broadcast(array: Array, largest: Array) -> None:
    for place in range(-1, -1 - len(array.shape), -1):
        if array.shape[place] != largest.shape[place]:
            hint = "; shapes are aligned at their last axis" if len(array.shape) != len(largest.shape) else ""
            raise ShapeClash(f"{largest.axis(place)}, {array.axis(place)}{hint}")


def product(left: Array, right: Array) -> Array:
    """The matrix product, of vectors the inner product."""
    for side in (left, right):
        if not side.shape:
            raise ShapeClash(f"{side.written} is a scalar; write * for a multiple")
    inner = len(right.shape) - 2 if len(right.shape) == 2 else 0
    if left.shape[-1] != right.shape[inner]:
        place = "rows" if len(left.shape) == 2 or len(right.shape) == 2 else "entries"
        first = f"{left.written} has {'columns' if place == 'rows' else place} {left.shape[-1]}"
        raise ShapeClash(f"{first}, {right.written} has {place} {right.shape[inner]}")
    outer = len(left.shape) - 1

    def entry(*indices: sp.Expr) -> sp.Expr:
        rows, columns = indices[:outer], indices[outer:]
        return sum_over(left.shape[-1], lambda k: left.entry(*rows, k) * right.entry(k, *columns))

    return Array(left.shape[:-1] + right.shape[1:], entry)


def transposed(array: Array) -> Array:
    """The transpose; of a vector, the vector, as in NumPy."""
    if len(array.shape) < 2:
        return array
    return Array(array.shape[::-1], lambda row, column: array.entry(column, row))


def total(array: Array, axis: int | None = None) -> Array:
    """The sum of all entries, or along one axis."""
    return _reduced(array, axis, sum_over)


def mean(array: Array, axis: int | None = None) -> Array:
    """The mean of all entries, or along one axis."""
    return _reduced(array, axis, tensors.mean_over)


def logsumexp(array: Array, axis: int | None = -1) -> Array:
    """The logarithm of the sum of exponentials along an axis, the last one unless given."""
    return _reduced(array, axis, tensors.logsumexp)


Over = Callable[[Size, Callable[[sp.Dummy], sp.Expr]], sp.Expr]


def _reduced(array: Array, axis: int | None, over: Over) -> Array:
    if axis is None:
        result = array
        while result.shape:
            result = _reduced(result, -1, over)
        return result
    place = _place(array, axis)
    rest = array.shape[:place] + array.shape[place + 1 :]
    return Array(
        rest,
        lambda *indices: over(array.shape[place], lambda k: array.entry(*indices[:place], k, *indices[place:])),
    )


def _place(array: Array, axis: int) -> int:
    count = len(array.shape)
    if not -count <= axis < count:
        raise ShapeClash(f"{array.written} is {described(array)}, it has no axis {axis}")
    return axis % count


def softmax(array: Array, axis: int = -1) -> Array:
    """The softmax along an axis, the last one unless given."""
    return _normalised(array, axis, sp.exp)


def log_softmax(array: Array, axis: int = -1) -> Array:
    """The logarithm of the softmax along an axis, the last one unless given."""
    return _normalised(array, axis, lambda logit: logit)


def _normalised(array: Array, axis: int, function: Callable[[sp.Expr], sp.Expr]) -> Array:
    place = _place(array, axis)
    normaliser = logsumexp(array, place)

    def entry(*indices: sp.Expr) -> sp.Expr:
        others = indices[:place] + indices[place + 1 :]
        return function(array.entry(*indices) - normaliser.entry(*others))

    return Array(array.shape, entry)


def norm(array: Array) -> Array:
    """The Euclidean norm of a vector, the Frobenius norm of a matrix."""
    if not array.shape:
        array.needs(1)
    return entrywise(sp.sqrt, total(entrywise(lambda x: x**2, array)))


def trace(array: Array) -> Array:
    """The sum of the diagonal of a square matrix."""
    size = array.square()
    return Array((), lambda: sum_over(size, lambda k: array.entry(k, k)))


def diag(array: Array) -> Array:
    """The diagonal matrix of a vector, the diagonal of a square matrix."""
    if len(array.shape) == 2:
        return Array((array.square(),), lambda k: array.entry(k, k))
    array.needs(1)
    return Array(array.shape * 2, lambda row, column: delta(row, column) * array.entry(row))


def dot(left: Array, right: Array) -> Array:
    """The inner product of two vectors."""
    left.needs(1)
    right.needs(1)
    return product(left, right)


def outer(left: Array, right: Array) -> Array:
    """The matrix of all products of two vectors' entries."""
    left.needs(1)
    right.needs(1)
    return Array(left.shape + right.shape, lambda row, column: left.entry(row) * right.entry(column))


def inverse(array: Array) -> Array:
    """The inverse of a square matrix."""
    return Array((array.square(),) * 2, lambda row, column: Inverse(_matrix(array), row, column))


def determinant(array: Array) -> Array:
    """The determinant of a square matrix."""
    array.square()
    return Array((), lambda: Determinant(_matrix(array)))


def log_determinant(array: Array) -> Array:
    """The logarithm of the determinant of a square matrix."""
    return entrywise(sp.log, determinant(array))


def _matrix(array: Array) -> sp.IndexedBase | MatrixOf:
    return array.name if array.name is not None else matrix_of(array.shape[0], array.entry)


def eye(size: Size) -> Array:
    """The identity matrix."""
    return Array((size, size), delta)


def ones(*sizes: Size) -> Array:
    """A vector or matrix of ones."""
    return Array(sizes, lambda *_: sp.S.One)
