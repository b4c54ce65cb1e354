"""Operators whose own kernels do not take symbolic sizes, and functions that look at values, composed of others."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch

from gradcheck.symbolic.graphs.selections import selected

aten = torch.ops.aten


def padded(x: torch.Tensor, pad: Sequence[int], value: float = 0) -> torch.Tensor:
    """A constant before and after along the last axes, from the last one on; a negative width cuts off."""
    for place, (before, after) in enumerate(zip(pad[::2], pad[1::2], strict=True)):
        axis = x.ndim - 1 - place
        x = aten.slice.Tensor(x, axis, max(-before, 0), x.shape[axis] - max(-after, 0))
        around = [_constant(x, axis, width, value) for width in (before, after)]
        x = torch.cat([*around[0], x, *around[1]], axis)
    return x


def _constant(x: torch.Tensor, axis: int, width: int, value: float) -> list[torch.Tensor]:
    return [x.new_full((*x.shape[:axis], width, *x.shape[axis + 1 :]), value)] if width > 0 else []


def trilinear(*arguments: Any) -> torch.Tensor:
    """The sum over axes of a product of three tensors, each with new axes of size 1."""
    *factors, axes = arguments[:7]
    tensors, new_axes = factors[:3], factors[3:]
    for place, news in enumerate(new_axes):
        for axis in news:
            tensors[place] = tensors[place].unsqueeze(axis)
    a, b, c = tensors
    return (a * b * c).sum(tuple(axes))


def plus_sum_of_products(
    c: torch.Tensor, a: torch.Tensor, b: torch.Tensor, *, beta: float = 1, alpha: float = 1
) -> torch.Tensor:
    """beta c + alpha Σ_b a_b b_b."""
    return beta * c + alpha * torch.bmm(a, b).sum(0)


def between(a: torch.Tensor, b: torch.Tensor, weight: Any) -> torch.Tensor:
    """a + weight (b - a)."""
    return aten.add.Tensor(a, aten.mul(aten.sub.Tensor(b, a), weight))


def leaky(x: torch.Tensor, _: torch.Tensor, lower: float, upper: float, training: bool = False, *__: Any) -> Any:
    """rrelu where it draws nothing: a leaky relu with the mean of the two slopes."""
    return NotImplemented if training else aten.leaky_relu(x, (lower + upper) / 2)


def triangular_solution(
    a: torch.Tensor, b: torch.Tensor, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> torch.Tensor:
    """The solution by one triangle of A alone, with ones on its diagonal if so asked."""
    inside = int(unitriangular)
    triangle = a.triu(inside) if upper else a.tril(-inside)
    whole = triangle + torch.eye(a.shape[-1], dtype=a.dtype) if unitriangular else triangle
    return torch.linalg.solve(whole, b, left=left)


def solution_by_cholesky(b: torch.Tensor, factor: torch.Tensor, upper: bool = False) -> torch.Tensor:
    """The solution by a matrix' triangular factor."""
    triangle = factor.triu() if upper else factor.tril()
    return torch.linalg.solve(triangle.mT @ triangle if upper else triangle @ triangle.mT, b)


COMPOSITIONS: dict[Any, Callable[..., Any]] = {
    aten.constant_pad_nd.default: padded,
    aten._trilinear.default: trilinear,
    aten.addbmm.default: plus_sum_of_products,
    aten.linalg_solve_triangular.default: triangular_solution,
    aten.cholesky_solve.default: solution_by_cholesky,
    aten.rrelu_with_noise.default: leaky,
    **dict.fromkeys((aten.lerp.Scalar, aten.lerp.Tensor), between),
}
"""Each operator, and what it is made of."""


def gaussian_nll(
    mean: torch.Tensor, y: torch.Tensor, var: Any, full: bool = False, eps: float = 1e-6, *, reduction: str = "mean"
) -> torch.Tensor:
    """(log v + (y - mean)²/v)/2; torch itself looks whether a variance is below 0, and raises those below `eps`."""
    del eps
    variance = torch.as_tensor(var, dtype=mean.dtype)
    if variance.ndim == mean.ndim - 1 > 0:
        variance = variance.unsqueeze(-1)
    loss = (torch.log(variance) + (y - mean) ** 2 / variance) / 2 + (math.log(2 * math.pi) / 2 if full else 0)
    return loss if reduction == "none" else loss.mean() if reduction == "mean" else loss.sum()


def max_pool1d(*arguments: Any, return_indices: bool = False, **keywords: Any) -> Any:
    """The largest entry of each window, by the function that also says where it stands: that one fixes no size."""
    found = torch.nn.functional.max_pool1d_with_indices(*arguments, **keywords)
    return found if return_indices else found[0]


FUNCTIONS: dict[Any, Callable[..., Any]] = {
    torch.nn.functional.gaussian_nll_loss: gaussian_nll,
    torch.nn.functional.max_pool1d: max_pool1d,
    torch.max_pool1d: max_pool1d,
    torch.Tensor.__getitem__: selected,
}
"""torch's Python functions that look at values, or fix sizes, and what they compute where they accept them."""
