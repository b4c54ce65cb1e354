"""Faults planted in a right gradient: a hook on each input changes what flows back, the function stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

Function = Callable[..., Any]
Gradients = Sequence[torch.Tensor | None]

PLACES = frozenset({"single_entry", "row", "column", "block"})
"""Kinds that speak of some entries among others. A Jacobian's `column` is one entry's, its `row` one output's; the
derivative of one output that does not reach further is both, and a run of entries a `block`."""


@dataclass(frozen=True)
class Plant:
    """A fault: the factor by which the gradient is multiplied, entry by entry, at one input or at all of them.

    `kinds` are the right names for it: what it does to the whole Jacobian as this point shows it.
    """

    name: str
    inputs: frozenset[int]
    factor: torch.Tensor | float
    kinds: frozenset[str]

    def into(self, fn: Function) -> Function:
        """The function with the fault in its backward pass."""

        def planted(*tensors: torch.Tensor) -> Any:
            return fn(*(self._hooked(i, x) for i, x in enumerate(tensors)))

        return planted

    def _hooked(self, number: int, tensor: torch.Tensor) -> torch.Tensor:
        if number not in self.inputs or not tensor.requires_grad:
            return tensor
        copy = tensor.clone()
        copy.register_hook(lambda gradient: gradient * self.factor)
        return copy


VANISHING = 1e-9
"""A gradient smaller than this beside the largest shows no fault."""

BELOW = 32.0
"""A factor that differs from 1 by less than this many units in the last place of the operator's precision is none."""


def plants(gradients: Gradients, precision: float) -> tuple[Plant, ...]:
    """The faults that change these gradients beyond the `precision` of the operator; none where they are all zero."""
    nonzero = [i for i, g in enumerate(gradients) if g is not None and bool(g.any())]
    if not nonzero:
        return ()
    every = frozenset(range(len(gradients)))
    scaled = [
        Plant(f"scaled by 1 + {off:g}", every, 1 + off, frozenset({"factor"}))
        for off in (1e-3, 1e-6)
        if off > BELOW * precision
    ]
    target = max(nonzero, key=lambda i: float(_part(gradients, i).abs().max()))
    gradient = _part(gradients, target)
    return (*scaled, _dropped(target, gradient), _flipped(target, gradient))


def _part(gradients: Gradients, number: int) -> torch.Tensor:
    gradient = gradients[number]
    assert gradient is not None
    return gradient


def _dropped(target: int, gradient: torch.Tensor) -> Plant:
    """The largest entry becomes 0: a place among others, or `zero` where no other entry has a gradient."""
    factor = torch.ones(gradient.shape, dtype=torch.float64)
    factor.view(-1)[int(gradient.abs().argmax())] = 0.0
    alone = _vanishes(gradient[factor > 0], gradient)
    return Plant("largest entry dropped", frozenset({target}), factor, frozenset({"zero"}) if alone else PLACES)


def _flipped(target: int, gradient: torch.Tensor) -> Plant:
    """One row changes its sign: a place among others, or `sign` where the other rows have no gradient."""
    factor = torch.ones(gradient.shape, dtype=torch.float64)
    rows, sizes = (factor.unsqueeze(0), gradient.unsqueeze(0)) if gradient.ndim == 0 else (factor, gradient)
    row = int(sizes.abs().reshape(len(sizes), -1).amax(1).argmax())
    rows[row] = -1.0
    alone = _vanishes(gradient[factor > 0], gradient)
    return Plant("sign of one row flipped", frozenset({target}), factor, frozenset({"sign"}) if alone else PLACES)


def _vanishes(part: torch.Tensor, whole: torch.Tensor) -> bool:
    """Whether a part of a gradient is 0, or nothing but rounding beside the whole."""
    return not part.numel() or float(part.abs().max()) <= VANISHING * float(whole.abs().max())
