"""Operators whose own kernels do not take symbolic sizes, and functions that look at values, composed of others."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch

from gradcheck.symbolic.graphs.gates import CELLS
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


def distance(x: torch.Tensor, y: torch.Tensor, p: float = 2) -> torch.Tensor:
    """The norm of the difference of all entries."""
    return torch.linalg.vector_norm(x - y, p)


def narrowed(x: torch.Tensor, dim: int, start: Any, length: Any) -> torch.Tensor:
    """So many places of an axis."""
    return aten.slice.Tensor(x, dim, start, start + length)


COMPOSITIONS: dict[Any, Callable[..., Any]] = {
    aten.constant_pad_nd.default: padded,
    aten._trilinear.default: trilinear,
    aten.addbmm.default: plus_sum_of_products,
    aten.linalg_solve_triangular.default: triangular_solution,
    aten.cholesky_solve.default: solution_by_cholesky,
    aten.rrelu_with_noise.default: leaky,
    aten.dist.default: distance,
    aten.narrow_copy.default: narrowed,
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


def taken_along(x: torch.Tensor, indices: torch.Tensor, dim: int | None = None) -> torch.Tensor:
    """The places of one axis that indices name, for each place of the others, which are broadcast.

    As torch does it, an index beyond the axis counts on from its start.
    """
    if dim is None:
        return x.reshape(-1).gather(0, indices.reshape(-1).remainder(x.numel()))
    axis = dim % x.ndim
    one = [*x.shape[:axis], 1, *x.shape[axis + 1 :]]
    other = [*indices.shape[:axis], 1, *indices.shape[axis + 1 :]]
    wide = list(torch.broadcast_shapes(one, other))
    own = [*wide[:axis], x.shape[axis], *wide[axis + 1 :]]
    places = indices.expand([*wide[:axis], indices.shape[axis], *wide[axis + 1 :]])
    return x.expand(own).gather(axis, places.remainder(x.shape[axis]))


def kronecker_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Each entry of the first times the second."""
    ndim = max(a.ndim, b.ndim)
    rows, columns = ([1] * (ndim - x.ndim) + list(x.shape) for x in (a, b))
    left = a.reshape([size for n in rows for size in (n, 1)])
    right = b.reshape([size for n in columns for size in (1, n)])
    return (left * right).reshape([n * m for n, m in zip(rows, columns, strict=True)])


def covariance(x: torch.Tensor, *, correction: int = 1, fweights: Any = None, aweights: Any = None) -> torch.Tensor:
    """The covariances of rows; torch itself looks whether there are enough columns. Weights are left to it."""
    if fweights is not None or aweights is not None:
        return torch.cov(x, correction=correction, fweights=fweights, aweights=aweights)
    rows = x.reshape(1, -1) if x.ndim < 2 else x
    centred = rows - rows.mean(1, keepdim=True)
    found = centred @ centred.mT / (rows.shape[1] - correction)
    return found.reshape(()) if x.ndim < 2 else found


def correlation(x: torch.Tensor) -> torch.Tensor:
    """The covariances over both deviations, kept within -1 and 1."""
    found = covariance(x)
    if x.ndim < 2:
        return found / found
    deviations = found.diagonal().sqrt()
    return (found / deviations[:, None] / deviations).clamp(-1, 1)


def bags(indices: torch.Tensor, weight: torch.Tensor, offsets: Any = None, **options: Any) -> torch.Tensor:
    """The sum, mean or maximum of the rows that each row of indices names; what else there is, is left to torch."""
    mode, factors = options.get("mode", "mean"), options.get("per_sample_weights")
    others = (options.get(name) for name in ("max_norm", "padding_idx"))
    if indices.ndim != 2 or any(each is not None for each in others) or options.get("scale_grad_by_freq"):
        return torch.nn.functional.embedding_bag(indices, weight, offsets, **options)
    rows = torch.nn.functional.embedding(indices, weight)
    rows = rows if factors is None else rows * factors[..., None]
    return rows.sum(1) if mode == "sum" else rows.mean(1) if mode == "mean" else rows.max(1).values


FUNCTIONS: dict[Any, Callable[..., Any]] = {
    torch.nn.functional.gaussian_nll_loss: gaussian_nll,
    torch.nn.functional.embedding_bag: bags,
    torch.nn.functional.max_pool1d: max_pool1d,
    torch.max_pool1d: max_pool1d,
    **dict.fromkeys((torch.take_along_dim, torch.Tensor.take_along_dim), taken_along),
    **dict.fromkeys((torch.kron, torch.Tensor.kron), kronecker_product),
    **dict.fromkeys((torch.cov, torch.Tensor.cov), covariance),
    **dict.fromkeys((torch.corrcoef, torch.Tensor.corrcoef), correlation),
    torch.Tensor.__getitem__: selected,
    **CELLS,
}
"""torch's Python functions that look at values, or fix sizes, and what they compute where they accept them."""
