"""Random directions of inputs and outputs, kept away from 0, in proportion to each entry's own size."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from gradcheck.checking.evaluation.large_direction import BLOCK, LargeDirection
from gradcheck.checking.evaluation.movement import Partial, Whole
from gradcheck.checking.evaluation.torch_function import LARGE, Tensors

SMALLEST = 1e-12
"""An entry is moved in proportion to its own size, but at least to this fraction of its tensor's typical entry."""

FLOOR = 0.3
"""Directions keep this far from 0, so that no entry escapes a probe."""


def directions(tensors: Sequence[torch.Tensor], generator: torch.Generator) -> Tensors:
    """Random tensors of the same shapes, in double precision, symmetric about 0 and kept away from it."""
    return [_random(tensor, generator) for tensor in tensors]


def input_directions(values: Sequence[torch.Tensor], generator: torch.Generator) -> Whole:
    """Directions in which each entry moves in proportion to its own size."""
    return [_input_direction(x, generator) for x in values]


def _input_direction(x: torch.Tensor, generator: torch.Generator) -> torch.Tensor | LargeDirection:
    if _is_plain(x):
        return LargeDirection.along(_proportions(x), *_factors(x, generator))
    return _random(x, generator).mul_(_proportions(x))


def _is_plain(x: torch.Tensor) -> bool:
    """Whether a tensor is large, and its entries are stored in a row in double precision."""
    return x.numel() > LARGE and x.dtype is torch.float64 and x.is_contiguous()


def _proportions(x: torch.Tensor) -> torch.Tensor:
    """The entries' sizes, or the entries themselves where their signs do not matter and a pass over memory does."""
    return x if x.numel() > LARGE and torch.count_nonzero(x) == x.numel() else entry_sizes(x)


def dense(direction: torch.Tensor | Partial, shape: torch.Size) -> torch.Tensor:
    """The direction of one tensor as a tensor of its shape."""
    return direction if isinstance(direction, torch.Tensor) else direction.dense(shape)


def aligned(u: Whole, gradient: Sequence[torch.Tensor | None]) -> Whole:
    """The directions with the gradient's signs: no terms of the product cancel, so that a factor on it stands out."""
    pairs = zip(u, gradient, strict=True)
    return [part if g is None else _with_signs(dense(part, g.shape), g) for part, g in pairs]


def _with_signs(u: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
    if not u.is_complex():
        return torch.copysign(u, gradient.detach().to(u.dtype))
    pairs = (torch.view_as_real(x.detach().resolve_conj().to(u.dtype)) for x in (u, gradient))
    return torch.view_as_complex(torch.copysign(*pairs))


def _random(tensor: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Gaussian entries; in a large tensor products of two of them."""
    if tensor.numel() <= LARGE or tensor.is_complex():
        wide = torch.complex128 if tensor.is_complex() else torch.float64
        return _away_from_zero(torch.randn(tensor.shape, generator=generator, dtype=wide)).to(tensor.device)
    return torch.outer(*_factors(tensor, generator)).reshape(-1)[: tensor.numel()].reshape(tensor.shape)


def _factors(tensor: torch.Tensor, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Two random vectors whose products are a large tensor's direction."""
    heads, cycle = (
        _away_from_zero(torch.randn(n, generator=generator, dtype=torch.float64)).to(tensor.device)
        for n in (-(-tensor.numel() // BLOCK), BLOCK)
    )
    return heads, cycle


def _away_from_zero(direction: torch.Tensor) -> torch.Tensor:
    parts = torch.view_as_real(direction) if direction.is_complex() else direction
    parts.add_(parts.sign(), alpha=FLOOR)
    return direction


def entry_sizes(x: torch.Tensor) -> torch.Tensor:
    """For each entry the distance over which a function of it is expected to change: its own size.

    An entry that is exactly 0 has none and takes its tensor's typical one; so it is seen like the others.
    """
    sizes = x.abs().double()
    if sizes.numel():
        smallest, largest = (float(bound) for bound in sizes.aminmax())
        if smallest > SMALLEST * largest:
            return sizes
    typical = float(torch.linalg.vector_norm(sizes)) / math.sqrt(x.numel() or 1)
    if not typical:
        return torch.ones_like(sizes)
    return torch.where(sizes == 0, typical, sizes.clamp(min=SMALLEST * typical))


def entry_size(x: torch.Tensor, entry: int) -> float:
    """`entry_sizes` of one entry, counted flat, without the others' being kept.

    >>> x = torch.tensor([3.0, 0.0, 1e-20, -4.0])
    >>> all(entry_size(x, i) == size for i, size in enumerate(entry_sizes(x).tolist()))
    True
    """
    wide = x.detach().to(torch.complex128 if x.is_complex() else torch.float64)
    typical = float(torch.linalg.vector_norm(wide)) / math.sqrt(x.numel() or 1)
    own = abs(wide.reshape(-1)[entry].item())
    return max(own, SMALLEST * typical) if own else typical or 1.0


def cotangents(outputs: Sequence[torch.Tensor], generator: torch.Generator) -> Tensors:
    """Random directions of the outputs, in their own dtypes."""
    drawn = directions(outputs, generator)
    return [part.to(out.dtype) for part, out in zip(drawn, outputs, strict=True)]
