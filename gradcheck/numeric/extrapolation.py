"""Extrapolate difference quotients to step zero, and say how far the result can be trusted.

Rows are quotients at steps that shrink by `RATIO`, coarsest first. Romberg's scheme removes one power of the step
a column. Three things widen the bar of a row: how much its columns differ (truncation), what the function's
arithmetic can lose (rounding), and what finer rows say differently (contradiction).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RATIO = 3.7
"""How much smaller each step is than the one before. No integer: a wave whose period divides one step must not divide
the coarser ones too, or every row agrees on a wrong slope."""

CENTRAL_POWERS = (2, 4, 6, 8)
"""Powers of the step in the error of a central difference, `(f(x+h) - f(x-h)) / 2h`."""

GAP_POWERS = (1, 3, 5, 7)
"""Powers of the step in half the difference of the two one-sided quotients, which vanishes where f is smooth."""

ONE_SIDED_POWERS = (1, 2, 3, 4)
"""Powers of the step in the error of a one-sided difference."""

SAFETY = 4.0
"""Factor on truncation and rounding, which are estimates from a few steps. Over 22 families of functions, bars with it
missed the truth at 1 of 88,000 points (float16); without it at 26 of 22,000 (nearly all noisy or low-precision)."""


def tableau(rows: Array, powers: Sequence[int]) -> list[Array]:
    """Romberg's columns: column j lacks the first j rows, and the first j `powers` of the step in its error."""
    columns = [rows]
    for power in powers[: len(rows) - 1]:
        coarse, fine = columns[-1][:-1], columns[-1][1:]
        columns.append(fine + (fine - coarse) / (RATIO**power - 1.0))
    return columns


def disagreement(columns: Sequence[Array], steps: Array) -> Array:
    """Noise of the function as seen in quotients, per row: what neighbouring rows of the third column differ by.

    Truncation is negligible there where the steps are small, so the rest is the function's own. A row takes the
    largest noise seen at its own step or at finer ones; nan where too few rows are finite to tell.
    """
    noise = np.full_like(columns[0], np.nan)
    if len(columns) > 2:
        noise[3:] = np.abs(np.diff(columns[2], axis=0)) * steps[3:]
    noise[:3] = np.nan
    return np.asarray(np.fmax.accumulate(noise[::-1], axis=0)[::-1])


def select(columns: Sequence[Array], rounding: Array) -> tuple[Array, Array]:
    """The value with the smallest error bar, entry by entry, and that bar; inf where no row can be trusted.

    `rounding` is the error of each row's quotient that no extrapolation removes.
    """
    values, bars = _best_column(columns)
    bars = SAFETY * (bars + rounding)
    bars = np.where(np.isfinite(bars) & np.isfinite(values), bars, np.inf)
    bars = bars + _contradiction(values, bars)
    chosen = np.argmin(bars, axis=0)[np.newaxis]
    return np.take_along_axis(values, chosen, axis=0)[0], np.take_along_axis(bars, chosen, axis=0)[0]


def _contradiction(values: Array, bars: Array) -> Array:
    """How far each row lies outside the bars of the finer rows: those see what it steps over."""
    contradiction = np.zeros_like(values)
    for row in range(len(values) - 1):
        outside = np.abs(values[row + 1 :] - values[row]) - bars[row + 1 :]
        contradiction[row] = np.fmax.reduce(outside, axis=0, initial=0.0)
    return contradiction


def _best_column(columns: Sequence[Array]) -> tuple[Array, Array]:
    """For each row the column whose change against its two parents is smallest, and that change."""
    values = columns[0].copy()
    changes = np.full_like(values, np.inf)
    for j, (parent, column) in enumerate(pairwise(columns), start=1):
        change = np.maximum(np.abs(column - parent[1:]), np.abs(column - parent[:-1]))
        better = change < changes[j:]
        values[j:] = np.where(better, column, values[j:])
        changes[j:] = np.where(better, change, changes[j:])
    return values, changes
