"""Random directions of inputs and outputs, kept away from 0, in proportion to each entry's own size."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from gradcheck.checking.torch_function import Tensors

SMALLEST = 1e-12
"""An entry is moved in proportion to its own size, but at least to this fraction of its tensor's typical entry."""

FLOOR = 0.3
"""Directions keep this far from 0, so that no entry escapes a probe."""

LARGE = 100_000
"""Tensors of more entries than this are worth saving passes over memory."""


def directions(tensors: Sequence[torch.Tensor], generator: torch.Generator) -> Tensors:
    """Random tensors of the same shapes, in double precision, symmetric about 0 and kept away from it."""
    return [_away_from_zero(_random(tensor, generator)) for tensor in tensors]


def input_directions(values: Sequence[torch.Tensor], generator: torch.Generator) -> Tensors:
    """Directions in which each entry moves in proportion to its own size."""
    return [u.mul_(entry_sizes(x)) for u, x in zip(directions(values, generator), values, strict=True)]


def _random(tensor: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Gaussian entries; uniform ones between -1 and 1 in a large tensor, where drawing them would cost forwards."""
    wide = torch.complex128 if tensor.is_complex() else torch.float64
    if tensor.numel() > LARGE and not tensor.is_complex():
        short = torch.rand(tensor.shape, generator=generator, dtype=torch.float32)
        return short.to(tensor.device, wide).mul_(2).sub_(1)
    return torch.randn(tensor.shape, generator=generator, dtype=wide).to(tensor.device)


def _away_from_zero(direction: torch.Tensor) -> torch.Tensor:
    parts = torch.view_as_real(direction) if direction.is_complex() else direction
    parts.add_(torch.copysign(parts.new_tensor(FLOOR), parts))
    return direction


def entry_sizes(x: torch.Tensor) -> torch.Tensor:
    """For each entry the distance over which a function of it is expected to change: its own size.

    An entry that is exactly 0 has none and takes its tensor's typical one; so it is seen like the others.
    """
    sizes = x.abs().double()
    typical = float(torch.linalg.vector_norm(sizes)) / math.sqrt(x.numel() or 1)
    if not typical:
        return torch.ones_like(sizes)
    return torch.where(sizes == 0, typical, sizes.clamp(min=SMALLEST * typical))


def cotangents(outputs: Sequence[torch.Tensor], generator: torch.Generator) -> Tensors:
    """Random directions of the outputs, in their own dtypes."""
    drawn = directions(outputs, generator)
    return [part.to(out.dtype) for part, out in zip(drawn, outputs, strict=True)]
