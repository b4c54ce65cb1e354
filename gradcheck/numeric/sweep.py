"""Sweep steps on both sides of a point along several lines at once, and extrapolate them to slopes with error bars.

The point's own value is used too, so one sweep yields the central quotient and the gap between the two one-sided
quotients: a symmetric kink, which a central difference alone takes for smooth, shows as a gap that does not close.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradcheck.numeric.estimate import Estimate
from gradcheck.numeric.extrapolation import CENTRAL_POWERS, GAP_POWERS, RATIO, disagreement, select, tableau

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
Indices = NDArray[np.int_]
Displace = Callable[[int, float], Array]

FIRST_STEP = 0.1234567
"""The first step in units of a line's scale. Not a round number: a periodic function must not repeat with it."""

FINER, FIRST, COARSER = (slice(10, 15), slice(15, 20), slice(20, 25)), slice(5, 10), slice(0, 5)
"""Rows of the whole range of steps. Every line gets the first five; finer ones follow where those do not resolve it
(kinks, edges of the domain, fast waves), coarser ones where only rounding or noise keeps it unclear."""

POWERS = np.arange(-5.0, 20.0)
"""The power of 1/RATIO of each row's step."""

CLEAR = 1e-8
"""A line is clear when its bars are this small beside the largest slope; only the cost depends on it."""

CLEAR_KINK = 1e-9
"""The same for the slopes on the two sides of a kink: close beside the point it looks as if it were there."""

COARSEST_DIGIT = 2.0**-7
"""The last digit of bfloat16: no jump larger than this fraction of the values can come from low precision."""

RESOLVED = 2.0**-5
"""Noise above this fraction of the function's moves says that the steps do not resolve it."""

EXPECTED = 4.0
"""Multiple of the rounding error of the outputs up to which noise is nothing but that."""

STEADY = 10.0
"""Noise is about as large at one step as at the next; what falls by more than this factor is truncation."""


@dataclass(frozen=True)
class Slopes:
    """What the steps on some lines say, each of shape (lines, outputs); finer steps cannot help where it is `noisy`."""

    value: Array
    bar: Array
    jump: Array
    noisy: Bools

    def largest(self) -> float:
        """The largest finite slope on either side."""
        slopes = np.abs(self.value) + np.abs(self.jump) / 2
        return float(np.max(slopes, initial=0.0, where=np.isfinite(slopes)))

    def unclear(self, largest: float) -> Bools:
        """Where bars are wide beside a slope of this size."""
        half = np.abs(self.jump) / 2
        return np.asarray(self.bar - half > np.where(half > 0, CLEAR_KINK, CLEAR) * largest)


