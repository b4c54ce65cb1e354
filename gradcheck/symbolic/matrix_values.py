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
    frozen = mp.matrix(matrix)
    entries = tuple(frozen[i, j] for i in range(frozen.rows) for j in range(frozen.cols))
    whole = _whole(kind, entries, mp.mp.dps) if kind not in SLOPES else None
    if whole is not None:
        return whole[position] if position else whole
    return _slope(SLOPES[kind], frozen, position)


@lru_cache(maxsize=256)
def _whole(kind: Any, entries: tuple[Any, ...], _: int) -> Any:
    n = round(len(entries) ** 0.5)
    return FUNCTIONS[kind](mp.matrix([entries[i * n : i * n + n] for i in range(n)]))


def _slope(function: Callable[[Matrix], Matrix], x: Matrix, position: Position) -> Any:
    """The derivative of f(X)_ij by X_ab, as the difference of f over a step that costs half of the digits."""
    i, j, a, b = position
    with mp.workdps(3 * mp.mp.dps):
        size = mp.mpf(10) ** (-mp.mp.dps // 3)
        moved = [mp.matrix(x), mp.matrix(x)]
        for sign, each in zip((1, -1), moved, strict=True):
            each[a, b] += sign * size
        ahead, behind = map(function, moved)
        return (ahead[i, j] - behind[i, j]) / (2 * size)


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
