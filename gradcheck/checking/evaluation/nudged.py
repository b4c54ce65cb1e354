"""A point one rounding error away: large tensors go there in place, and come back bit for bit without a copy of them.

Their last two bits are exchanged for others (exclusive or), which done again undoes it whatever they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from gradcheck.checking.evaluation.torch_function import LARGE, Tensors

WORDS = {2: torch.int16, 4: torch.int32, 8: torch.int64}
"""Whole numbers as long as floating-point ones of so many bytes."""

PIECE = 65_536
"""So many entries at a time stay in a processor's cache; the pieces of a tensor take the same bits."""


@contextmanager
def nudged(values: Tensors, generator: torch.Generator) -> Iterator[Tensors]:
    """The values with every entry but 0 moved by about one unit in its last place, up or down.

    On leaving the large ones, which are moved themselves, are as they were. Their bits come from a generator of their
    own: what is drawn next does not depend on how many there are.

    >>> x = torch.ones(200_000, dtype=torch.float64)
    >>> with nudged([x], torch.Generator().manual_seed(0)) as (beside,):
    ...     0 < float((beside - 1).abs().max()) < 1e-15
    True
    >>> bool((x == 1).all())
    True
    """
    large = [_flat(x) for x in values if _is_moved_itself(x)]
    own = torch.Generator().manual_seed(generator.initial_seed())
    bits = [torch.randint(1, 4, (min(PIECE, x.numel()),), generator=own).to(x.dtype) for x in large]
    try:
        for x, flips in zip(large, bits, strict=True):
            _flip(x, flips)
        yield [x if _is_moved_itself(x) else _moved(x, generator) for x in values]
    finally:
        for x, flips in zip(large, bits, strict=True):
            _flip(x, flips)


def _is_moved_itself(x: torch.Tensor) -> bool:
    return x.numel() > LARGE and not x.is_complex() and x.is_contiguous()


def _flat(x: torch.Tensor) -> torch.Tensor:
    """The tensor's bits in a row; what was recorded with it does not take note of changes to them."""
    return x.data.view(WORDS[x.element_size()]).view(-1)


def _flip(x: torch.Tensor, bits: torch.Tensor) -> None:
    """Exchange last bits piece by piece, but for those of zeros, which must be told before and after alike."""
    beyond_last_bits = torch.iinfo(x.dtype).max - 3
    bits = bits.to(x.device)
    for piece in x.split(PIECE):
        piece.bitwise_xor_((piece & beyond_last_bits).ne_(0).mul_(bits[: piece.numel()]))


def _moved(x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """A new tensor, moved by a unit in the last place relative to each entry."""
    real = torch.empty(x.shape, dtype=x.real.dtype).bernoulli_(0.5, generator=generator)
    factors = real.mul_(2).sub_(1).mul_(torch.finfo(x.dtype).eps)
    return factors.to(x.device).mul_(x).add_(x) if not x.is_complex() else x + factors.to(x.device) * x
