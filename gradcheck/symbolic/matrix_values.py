"""Matrix functions to 40 digits, by mpmath's own algorithms."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import mpmath as mp

from gradcheck.symbolic import matrix_functions
from gradcheck.symbolic.tensors import Determinant, Inverse, MatrixEntry

Matrix = Any
Position = tuple[int, ...]


def matrix_value(kind: Any, matrix: Matrix, position: Position) -> Any:
    """An entry of a function of a matrix; the whole function is remembered for the other entries."""
    entries = tuple(matrix[i, j] for i in range(matrix.rows) for j in range(matrix.cols))
    if kind in SLOPES:
        i, j, a, b = position
        return _slope(kind, entries, (a, b), mp.mp.dps)[i, j]
    whole = _whole(kind, entries, mp.mp.dps)
    return whole[position] if position else whole


@lru_cache(maxsize=256)
def _whole(kind: Any, entries: tuple[Any, ...], _: int) -> Any:
    return FUNCTIONS[kind](_square(entries))


@lru_cache(maxsize=256)
def _slope(kind: Any, entries: tuple[Any, ...], entry: Position, digits: int) -> Matrix:
    """The derivative of f(X) by one entry, as the difference of f over a step that costs half of the digits."""
    with mp.workdps(3 * digits):
        size = mp.mpf(10) ** -digits
        ahead, behind = (_square(entries), _square(entries))
        ahead[entry] += size
        behind[entry] -= size
        return (SLOPES[kind](ahead) - SLOPES[kind](behind)) / (2 * size)


def _square(entries: tuple[Any, ...]) -> Matrix:
    n = round(len(entries) ** 0.5)
    return mp.matrix([entries[i * n : i * n + n] for i in range(n)])


def _eigenvalues(x: Matrix) -> Any:
    return _as_mapping(mp.eigsy(x, eigvals_only=True))


def _as_mapping(values: Any) -> dict[Position, Any]:
    return {(k,): values[k] for k in range(len(values))}


FUNCTIONS: dict[type[MatrixEntry], Callable[[Matrix], Any]] = {
    Inverse: mp.inverse,
    Determinant: mp.det,
    matrix_functions.Exponential: mp.expm,
    matrix_functions.Sine: mp.sinm,
    matrix_functions.Cosine: mp.cosm,
    matrix_functions.Cholesky: mp.cholesky,
    matrix_functions.Eigenvalue: _eigenvalues,
    matrix_functions.Eigenvector: lambda x: mp.eigsy(x)[1],
}

SLOPES: dict[type[MatrixEntry], Callable[[Matrix], Matrix]] = {
    matrix_functions.ExponentialSlope: mp.expm,
    matrix_functions.SineSlope: mp.sinm,
}
