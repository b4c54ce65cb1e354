"""One copy of a large tensor that serves every evaluation: only what was displaced or written to is made anew."""

from __future__ import annotations

import torch

from gradcheck.checking.evaluation.movement import Partial

NOWHERE = slice(0, 0)
UNKNOWN = -1


class LargeCopy:
    """A copy of `value`, which itself is never written to.

    >>> from gradcheck.checking.evaluation.movement import Segment
    >>> copy = LargeCopy(torch.zeros(3))
    >>> copy.displaced(Segment(1, torch.ones(1)), 0.5).tolist()
    [0.0, 0.5, 0.0]
    >>> copy.displaced(None, 0.0).tolist()
    [0.0, 0.0, 0.0]
    """

    def __init__(self, value: torch.Tensor) -> None:
        self.value = value
        self._tensor = torch.empty_like(value, memory_format=torch.contiguous_format)
        self._version = UNKNOWN
        self._elsewhere = NOWHERE

    def displaced(self, d: torch.Tensor | Partial | None, t: float) -> torch.Tensor:
        """The value at distance t along d; it may be written to, and is gone with the next call."""
        if isinstance(d, torch.Tensor):
            torch.add(self.value, d, alpha=t, out=self._tensor)
            self._version = UNKNOWN
        else:
            place = NOWHERE if d is None else d.place
            self._restore(place)
            if d is not None:
                d.displace(self._tensor.view(-1), self.value.reshape(-1), t)
            self._accept(place)
        return self._tensor.view_as(self.value)

    def _restore(self, written: slice) -> None:
        """Make the tensor the value again, but for the places that are written next."""
        if written == slice(0, self.value.numel()):
            return
        if _version(self._tensor) != self._version:
            self._tensor.copy_(self.value)
        elif self._elsewhere != NOWHERE:
            self._tensor.view(-1)[self._elsewhere] = self.value.reshape(-1)[self._elsewhere]

    def _accept(self, elsewhere: slice) -> None:
        """Take what was written as the present state: `elsewhere` than the value at these places."""
        self._version, self._elsewhere = _version(self._tensor), elsewhere


def _version(tensor: torch.Tensor) -> int:
    """How often the tensor, or a view of it, was written to."""
    return int(tensor._version)  # noqa: SLF001
