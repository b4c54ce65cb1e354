"""What compiled code calls: each elementary function for NumPy and for torch, stable wherever the result is finite.

The NumPy kernels decide branches by the real part, so that they also carry a complex step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcheck.symbolic.matrix_kernels import MATRIX_NUMPY

Kernels = dict[str, Callable[..., Any]]

INDEX_KERNELS: Kernels = {
    "Quotient": lambda index, size: index // size,
    "Remainder": lambda index, size: index % size,
    "Within": lambda index, size: min(max(index, 0), size - 1) if isinstance(index, int) else index.clip(0, size - 1),
}
"""Functions of whole positions, the same for NumPy and torch."""

SAME_NAME = (
    *("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh"),
    *("asin", "acos", "atan", "atan2", "asinh", "acosh", "atanh"),
)
"""Functions that SymPy, NumPy and torch call by the same name."""


FROM_TORCH = (
    *("erf", "erfc", "erfinv", "loggamma", "polygamma"),
    *("log_ndtr", "ndtri", "erfcx", "bessel_i0", "bessel_i1"),
)
"""Functions that NumPy lacks."""


def _sigmoid(x: Any) -> Any:
    negative = np.real(x) < 0
    decay = np.exp(np.where(negative, x, -x))
    return np.where(negative, decay, 1.0) / (1.0 + decay)


def _absolute(x: Any) -> Any:
    return np.where(np.real(x) < 0, -x, x)


def _relu(x: Any) -> Any:
    return np.where(np.real(x) <= 0, 0.0, x)


def _softplus(x: Any) -> Any:
    """Both terms take the same branch at 0, where their kinks cancel."""
    return np.where(np.real(x) < 0, 0.0, x) + np.log1p(np.exp(-_absolute(x)))


def _step(x: Any) -> Any:
    return np.heaviside(np.real(x), 0.0)


def _sign(x: Any) -> Any:
    return np.sign(np.real(x))


def _clip(x: Any, bound: Any) -> Any:
    return np.where(np.real(_absolute(x)) <= bound, x, bound * _sign(x))


def _huber(x: Any, bound: Any) -> Any:
    size = _absolute(x)
    return np.where(np.real(size) <= bound, x * x / 2, bound * (size - bound / 2))


def _from_torch(name: str) -> Callable[..., Any]:
    """A function that NumPy lacks; torch's is exact to rounding. There is none for complex arguments."""

    def kernel(*arguments: Any) -> Any:
        import torch

        if any(map(np.iscomplexobj, arguments)):
            raise TypeError(f"{name} has no complex kernel")
        return torch_kernels()[name](*map(torch.as_tensor, arguments)).numpy()

    return kernel


def _rounded(x: Any, direction: Any) -> Any:
    directions: dict[int, Callable[..., Any]] = {-1: np.floor, 0: np.round, 1: np.ceil, 2: np.trunc}
    return directions[int(direction)](np.real(x))


def _choose(condition: Any, a: Any, b: Any, like: Any) -> Any:
    """Plain numbers take the dtype of `like`; whole ones stay whole beside whole numbers, such as positions."""
    whole = any(np.asarray(value).dtype.kind == "i" for value in (a, b) if not isinstance(value, int | float))
    float_type = np.asarray(like).dtype.type
    types = {int: np.int64 if whole else float_type, float: float_type}
    return np.where(condition, *(types.get(type(value), np.asarray)(value) for value in (a, b)))


def _maximum_over(x: Any, axis: int) -> Any:
    return np.max(np.real(x), axis=axis)


def _largest(x: Any) -> Any:
    """Over the last axis, by the real part."""
    place = np.argmax(np.real(x), axis=-1, keepdims=True)
    return np.take_along_axis(x, place, axis=-1)[..., 0]


def _identity(n: int, like: Any) -> Any:
    return np.eye(n, dtype=np.asarray(like).dtype)


def _positions(n: int, _: Any) -> Any:
    return np.arange(n)


def _equal(i: Any, j: Any, like: Any) -> Any:
    return np.equal(i, j).astype(np.asarray(like).dtype)


def _expand(value: Any, shape: tuple[int, ...], like: Any) -> Any:
    """A writeable array of the shape, whatever the value lacks in axes."""
    number = isinstance(value, int | float) and not isinstance(value, np.generic)
    value = np.asarray(value)
    dtype = value.dtype if value.dtype.kind in "fc" and not number else np.asarray(like).dtype
    return np.array(np.broadcast_to(value, shape), dtype=dtype)


def _place_diagonal(diagonal: Any) -> Any:
    return np.diag(diagonal)


def _add_to_diagonal(matrix: Any, diagonal: Any) -> Any:
    """Adds in place: the matrix is a fresh intermediate."""
    np.einsum("ii->i", matrix)[...] += diagonal
    return matrix


def _einsum(subscripts: str, *operands: Any) -> Any:
    return np.einsum(subscripts, *operands, optimize=len(operands) > 1)


NUMPY: Kernels = {
    **INDEX_KERNELS,
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "step": _step,
    "relu": _relu,
    "sign": _sign,
    "absolute": _absolute,
    "clip": _clip,
    "huber": _huber,
    "held": lambda x: x,
    **{name: _from_torch(name) for name in FROM_TORCH},
    "Rounded": _rounded,
    "choose": _choose,
    "real": np.real,
    "maximum_over": _maximum_over,
    "identity": _identity,
    "positions": _positions,
    "equal": _equal,
    "expand": _expand,
    "place_diagonal": _place_diagonal,
    "add_to_diagonal": _add_to_diagonal,
    "einsum": _einsum,
    **MATRIX_NUMPY,
    "largest": _largest,
    "product": lambda x: np.prod(x, axis=-1),
    "position_of_largest": lambda x: np.argmax(np.real(x), axis=-1),
    "as_index": lambda index: np.asarray(index).astype(np.int64),
    "as_array": np.asarray,
    "as_real": lambda x, like: np.asarray(x).astype(np.asarray(like).dtype),
    **{name: getattr(np, name) for name in SAME_NAME},
    "sum": np.sum,
    "permute": np.transpose,
}


def torch_kernels() -> Kernels:
    """The same names for torch tensors; torch is imported with them, not with this module."""
    from gradcheck.symbolic.torch_kernels import TORCH

    return TORCH
