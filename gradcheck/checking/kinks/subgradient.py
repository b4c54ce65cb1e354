"""Kinks: what a derivative picks where the slopes of the two sides differ, and whether it may.

A function has no derivative there, only a range: every number between the two slopes is a subgradient of a convex
function, and what autograd frameworks return is one of them. The range is taken entry by entry; whether a whole
gradient may be one is asked of the points around (`around` for arrays, `kinked` for tensors).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from gradcheck.checking.diagnosis.diagnose import at
from gradcheck.numeric.estimate import Estimate
from gradcheck.results import KinkResult, Verdict

NO_GRADIENT = (
    "not differentiable here: the slopes along two directions do not add up to the slope along their sum, so that no"
    " gradient is right; the one given is near those of points around, and right there"
)
ELSEWHERE = "Check another point: one where no eigenvalues, singular values or sorted numbers are equal."


def kinks(analytic: ArrayLike, estimate: Estimate) -> tuple[KinkResult, ...]:
    """Every entry at a kink: its one-sided slopes, the number chosen, and CORRECT where that lies between them.

    >>> from gradcheck.numeric.difference import jacobian
    >>> (k,) = kinks([0.0], jacobian(np.abs, [np.array([0.0])]).reshape(1))
    >>> round(k.left, 9), round(k.right, 9), k.chosen, str(k.verdict)
    (-1.0, 1.0, 0.0, 'CORRECT')
    """
    if estimate.jump is None:
        return ()
    claimed = np.asarray(analytic, dtype=np.float64)
    return tuple(_kink(claimed, estimate, tuple(map(int, index))) for index in np.argwhere(estimate.jump != 0))


def _kink(claimed: np.ndarray, estimate: Estimate, index: tuple[int, ...]) -> KinkResult:
    left, right = float(estimate.left[index]), float(estimate.right[index])
    chosen, bar = float(claimed[index]), float(estimate.slope_bar[index])
    between = min(left, right) - bar <= chosen <= max(left, right) + bar
    return KinkResult(at(index), left, right, chosen, Verdict.CORRECT if between else Verdict.WRONG)
