"""Where a branch begins: between a point at which a gradient is right and one at which it is wrong, by one entry."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass

import torch

from gradcheck.checking.evaluation.directions import cotangents
from gradcheck.checking.evaluation.graph import Graph
from gradcheck.checking.evaluation.products import inner, widened
from gradcheck.checking.evaluation.torch_function import OUTSIDE_DOMAIN, TorchFunction
from gradcheck.checking.probing.locate import Place
from gradcheck.errors import UsageError

STEP = 1e-6
"""Steps of the differences, relative: short, so that they do not reach across the edge."""

WRONG = 1e-5
"""A gradient off by more than this fraction is wrong; such short differences are good for seven digits."""

EDGE = 2e-5
"""How far from the place found, relative to the way searched, a plainer number is taken for the edge."""

HALVINGS = 24
"""How often the way between the two points is halved: the edge is then known to seven digits of it."""


def entered(function: TorchFunction, moved: TorchFunction, place: Place, generator: torch.Generator) -> str:
    """Which values of an entry lead into a branch where its gradient is wrong, as a person says it; "" if unclear.

    `function` is at the point where the gradient is right, `moved` where the entry at `place` is found wrong.
    """
    start, end = (float(f.values[place.leaf].reshape(-1)[place.entry].real) for f in (function, moved))
    line = _Entry(function, place, generator, start, end)
    if start == end or function.values[place.leaf].is_complex() or line.is_wrong(start) or not line.is_wrong(end):
        return ""
    right, wrong = start, end
    for _ in range(HALVINGS):
        middle = (right + wrong) / 2
        right, wrong = (right, middle) if line.is_wrong(middle) else (middle, wrong)
    slack = EDGE * max(abs(start), abs(end))
    edge = simplest(min(right, wrong) - slack, max(right, wrong) + slack)
    side, name = "below" if end < start else "above", function.leaves[place.leaf].name
    if float(f"{edge:.3g}") == edge:
        return f"entries of {name} {side} {edge:g}"
    return f"an entry of {name} {side} about {edge:.3g}, the others as they are"


@dataclass(frozen=True)
class _Entry:
    """The function along one entry, from where its gradient is right to where it is wrong, the others at the point."""

    function: TorchFunction
    place: Place
    generator: torch.Generator
    start: float
    end: float

    def is_wrong(self, value: float) -> bool:
        """Whether the gradient by the entry is wrong where it has this value; False outside the domain."""
        step = STEP * max(abs(value), abs(self.start), abs(self.end) * STEP)
        with suppress(*OUTSIDE_DOMAIN, UsageError):
            graph = Graph.of(self._at(value))
            v = cotangents(graph.outputs, self.generator)
            part = graph.backward_by(self.place.leaf, v)
            claimed = 0.0 if part is None else float(part.detach().reshape(-1)[self.place.entry])
            with torch.no_grad():
                ahead, behind = (f(f.values) for f in (self._at(value + step), self._at(value - step)))
            moves = [a - b for a, b in zip(ahead, behind, strict=True)]
            measured = inner(widened(v), widened(moves)) / (2 * step)
            return not abs(claimed - measured) <= WRONG * max(abs(claimed), abs(measured))
        return False

    def _at(self, value: float) -> TorchFunction:
        values = [x.clone() for x in self.function.values]
        values[self.place.leaf].reshape(-1)[self.place.entry] = value
        return self.function.at(values)


def simplest(low: float, high: float) -> float:
    """The number between two others that is written with the fewest digits.

    >>> simplest(-1e-9, 3e-8), simplest(0.99999998, 1.00000002), simplest(2.4999, 2.5001)
    (0.0, 1.0, 2.5)
    """
    if low <= 0 <= high:
        return 0.0
    size = math.floor(math.log10(max(abs(low), abs(high))))
    for digits in range(17):
        rounded = round((low + high) / 2, digits - size)
        if low <= rounded <= high:
            return rounded
    return (low + high) / 2
