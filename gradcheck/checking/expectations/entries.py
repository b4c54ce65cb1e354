"""Entries of gradients that may not be there."""

from __future__ import annotations

import torch

from gradcheck.checking.evaluation.graph import Gradients


def largest(parts: Gradients) -> float:
    """The largest entry of all."""
    return max((float(part.abs().max()) for part in parts if part is not None and part.numel()), default=0.0)


def difference(autograd: torch.Tensor | None, expected: torch.Tensor) -> torch.Tensor:
    """How far each entry of a gradient, which is 0 where there is none, lies from the expected one."""
    if autograd is None:
        return expected.abs()
    wide = torch.complex128 if expected.is_complex() else torch.float64
    return (autograd.detach().to(expected.device, wide) - expected.to(wide)).abs()


def entry_of(part: torch.Tensor | None, place: int) -> float:
    """The real part of the entry at a place, counted flat; 0 where there is no gradient."""
    return 0.0 if part is None else float(part.detach().reshape(-1)[place].real)