@dataclass(frozen=True)
class Sweep:
    """Lines through one point: `displace(line, t)` returns the flat outputs at distance t on one, nan where undefined.

    `base` holds the outputs at 0, `scales` the distance on each line over which the function is expected to change,
    `precision` the relative rounding error of the outputs, `noise` their known absolute noise.
    """

    displace: Displace
    base: Array
    scales: Array
    precision: float
    noise: float = 0.0

    def estimate(self, *, widen: bool = True) -> Estimate:
        """The slopes along every line, shape (lines, outputs); steps beyond the first where those leave it unclear."""
        every = np.arange(len(self.scales))
        sides = self._evaluate(every, FIRST)
        found = self._slopes(sides, every, FIRST)
        magnitude = float(np.max(np.abs(self.base), initial=0.0) / np.max(self.scales, initial=1e-300))
        largest = found.largest() or magnitude
        lines = np.flatnonzero(found.unclear(largest).any(axis=1) & widen)
        spent = 2 * 5 * len(every) + 1
        if len(lines):
            spent += self._widen(found, lines, sides[:, :, lines], largest)
        return Estimate(found.value, found.bar, spent, found.jump, magnitude)

    def _widen(self, found: Slopes, lines: Indices, first: Array, largest: float) -> int:
        """Add steps on some lines, replace what was found there, and return how many evaluations that took."""
        sides = np.full((2, len(POWERS), len(lines), self.base.size), np.nan)
        sides[:, FIRST] = first
        spent = 0
        for stage in (*FINER, COARSER):
            unclear = found.unclear(largest)[lines]
            worth = ~found.noisy[lines] | ~np.isfinite(found.bar[lines])  # a fast wave looks like noise too
            chosen = np.flatnonzero((unclear & worth if stage in FINER else unclear).any(axis=1))
            if len(chosen):
                sides[:, stage, chosen] = self._evaluate(lines[chosen], stage)
                wider = self._slopes(sides[:, :, chosen], lines[chosen], slice(None))
                for old, new in zip(vars(found).values(), vars(wider).values(), strict=True):
                    old[lines[chosen]] = new
                spent += 2 * 5 * len(chosen)
        return spent

    def _steps(self, lines: Indices, rows: slice) -> Array:
        """Step sizes, shape (rows, lines)."""
        return np.asarray(FIRST_STEP * self.scales[lines] * RATIO ** -POWERS[rows, np.newaxis])

    def _evaluate(self, lines: Indices, rows: slice) -> Array:
        """Outputs on both sides, shape (2, rows, lines, outputs): the positive side comes first."""
        steps = self._steps(lines, rows)
        sides = np.empty((2, *steps.shape, self.base.size))
        for i, row in enumerate(steps.tolist()):
            for j, line in enumerate(lines.tolist()):
                sides[0, i, j] = self.displace(line, row[j])
                sides[1, i, j] = self.displace(line, -row[j])
        return sides

    def _slopes(self, sides: Array, lines: Indices, rows: slice) -> Slopes:
        """Extrapolate the central quotient and the gap; a gap that stays is a kink, and widens the bar."""
        steps = self._steps(lines, rows)[..., np.newaxis]
        plus, minus = sides - self.base
        moves = _largest_moves(plus, minus)
        extent = np.maximum(moves[0], np.abs(self.base))
        lost = _quantised(plus, minus, extent)
        odd = tableau(np.where(lost, np.nan, (plus - minus) / (2 * steps)), CENTRAL_POWERS)
        even = tableau(np.where(lost, np.nan, (plus + minus) / (2 * steps)), GAP_POWERS)
        measured = np.maximum(disagreement(odd, steps), disagreement(even, steps))
        size = np.abs(sides).max(axis=0) + np.abs(self.base) + self.scales[lines, np.newaxis] * np.abs(odd[0])
        expected = self.precision * size + self.noise
        unresolved = measured > np.maximum(RESOLVED * moves, EXPECTED * expected)
        rounding = np.where(unresolved, np.inf, (expected + measured) / steps)
        value, bar = select(odd, rounding)
        gap, gap_bar = select(even, rounding)
        kinked = np.abs(gap) > gap_bar
        return Slopes(
            value,
            np.where(kinked, bar + gap_bar + np.abs(gap), np.maximum(bar, gap_bar)),
            np.where(kinked, 2 * gap, 0.0),
            ~kinked & _noisy(measured, extent),
        )


def _largest_moves(plus: Array, minus: Array) -> Array:
    """How far the outputs move up to each step, shape (rows, lines, outputs)."""
    moves = np.fmax(np.fmax(np.abs(plus), np.abs(minus)), 0.0)
    return np.asarray(np.fmax.accumulate(moves[::-1], axis=0)[::-1])


def _quantised(plus: Array, minus: Array, extent: Array) -> Bools:
    """Rows in which nothing moved because the arithmetic is too coarse to see the step.

    A plateau looks the same; but it ends on one side, or with a move larger than any arithmetic's last digit.
    """
    moves = np.minimum(np.where(plus == 0, np.inf, np.abs(plus)), np.where(minus == 0, np.inf, np.abs(minus)))
    smallest = np.min(moves, axis=0, initial=np.inf, where=~np.isnan(moves))
    both_sides = ((plus != 0) & (minus != 0)).any(axis=0)
    return np.asarray((plus == 0) & (minus == 0) & both_sides & (smallest <= COARSEST_DIGIT * extent))


def _noisy(measured: Array, extent: Array) -> Bools:
    """Where the two finest rows show the same small noise."""
    finest, next_finest = np.sort(measured, axis=0)[:2]
    return np.asarray((next_finest <= STEADY * finest) & (finest <= COARSEST_DIGIT * extent))
