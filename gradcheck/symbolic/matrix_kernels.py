"""Numbers of the matrix functions, for NumPy; torch's are made from torch's own."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, log2
from typing import Any

import numpy as np

TERMS = 18
"""Terms of the exponential's series: with a norm below 1/2 the next one is below a unit in the last place."""


def exponential(x: Any) -> Any:
    """The matrix exponential by scaling, Taylor's series and squaring; x may be complex, and may have batch axes."""
    norm = float(np.max(np.abs(x).sum(axis=-1), initial=0.0))
    halvings = max(0, ceil(log2(norm)) + 1) if norm > 0 else 0
    scaled = x / 2**halvings
    total = term = np.broadcast_to(np.eye(x.shape[-1], dtype=x.dtype), x.shape)
    for k in range(1, TERMS):
        term = term @ scaled / k
        total = total + term
    for _ in range(halvings):
        total = total @ total
    return total


def sine(x: Any) -> Any:
    """The matrix sine, of a real or a complex matrix."""
    n = x.shape[-1]
    return exponential(_rotation(x))[..., n:, :n]


def cosine(x: Any) -> Any:
    """The matrix cosine, of a real or a complex matrix."""
    n = x.shape[-1]
    return exponential(_rotation(x))[..., :n, :n]


def _rotation(x: Any) -> Any:
    """[[0, -X], [X, 0]], whose exponential is [[cos X, -sin X], [sin X, cos X]]: no product with i takes part."""
    zero = np.zeros_like(x)
    return np.concatenate([np.concatenate([zero, -x], axis=-1), np.concatenate([x, zero], axis=-1)], axis=-2)


def slope(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """∂f(X)_ij/∂X_ab with the axes (i, j, a, b): the upper right blocks of f([[X, E_ab], [0, X]])."""

    def slopes(x: Any) -> Any:
        n = x.shape[-1]
        blocks = np.zeros((n, n, 2 * n, 2 * n), dtype=x.dtype)
        blocks[:, :, :n, :n] = blocks[:, :, n:, n:] = x
        blocks[:, :, :n, n:] = np.eye(n * n).reshape(n, n, n, n)
        return np.moveaxis(function(blocks)[:, :, :n, n:], (0, 1), (2, 3))

    return slopes


def real_only(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function whose complex namesake is another one: it takes conjugates."""

    def on_real(x: Any) -> Any:
        if np.iscomplexobj(x):
            raise TypeError("a decomposition of a symmetric matrix has no complex kernel")
        return function(x)

    return on_real


MATRIX_NUMPY: dict[str, Callable[..., Any]] = {
    "inverse": np.linalg.inv,
    "determinant": np.linalg.det,
    "exponential": exponential,
    "exponential_slope": slope(exponential),
    "sine": sine,
    "sine_slope": slope(sine),
    "cosine": cosine,
    "cholesky": real_only(np.linalg.cholesky),
    "eigenvalues": real_only(np.linalg.eigvalsh),
    "eigenvectors": real_only(lambda x: np.linalg.eigh(x).eigenvectors),
}


def matrix_torch() -> dict[str, Callable[..., Any]]:
    """The same names for torch tensors."""
    import torch

    def on_numpy(kernel: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda x: torch.as_tensor(kernel(x.detach().cpu().numpy()), dtype=x.dtype, device=x.device)

    return {
        "inverse": torch.linalg.inv,
        "determinant": torch.linalg.det,
        "exponential": torch.matrix_exp,
        "cholesky": torch.linalg.cholesky,
        "eigenvalues": torch.linalg.eigvalsh,
        "eigenvectors": lambda x: torch.linalg.eigh(x).eigenvectors,
        **{name: on_numpy(MATRIX_NUMPY[name]) for name in ("exponential_slope", "sine", "sine_slope", "cosine")},
    }
