"""Slopes from one side, and kinks: points where the two sides disagree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradcheck.numeric.estimate import Estimate
from gradcheck.numeric.extrapolation import ONE_SIDED_POWERS, RATIO, disagreement, select, tableau
from gradcheck.numeric.lines import guarded, output, precision
from gradcheck.numeric.sweep import FIRST_STEP, Sweep

Array = NDArray[np.float64]

LEVELS = 12
"""Steps of a one-sided sweep. There is no second side to halve its truncation, so it goes finer at once."""


@dataclass(frozen=True)
class Kink:
    """The one-sided slopes at a point where they differ by more than their error bar, at least in one output.

    `left` and `right` have the outputs' shape, and so has `error_bar`, which belongs to each of the two.
    """

    left: Array
    right: Array
    error_bar: Array


def one_sided(phi: Callable[[float], ArrayLike], side: int = 1, scale: float = 1.0) -> Estimate:
    """The slope of a line function at 0 seen from its positive (`side=1`) or negative (`side=-1`) side.

    >>> slope = one_sided(lambda t: max(t, 0.0), side=1)
    >>> abs(slope.value - 1) <= slope.error_bar < 1e-9
    np.True_
    """
    base = output(phi(0.0))
    flat = base.astype(np.float64).ravel()
    steps = FIRST_STEP * abs(scale) * RATIO ** -np.arange(LEVELS, dtype=np.float64)[:, np.newaxis]
    direction = np.copysign(1.0, side)
    with np.errstate(all="ignore"):
        displace = guarded(lambda _, t: phi(t), flat.size)
        rows = np.array([displace(0, direction * step) for step in steps[:, 0]])
        slopes = direction * (rows - flat) / steps
        columns = tableau(slopes, ONE_SIDED_POWERS)
        size = np.abs(rows) + np.abs(flat) + scale * np.abs(slopes)
        value, bar = select(columns, precision(base) * size / steps + disagreement(columns, steps) / steps)
    magnitude = float(np.max(np.abs(flat), initial=0.0) / abs(scale))
    return Estimate(value, bar, LEVELS + 1, None, magnitude).reshape(*base.shape)


def kink(phi: Callable[[float], ArrayLike], scale: float = 1.0) -> Kink | None:
    """The one-sided slopes of a line function at 0 where they differ; None where both sides agree.

    >>> found = kink(abs)
    >>> float(found.left), float(found.right)
    (-1.0, 1.0)
    >>> kink(lambda t: t * t) is None
    True
    """
    base = output(phi(0.0))
    flat = base.astype(np.float64).ravel()
    with np.errstate(all="ignore"):
        displace = guarded(lambda _, t: phi(t), flat.size)
        sweep = Sweep(displace, flat, np.array([abs(float(scale))]), precision(base))
        found = sweep.estimate().reshape(*base.shape)
    if found.jump is None or not np.any(found.jump):
        return None
    return Kink(found.left, found.right, found.slope_bar)
