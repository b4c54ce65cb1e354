"""A function and its derivative over an interval, with the kinks and jumps found on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradcheck.errors import UsageError
from gradcheck.numeric.one_sided import kink
from gradcheck.pictures.line import Line

Array = NDArray[np.float64]

POINTS = 400
"""An even number of evenly spaced points: 0, where kinks like to be, is none of them in a symmetric interval."""

SUSPICIOUS = 3.0
"""A change between two points this many times that of their neighbourhood may be a jump."""

NEIGHBOURS = 4
CLEAR_EARLY, STILL_WHOLE = 8, 0.25
"""After so many halvings of the interval a jump is still as high as before, and a steep slope has levelled out."""

HALVINGS = 60
BESIDE = 1e-9
"""How far from a jump its two sides are taken, as a fraction of the interval."""

ROUND = 9
"""A jump's place is rounded to so many decimals where that is as good: kinks are at round numbers."""


@dataclass(frozen=True)
class KinkPoint:
    """A point where the measured slopes of the two sides differ, and what the derivative's code gives there."""

    x: float
    value: float
    left: float
    right: float
    chosen: float


@dataclass(frozen=True)
class Curve:
    """A function and its derivative at the points `x`; `line` is what was sampled.

    A value is nan where the function is undefined, and at a place where it or the derivative jumps: that place stands
    three times in `x`, with the limits from both sides around the nan.
    """

    line: Line
    x: Array
    value: Array
    slope: Array
    kinks: tuple[KinkPoint, ...]


def curve(line: Line, span: tuple[float, float] | None = None) -> Curve:
    """The line and its derivative over `span`, or over its own.

    Raises UsageError for an interval that is none, or on which the function is nowhere finite.

    >>> from gradcheck.pictures.expression_line import expression_line
    >>> [found.x for found in curve(expression_line("abs(x - 1)")).kinks]
    [1.0]
    """
    low, high = span or line.span
    if not (np.isfinite([low, high]).all() and low < high):
        raise UsageError(f"span: from {low:g} to {high:g} is no interval; two numbers, the smaller first, are accepted")
    x = np.linspace(low, high, POINTS)
    value, slope = _sampled(line.value, x), _sampled(line.slope, x)
    if not np.isfinite(value).any():
        raise UsageError(f"span: {line.title} is nowhere finite from {low:g} to {high:g}")
    torn = sorted({*_jumps(line.value, x, value), *_jumps(line.slope, x, slope)})
    kinks = tuple(found for place in torn if (found := _kink(line, place, high - low)) is not None)
    return _with_breaks(Curve(line, x, value, slope, kinks), torn)


def _sampled(f: Callable[[float], float], x: Array) -> Array:
    return np.array([_real(f, at) for at in x.tolist()])


def _real(f: Callable[[float], float], at: float) -> float:
    try:
        result = f(at)
    except (ArithmeticError, ValueError):
        return np.nan
    return float(result) if np.isfinite(result) else np.nan


def _jumps(f: Callable[[float], float], x: Array, y: Array) -> Iterator[float]:
    """Places where f jumps: a change that stands out, and stays as large however closely one looks."""
    changes = np.abs(np.diff(y))
    for i in np.flatnonzero(np.isfinite(changes)):
        around = changes[max(0, i - NEIGHBOURS) : i + NEIGHBOURS + 1]
        if changes[i] > SUSPICIOUS * np.nanmedian(around) and changes[i] > 1e-9 * np.nanmax(np.abs(y)):
            place = _located(f, (float(x[i]), y[i]), (float(x[i + 1]), y[i + 1]))
            if place is not None:
                yield place


def _located(f: Callable[[float], float], low: tuple[float, float], high: tuple[float, float]) -> float | None:
    """Where f jumps between two points (x, y); None where it is merely steep."""
    whole = abs(high[1] - low[1])
    for halving in range(HALVINGS):
        middle = (low[0] + high[0]) / 2
        if not low[0] < middle < high[0]:
            break
        at = (middle, _real(f, middle))
        if np.isnan(at[1]):
            return None
        low, high = (low, at) if abs(at[1] - low[1]) > abs(high[1] - at[1]) else (at, high)
        if halving == CLEAR_EARLY and abs(high[1] - low[1]) < STILL_WHOLE * whole:
            return None
    place = round(high[0], ROUND)
    return place if abs(place - high[0]) < 0.01 * 10.0**-ROUND else high[0]


def _kink(line: Line, place: float, width: float) -> KinkPoint | None:
    """The kink at a place where something jumps; None where the function itself does."""
    value = _real(line.value, place)
    steps = [side * BESIDE * width for side in (-1, 1)]
    steepest = max(abs(_real(line.slope, place + step)) for step in steps)
    nearby = [_real(line.value, place + step) for step in steps]
    if not np.allclose(nearby, value, rtol=0, atol=10 * BESIDE * width * (1 + steepest)):
        return None
    found = kink(lambda t: _real(line.value, place + t), scale=width / POINTS)
    if found is None:
        return None
    return KinkPoint(place, value, float(found.left), float(found.right), _real(line.slope, place))


def _with_breaks(found: Curve, torn: list[float]) -> Curve:
    """The curve with three points at each torn place: the limits from both sides, and between them the gap."""
    x, value, slope = found.x, found.value, found.slope
    gap = (found.x[-1] - found.x[0]) * BESIDE
    for place in torn:
        kept = np.abs(x - place) > gap
        x, value, slope = x[kept], value[kept], slope[kept]
        at = int(np.searchsorted(x, place))
        middle = next((each.value for each in found.kinks if each.x == place), np.nan)
        sides = [_real(found.line.value, place + side * gap) for side in (-1, 1)]
        slopes = [_real(found.line.slope, place + side * gap) for side in (-1, 1)]
        x = np.insert(x, at, [place] * 3)
        value = np.insert(value, at, [sides[0], middle, sides[1]])
        slope = np.insert(slope, at, [slopes[0], np.nan, slopes[1]])
    return Curve(found.line, x, value, slope, found.kinks)
