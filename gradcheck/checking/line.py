"""A function of tensors along a line through its point, without more copies of large tensors than it takes."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch

from gradcheck.checking.directions import Direction, Segment
from gradcheck.checking.torch_function import LARGE, OUTSIDE_DOMAIN, Tensors, TorchFunction


@dataclass
class _Copy:
    """A large tensor's copy that serves again until the function has written to it."""

    tensor: torch.Tensor
    version: int

    @property
    def untouched(self) -> bool:
        """Whether nobody has written to it since `accept`."""
        return _version(self.tensor) == self.version

    def accept(self) -> None:
        """Take what was written to it as its present state."""
        self.version = _version(self.tensor)


def _version(tensor: torch.Tensor) -> int:
    """How often the tensor, or a view of it, was written to."""
    return int(tensor._version)  # noqa: SLF001


@dataclass(frozen=True)
class Line:
    """The function along a direction. The memory of large tensors serves again: no result outlives the next call."""

    function: TorchFunction
    u: Direction
    copies: dict[int, _Copy] = field(default_factory=dict)

    def __call__(self, t: float) -> Tensors:
        """The outputs at distance t; ArithmeticError where the function refuses the point, as outside its domain."""
        pairs = zip(self.function.values, self.u, strict=True)
        try:
            with torch.no_grad():
                return self.function([self._displaced(i, x, d, t) for i, (x, d) in enumerate(pairs)])
        except OUTSIDE_DOMAIN as error:
            raise ArithmeticError(f"outside the domain: {error}") from error

    def _displaced(self, number: int, x: torch.Tensor, d: torch.Tensor | Segment | None, t: float) -> torch.Tensor:
        """A tensor in the value's own dtype, that the function may write to."""
        if isinstance(d, Segment):
            return self._partly_displaced(number, x, d, t)
        if x.numel() <= LARGE or (d is not None and x.dtype != d.dtype):
            return x.clone() if d is None else torch.add(x.to(d.dtype), d, alpha=t).to(x.dtype)
        if d is None:
            return self._copy(number, x).tensor.view_as(x)
        kept = self.copies.setdefault(number, _Copy(torch.empty_like(x), -1))
        return torch.add(x, d, alpha=t, out=kept.tensor).view_as(x)

    def _partly_displaced(self, number: int, x: torch.Tensor, d: Segment, t: float) -> torch.Tensor:
        if x.numel() <= LARGE:
            moved = x.clone(memory_format=torch.contiguous_format)
        else:
            kept = self._copy(number, x)
            moved = kept.tensor
        there = x.reshape(-1)[d.place]
        moved.view(-1)[d.place] = torch.add(there.to(d.values.dtype), d.values, alpha=t).to(x.dtype)
        if x.numel() > LARGE:
            kept.accept()  # the same entries are written anew at the next distance
        return moved.view_as(x)

    def _copy(self, number: int, x: torch.Tensor) -> _Copy:
        """The value's copy, made anew where the function has changed the last one."""
        kept = self.copies.get(number)
        if kept is None or not kept.untouched:
            kept = self.copies[number] = _Copy(x.clone(memory_format=torch.contiguous_format), 0)
            kept.accept()
        return kept
