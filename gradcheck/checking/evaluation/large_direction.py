"""A random direction of a large tensor, worked out piece by piece where it is needed: kept whole it would take as much
memory as the tensor, and passes over it as much time as the function.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch

BLOCK = 4096
"""Entries are products of two random vectors, one of this length: to draw each would cost several evaluations."""

PIECE = 16 * BLOCK
"""Pieces of so many entries stay in a processor's cache."""


@dataclass(frozen=True)
class LargeDirection:
    """The entries from the `first` to before the `last` of a flattened direction, in double precision; the others stay.

    Each is an entry of `heads`, one for every `BLOCK` of them, times one of `cycle`, which is as long as a block, times
    its own of `proportions`; where it is `rising`, times a number that grows from 0 to 1 as well.

    >>> heads, cycle = torch.tensor([2.0, 3.0]).double(), torch.ones(BLOCK).double()
    >>> direction = LargeDirection(heads, cycle, torch.ones(BLOCK + 2).double(), BLOCK - 1, BLOCK + 2)
    >>> [(place, part.tolist()) for place, part in direction.pieces()]
    [(slice(4095, 4098, None), [2.0, 3.0, 3.0])]
    """

    heads: torch.Tensor
    cycle: torch.Tensor
    proportions: torch.Tensor
    first: int
    last: int
    rising: bool = False

    @classmethod
    def along(cls, proportions: torch.Tensor, heads: torch.Tensor, cycle: torch.Tensor) -> LargeDirection:
        """Of a whole tensor, whose entries move in these proportions."""
        return cls(heads, cycle, proportions.detach().reshape(-1), 0, proportions.numel())

    @property
    def place(self) -> slice:
        """The entries that move, in the flattened tensor."""
        return slice(self.first, self.last)

    def numel(self) -> int:
        """How many these are."""
        return self.last - self.first

    def part(self, first: int, last: int, *, rising: bool = False) -> LargeDirection:
        """The same at some of the entries only, counted from the first that moves."""
        return replace(self, first=self.first + first, last=self.first + last, rising=rising)

    def pieces(self) -> Iterator[tuple[slice, torch.Tensor]]:
        """The entries piece by piece with their places; a piece is gone with the next one."""
        for place, piece in self._factors():
            yield place, piece.mul_(self.proportions[place])

    def displace(self, moved: torch.Tensor, x: torch.Tensor, t: float) -> None:
        """Write the entries of `x` that move, at distance t, into `moved`; both are flat."""
        for place, piece in self._factors():
            torch.addcmul(x[place], self.proportions[place], piece, value=t, out=moved[place])

    def _factors(self) -> Iterator[tuple[slice, torch.Tensor]]:
        """What the proportions are to be multiplied by."""
        scratch = self.cycle.new_empty(PIECE)
        for start in range(self.first - self.first % BLOCK, self.last, PIECE):
            low, high = max(self.first, start), min(self.last, start + PIECE)
            block, blocks = start // BLOCK, -(-high // BLOCK) - start // BLOCK
            whole = scratch[: blocks * BLOCK].view(blocks, BLOCK)
            torch.outer(self.heads[block : block + blocks], self.cycle, out=whole)
            piece = scratch[low - start : high - start]
            yield slice(low, high), piece.mul_(self._rise(low, high)) if self.rising else piece

    def _rise(self, low: int, high: int) -> torch.Tensor:
        cycle = self.cycle
        growing = torch.arange(low - self.first + 0.5, high - self.first, dtype=cycle.dtype, device=cycle.device)
        return growing.div_(self.numel())

    def dense(self, shape: torch.Size) -> torch.Tensor:
        """The same as a tensor, zero where nothing moves."""
        flat = self.cycle.new_zeros(shape.numel())
        for place, piece in self.pieces():
            flat[place] = piece
        return flat.reshape(shape)
