"""How the tensors of a function's point move: wholly, in some entries, or not at all."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from gradcheck.checking.evaluation.large_direction import LargeDirection


@dataclass(frozen=True)
class Segment:
    """How far some entries of a tensor move, in a row from the `first` on when it is flattened; the others stay."""

    first: int
    values: torch.Tensor

    @property
    def place(self) -> slice:
        """Where they are in the flattened tensor."""
        return slice(self.first, self.first + self.values.numel())

    def part(self, first: int, last: int, *, rising: bool = False) -> Segment:
        """The same at some of these entries only; where it is `rising`, times a number that grows from 0 to 1."""
        values, count = self.values[first:last], last - first
        if rising:
            values = values * torch.arange(0.5, count, device=values.device, dtype=torch.float64).div_(count)
        return Segment(self.first + first, values)

    def pieces(self) -> Iterator[tuple[slice, torch.Tensor]]:
        """How far they move, with their place: one piece."""
        yield self.place, self.values

    def displace(self, moved: torch.Tensor, x: torch.Tensor, t: float) -> None:
        """Write the entries of `x` that move, at distance t, into `moved`; both are flat."""
        moved[self.place] = torch.add(x[self.place].to(self.values.dtype), self.values, alpha=t)

    def dense(self, shape: torch.Size) -> torch.Tensor:
        """The same as a tensor, zero where nothing moves."""
        flat = self.values.new_zeros(math.prod(shape))
        flat[self.place] = self.values
        return flat.reshape(shape)


Partial = Segment | LargeDirection
"""What has pieces, and leaves the entries outside them where they are."""

Direction = Sequence[torch.Tensor | Partial | None]
"""How each tensor of a function's point moves; None stays where it is."""

Whole = Sequence[torch.Tensor | LargeDirection]
"""A direction in which every entry of every tensor moves."""
