"""At a point with kinks: is a gradient one that nearby points have, or lie between the slopes of an entry's two sides?

Where many entries sit at kinks at once, the slopes of the two sides along one direction do not bound every valid
choice. The gradients at points around this one do, entry by entry.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch

from gradcheck.checking.evaluation.directions import directions, entry_sizes
from gradcheck.checking.evaluation.graph import Gradients, Graph, Pullback
from gradcheck.checking.evaluation.reference import Reference
from gradcheck.checking.evaluation.torch_function import LARGE, OUTSIDE_DOMAIN, Tensors, TorchFunction
from gradcheck.checking.probing.locate import Place, along

NEARBY = 1e-5
"""Distance of the points around, relative to each entry."""

NEARBY_ULPS = 16.0
"""In a low precision the distance is at least this many units in the last place."""

PAIRS = 4
"""Pairs of opposite points: ties of a few entries are broken in every way."""

TOLERANCE = 1e-4
"""What the gradient may change by over that distance where there is no kink, relative to its largest entry."""

TRIED = 4
"""How many entries outside are looked at on their own."""


def outside(
    function: TorchFunction, reference: Reference, drawn: Pullback, generator: torch.Generator, rtol: float = 0.0
) -> Place | None:
    """An entry of v·J that neither nearby points nor the slopes of its own two sides account for; None without one.

    `rtol` is a relative error that counts as none.
    """
    samples = list(_samples(function, drawn.v, generator))
    for number, found in enumerate(drawn.gradient):
        parts = [sample[number] for sample in samples]
        present = [part for part in parts if part is not None]
        if found is None or not present or len(present) < len(parts) or found.is_complex():
            continue
        for entry in _worst(found, torch.stack(present), rtol):
            if not _between_own_slopes(reference, Place(number, entry), float(found.reshape(-1)[entry]), drawn.v):
                return Place(number, entry)
    return None


def beside(
    function: TorchFunction, generator: torch.Generator, distance: float = NEARBY
) -> tuple[TorchFunction, TorchFunction]:
    """The same function at two points close by, on opposite sides of this one."""
    steps = [
        symmetric_like(x, u) * entry_sizes(x) * max(distance, NEARBY_ULPS * torch.finfo(x.dtype).eps)
        for u, x in zip(directions(function.values, generator), function.values, strict=True)
    ]
    pairs = list(zip(function.values, steps, strict=True))
    ahead, behind = ([(x + side * step).to(x.dtype) for x, step in pairs] for side in (1, -1))
    return function.at(ahead), function.at(behind)


def symmetric_like(x: torch.Tensor, step: torch.Tensor) -> torch.Tensor:
    """A step, symmetric where a value is: functions of one triangle have gradients for such steps alone."""
    return step + step.mT if _is_symmetric(x) else step


def _is_symmetric(x: torch.Tensor) -> bool:
    return x.ndim > 1 and 1 < x.shape[-1] == x.shape[-2] and x.numel() <= LARGE and torch.equal(x, x.mT)


def _samples(function: TorchFunction, v: Tensors, generator: torch.Generator) -> Iterator[Gradients]:
    for _ in range(PAIRS):
        for near in beside(function, generator):
            try:
                yield Graph.of(near).backward(v)
            except OUTSIDE_DOMAIN:
                continue


def _worst(found: torch.Tensor, samples: torch.Tensor, rtol: float) -> list[int]:
    """The entries farthest outside all samples, farthest first."""
    wide = samples.double().reshape(len(samples), -1)
    flat = found.double().reshape(-1)
    tolerance = max(TOLERANCE, rtol, NEARBY_ULPS * torch.finfo(found.dtype).eps) * float(wide.abs().max())
    beyond = torch.maximum(flat - wide.amax(0), wide.amin(0) - flat) - tolerance
    top = beyond.topk(min(TRIED, beyond.numel()))
    return [int(i) for value, i in zip(top.values, top.indices, strict=True) if value > 0]


def _between_own_slopes(reference: Reference, place: Place, claimed: float, v: Tensors) -> bool:
    measured = along(reference, place, v)
    return bool(abs(claimed - float(measured.value)) <= float(measured.error_bar))
