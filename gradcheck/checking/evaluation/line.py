"""A function of tensors along a line through its point, without more copies of large tensors than it takes."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from gradcheck.checking.evaluation.large_copy import LargeCopy
from gradcheck.checking.evaluation.movement import Direction, Partial
from gradcheck.checking.evaluation.torch_function import LARGE, OUTSIDE_DOMAIN, Tensors, TorchFunction


@dataclass(frozen=True)
class Line:
    """The function along a direction. Copies of large tensors serve again: no result outlives the next call."""

    function: TorchFunction
    u: Direction

    def __call__(self, t: float) -> Tensors:
        """The outputs at distance t; ArithmeticError where the function refuses the point, as outside its domain."""
        pairs = zip(self.function.values, self.u, strict=True)
        try:
            with torch.no_grad():
                return self.function([self._displaced(i, x, d, t) for i, (x, d) in enumerate(pairs)])
        except OUTSIDE_DOMAIN as error:
            raise ArithmeticError(f"outside the domain: {error}") from error

    def _displaced(self, number: int, x: torch.Tensor, d: torch.Tensor | Partial | None, t: float) -> torch.Tensor:
        """A tensor in the value's own dtype, that the function may write to."""
        if x.numel() > LARGE and (not isinstance(d, torch.Tensor) or x.dtype == d.dtype):
            return self._copy(number, x).displaced(d, t)
        if d is None:
            return x.clone()
        if isinstance(d, torch.Tensor):
            return torch.add(x, d, alpha=t) if x.dtype == d.dtype else torch.add(x.to(d.dtype), d, alpha=t).to(x.dtype)
        moved = x.clone(memory_format=torch.contiguous_format)
        d.displace(moved.view(-1), x.reshape(-1), t)
        return moved

    def _copy(self, number: int, x: torch.Tensor) -> LargeCopy:
        """The copy of a value, which all lines of a function share."""
        kept = self.function.copies.get(number)
        if kept is None or kept.value is not x:
            kept = self.function.copies[number] = LargeCopy(x)
        return kept
