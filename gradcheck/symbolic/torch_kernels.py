"""What compiled code for torch calls, under the names of the kernels for NumPy."""

from __future__ import annotations

import math
from typing import Any

import torch

from gradcheck.symbolic.kernels import INDEX_KERNELS, SAME_NAME, Kernels
from gradcheck.symbolic.matrix_kernels import matrix_torch

TORCH_NAMES = ("sigmoid", "relu", "sign", "erf", "erfc", "erfinv", "einsum", "permute")
"""Kernels that torch has as they are."""
SPECIAL_NAMES = ("log_ndtr", "ndtri", "erfcx", "bessel_i0", "bessel_i1")
"""Kernels of torch.special, which calls the Bessel functions i0 and i1."""
ROUNDINGS = {-1: torch.floor, 0: torch.round, 1: torch.ceil, 2: torch.trunc}


def _clip(x: Any, bound: Any) -> Any:
    return torch.where(x.abs() <= bound, x, bound * torch.sign(x))


def _huber(x: Any, bound: Any) -> Any:
    return torch.where(x.abs() <= bound, x * x / 2, bound * (x.abs() - bound / 2))


def _polygamma(order: Any, x: Any) -> Any:
    """By the zeta function: `torch.polygamma(1, x)` is right to nine digits only."""
    if order == 0:
        return torch.digamma(x)
    return (-1) ** (int(order) + 1) * math.factorial(int(order)) * torch.special.zeta(int(order) + 1, x)


def _expand(value: Any, shape: tuple[int, ...], like: Any) -> Any:
    number = not isinstance(value, torch.Tensor)
    value = torch.as_tensor(value, dtype=torch.float64 if number else None, device=like.device)
    kept = not number and (value.is_floating_point() or value.is_complex())
    dtype = value.dtype if kept else like.dtype
    return torch.broadcast_to(value, shape).to(dtype).clone()


def _add_to_diagonal(matrix: Any, diagonal: Any) -> Any:
    matrix.diagonal().add_(diagonal)
    return matrix


def _choose(condition: Any, a: Any, b: Any, like: Any) -> Any:
    whole = any(isinstance(value, torch.Tensor) and value.dtype == torch.int64 for value in (a, b))
    types = {int: torch.int64 if whole else like.dtype, float: like.dtype}
    a, b = (
        value
        if isinstance(value, torch.Tensor)
        else torch.tensor(value, dtype=types.get(type(value), like.dtype), device=like.device)
        for value in (a, b)
    )
    return torch.where(torch.as_tensor(condition, device=like.device), a, b)


TORCH: Kernels = {
    **INDEX_KERNELS,
    **{name: getattr(torch, name) for name in (*SAME_NAME, *TORCH_NAMES)},
    "loggamma": torch.lgamma,
    "polygamma": _polygamma,
    "Rounded": lambda x, direction: ROUNDINGS[int(direction)](x),
    **{name: getattr(torch.special, name.removeprefix("bessel_")) for name in SPECIAL_NAMES},
    "choose": _choose,
    "real": torch.real,
    "softplus": lambda x: torch.logaddexp(x, torch.zeros_like(x)),
    "step": lambda x: (x > 0).to(x.dtype),
    "absolute": torch.abs,
    "clip": _clip,
    "huber": _huber,
    "held": lambda x: x.detach(),
    "maximum_over": lambda x, axis: torch.amax(x, dim=axis),
    "identity": lambda n, like: torch.eye(n, dtype=like.dtype, device=like.device),
    "positions": lambda n, like: torch.arange(n, device=like.device),
    "equal": lambda i, j, like: torch.eq(torch.as_tensor(i, device=like.device), j).to(like.dtype),
    "expand": _expand,
    "place_diagonal": torch.diag,
    "add_to_diagonal": _add_to_diagonal,
    **matrix_torch(),
    "largest": lambda x: torch.max(x, dim=-1).values,
    "product": lambda x: torch.prod(x, dim=-1),
    "position_of_largest": lambda x: torch.argmax(x, dim=-1),
    "as_index": lambda index: torch.as_tensor(index).long(),
    "as_array": torch.as_tensor,
    "as_real": lambda x, like: x.to(like.dtype),
    "sum": lambda x, axis: torch.sum(x, dim=axis),
}
