"""Find the entry at which a gradient is wrong by bisection: parameter first, then entry, then output.

Each halving costs one measurement, whatever the sizes; no Jacobian is ever filled.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from gradcheck.checking.evaluation.directions import entry_size
from gradcheck.checking.evaluation.graph import Gradients, Graph
from gradcheck.checking.evaluation.movement import Direction, Segment, Whole
from gradcheck.checking.evaluation.products import inner, widened
from gradcheck.checking.evaluation.reference import Reference
from gradcheck.checking.evaluation.torch_function import LARGE, Tensors, is_finite
from gradcheck.checking.probing.measure import Projection, measure, measure_outputs
from gradcheck.numeric.estimate import Estimate

CLEARLY = 4.0
"""An entry is taken for the mistake where it is off by this many bars."""

LEAP = 256
"""A ramp narrows the search to this fraction of the entries on both sides of where it points."""

FEW = 8
"""So many entries are halved."""

Mismatch = Callable[[int, int], float]
"""The mismatch that the positions from the first to before the second account for."""


@dataclass(frozen=True)
class Place:
    """An entry of a leaf, both by number, and the output it is wrong in (counted over all outputs)."""

    leaf: int
    entry: int
    output: int = 0


def bisect(mismatch: Mismatch, count: int) -> int:
    """The position that the larger part of a mismatch leads to, halving by halving.

    >>> wrong = [0.0, 0.0, 0.0, 5.0, 0.0]
    >>> bisect(lambda first, last: sum(wrong[first:last]), 5)
    3
    """
    first, last = 0, count
    total = mismatch(first, last) if count > 1 else 0.0
    while last - first > 1:
        middle = (first + last) // 2
        left = mismatch(first, middle)
        right = total - left
        (first, last, total) = (first, middle, left) if abs(left) >= abs(right) else (middle, last, right)
    return first


def locate(graph: Graph, reference: Reference, gradient: Gradients, u: Whole, v: Tensors) -> Place:
    """Where v·J, as `gradient` has it, differs most from the differences along u."""
    place = _not_finite(gradient)
    if place is None:
        place = _by_differences(reference, gradient, u, v)
    return with_output(graph, reference, place, v)


def with_output(graph: Graph, reference: Reference, place: Place, v: Tensors) -> Place:
    """The place with the output in which its entry of v·J is wrong."""
    return Place(place.leaf, place.entry, _output(graph, reference, place, v))


def kinked_entry(reference: Reference, u: Whole, v: Tensors) -> Place:
    """The entry along which the one-sided slopes differ most."""

    def jump(direction: Direction) -> float:
        found = measure(reference.function, direction, v, reference.base).jump
        return 0.0 if found is None else float(found)

    return descend(jump, u)


def _not_finite(gradient: Gradients) -> Place | None:
    for number, part in enumerate(gradient):
        if part is not None and not is_finite(part):
            return Place(number, int((~torch.isfinite(part.reshape(-1))).nonzero()[0]))
    return None


def _by_differences(reference: Reference, gradient: Gradients, u: Whole, v: Tensors) -> Place:
    """Halve by quick differences without error bars; where those mislead, by full ones."""
    wide = widened(v)

    def quickly(direction: Direction) -> float:
        return (
            inner(gradient, direction)
            - Projection.of(reference.function, direction, wide, reference.base).quickly().value
        )

    place = descend(quickly, u, leaping=True)
    return place if _is_wrong(reference, gradient, place, v) else _by_full_differences(reference, gradient, u, v)


def _is_wrong(reference: Reference, gradient: Gradients, place: Place, v: Tensors) -> bool:
    found, measured = gradient[place.leaf], along(reference, place, v)
    claimed = 0.0 if found is None else float(found.detach().reshape(-1)[place.entry].real)
    bar = CLEARLY * max(float(measured.error_bar), abs(float(measured.value)) * torch.finfo(torch.float64).eps)
    return abs(claimed - float(measured.value)) > bar


def _by_full_differences(reference: Reference, gradient: Gradients, u: Whole, v: Tensors) -> Place:
    def mismatch(direction: Direction) -> float:
        measured = measure(reference.function, direction, v, reference.base)
        return inner(gradient, direction) - float(measured.value)

    return descend(mismatch, u)


def descend(mismatch: Callable[[Direction], float], u: Whole, *, leaping: bool = False) -> Place:
    """Bisect the leaves, then the entries of the one found; with leaps where the mismatch adds up over a direction."""
    leaf = bisect(lambda first, last: mismatch(_some_leaves(u, first, last)), len(u))
    first, last = _leaps(mismatch, u, leaf) if leaping and u[leaf].numel() > LARGE else (0, u[leaf].numel())
    entry = bisect(lambda a, b: mismatch(_some_entries(u, leaf, first + a, first + b)), last - first)
    return Place(leaf, first + entry)


def _leaps(mismatch: Callable[[Direction], float], u: Whole, leaf: int) -> tuple[int, int]:
    """From where to where a leaf's mismatch lies, as far as one entry accounts for it.

    Of a direction that grows evenly from entry to entry such a mismatch has the share that says where the entry is.
    """
    first, last = 0, u[leaf].numel()
    whole = mismatch(_some_entries(u, leaf, first, last))
    while last - first > FEW:
        share = mismatch(_some_entries(u, leaf, first, last, rising=True)) / (whole or math.inf)
        if not 0 <= share < 1:
            break
        there, reach = first + int(share * (last - first)), (last - first) // LEAP + 1
        low, high = max(first, there - reach), min(last, there + reach + 1)
        inside = mismatch(_some_entries(u, leaf, low, high))
        if not abs(inside - whole) < abs(whole) / 2:
            break
        first, last, whole = low, high, inside
    return first, last


def _some_leaves(u: Whole, first: int, last: int) -> Direction:
    return [part if first <= number < last else None for number, part in enumerate(u)]


def _some_entries(u: Whole, leaf: int, first: int, last: int, *, rising: bool = False) -> Direction:
    """The direction at some entries of a leaf; where it is `rising`, times a number that grows from 0 to 1."""
    whole = u[leaf]
    entries = Segment(0, whole.reshape(-1)) if isinstance(whole, torch.Tensor) else whole
    part = entries.part(first, last, rising=rising)
    return [part if number == leaf else None for number in range(len(u))]


def _output(graph: Graph, reference: Reference, place: Place, v: Tensors) -> int:
    """The output in which the entry's derivative is wrong: halve the cotangent, one backward pass each.

    The cotangent is the random one: with ones, what outputs have in common cancels (a softmax's sum is 1).
    """
    count = sum(out.numel() for out in graph.outputs)
    direction, size = _entry_direction(reference, place)

    def mismatch(first: int, last: int) -> float:
        masks = cotangent(graph.outputs, range(first, last))
        part = [mask * whole.to(mask.dtype) for mask, whole in zip(masks, v, strict=True)]
        found = graph.backward_by(place.leaf, part)
        claimed = 0.0 if found is None else float(found.reshape(-1)[place.entry].real)
        projection = Projection.of(reference.function, direction, widened(part), reference.base)
        measured = projection.measure().value if count <= LARGE else projection.quickly().value
        return claimed - float(measured) / size

    return bisect(mismatch, count)


def column_of(reference: Reference, place: Place, rows: Sequence[int], *, thorough: bool = True) -> Estimate:
    """The Jacobian's column of one entry as measured, at some outputs (counted over all of them), with error bars.

    The step is in proportion to the entry; a complex entry moves along the real axis. Unless it is `thorough` the bars
    are what the first steps give.
    """
    direction, size = _entry_direction(reference, place)
    found = measure_outputs(reference.function, direction, rows, thorough)
    jump = None if found.jump is None else found.jump / size
    return Estimate(found.value / size, found.error_bar / size, found.evaluations, jump, found.magnitude / size)


def along(reference: Reference, place: Place, v: Tensors, *, thorough: bool = True) -> Estimate:
    """The entry of v·J at a place, as measured; unless it is `thorough` the bar is what the first steps give."""
    direction, size = _entry_direction(reference, place)
    found = Projection.of(reference.function, direction, widened(v), reference.base).measure(thorough)
    jump = None if found.jump is None else found.jump / size
    return Estimate(found.value / size, found.error_bar / size, found.evaluations, jump, found.magnitude / size)


def _entry_direction(reference: Reference, place: Place) -> tuple[Direction, float]:
    """A step in one entry by its own size, and that size."""
    value = reference.function.values[place.leaf]
    size = entry_size(value, place.entry)
    step = Segment(place.entry, torch.full((1,), size, dtype=value.dtype, device=value.device))
    return [step if number == place.leaf else None for number in range(len(reference.function.leaves))], size


def cotangent(outputs: Tensors, positions: Sequence[int]) -> Tensors:
    """Ones at these positions, counted over all outputs, zeros elsewhere."""
    flat = torch.zeros(sum(out.numel() for out in outputs), dtype=torch.float64)
    flat[slice(positions.start, positions.stop) if isinstance(positions, range) else list(positions)] = 1.0
    parts = flat.split([out.numel() for out in outputs])
    return [part.reshape(out.shape).to(out) for part, out in zip(parts, outputs, strict=True)]
