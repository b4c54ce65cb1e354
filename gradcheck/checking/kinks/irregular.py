"""Points at which a function has slopes along every direction, and no gradient that gives them all.

An eigenvalue that is repeated is such a function: its slopes along two directions do not add up to the slope along
their sum, and between other eigenvalues it may look smooth along every line. What is right at the points around is not
called wrong at such a point, unless it lies far from all of their gradients.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress

import torch

from gradcheck.checking.evaluation.directions import directions, entry_sizes
from gradcheck.checking.evaluation.graph import Gradients, Graph, Pullback
from gradcheck.checking.evaluation.movement import Whole
from gradcheck.checking.evaluation.products import inner, norm_of_products, widened
from gradcheck.checking.evaluation.reference import Reference
from gradcheck.checking.evaluation.torch_function import LARGE, OUTSIDE_DOMAIN, Tensors, TorchFunction
from gradcheck.checking.kinks.kinked import symmetric_like
from gradcheck.checking.probing.locate import Place
from gradcheck.checking.probing.measure import measure

AROUND = 16
"""Points around, at which gradients are looked at."""

NEARBY = 1e-5
"""Their distance, relative to each entry."""

CLEARLY = 10.0
"""Slopes do not add up where they miss by so many bars, and by `GAP` of their size."""

GAP = 1e-3

WIDENED = 4.0
"""A gradient may lie outside those around by so many times the width that they span."""

FLAT = 1e-3
"""Gradients around that differ by less than this fraction, along a direction, are the same there."""


def has_no_gradient(ref: Reference, v: Tensors, generator: torch.Generator, place: Place | None = None) -> bool:
    """Whether the slopes along two directions, or by the entry at a place and the others, miss that of their sum."""
    if sum(x.numel() for x in ref.function.values) > LARGE:
        return False
    first, second = (_moves(ref.function, generator) for _ in range(2))
    if place is not None:
        first, second = _parted(first, place)
    both = [a + b for a, b in zip(first, second, strict=True)]
    found = [measure(ref.function, u, widened(v), ref.base) for u in (first, second, both)]
    slopes, bars = [float(each.right) for each in found], sum(float(each.slope_bar) for each in found)
    missing = abs(slopes[0] + slopes[1] - slopes[2])
    return math.isfinite(missing) and missing > max(CLEARLY * bars, GAP * max(map(abs, slopes)))


def _parted(u: Tensors, place: Place) -> tuple[Tensors, Tensors]:
    """A direction's part at one entry, and the rest."""
    alone = [torch.zeros_like(part) for part in u]
    alone[place.leaf].view(-1)[place.entry] = u[place.leaf].reshape(-1)[place.entry]
    return alone, [part - one for part, one in zip(u, alone, strict=True)]


def is_far_from_those_around(
    function: TorchFunction, drawn: Pullback, along: Whole, generator: torch.Generator
) -> bool:
    """Whether v·J lies far outside what points around have, along a direction or their mean; so where few have any."""
    around = list(_around(function, drawn.v, generator))
    if len(around) < AROUND // 2:
        return True
    mean = [_mean([each[number] for each in around]) for number in range(len(function.leaves))]
    present = [torch.zeros_like(x) if part is None else part for x, part in zip(function.values, mean, strict=True)]
    return any(_is_outside(drawn.gradient, around, u) for u in (along, present))


def _is_outside(gradient: Gradients, around: list[Gradients], u: Whole) -> bool:
    claimed, others = inner(gradient, u), [inner(each, u) for each in around]
    low, high = min(others), max(others)
    slack = WIDENED * (high - low) + FLAT * max(norm_of_products(each, u) for each in around)
    return not low - slack <= claimed <= high + slack


def _around(function: TorchFunction, v: Tensors, generator: torch.Generator) -> Iterator[Gradients]:
    for _ in range(AROUND):
        steps = _moves(function, generator)
        near = [(x + NEARBY * step).to(x.dtype) for x, step in zip(function.values, steps, strict=True)]
        with suppress(*OUTSIDE_DOMAIN):
            yield Graph.of(function.at(near)).backward(v)


def _moves(function: TorchFunction, generator: torch.Generator) -> Tensors:
    drawn = zip(directions(function.values, generator), function.values, strict=True)
    return [symmetric_like(x, u) * entry_sizes(x) for u, x in drawn]


def _mean(parts: list[torch.Tensor | None]) -> torch.Tensor | None:
    present = [part.detach() for part in parts if part is not None]
    return torch.stack(present).mean(0) if present else None
