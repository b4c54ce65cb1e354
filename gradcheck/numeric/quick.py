"""A quick difference: four evaluations, enough to agree with a derivative that is right, never to convict one.

It has no estimate of its truncation error: a derivative that agrees with it to rounding agrees with the truth, since
the truncation error of a smooth function would have to equal the mistake to as many digits. What does not agree is
left to a full sweep.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gradcheck.numeric.extrapolation import RATIO

FAR = 6e-4
"""The larger of two steps, relative to the point: for most functions truncation of fourth order is below rounding."""

FINE = 1e-6
"""The larger of two steps where jumps or kinks may lie beside the point: less precise, and seldom across one."""

FINEST = 1e-8
"""A last resort between poles that lie closer still."""

SAFETY = 16.0
"""Factor on the rounding error: it is estimated from the outputs' precision, not seen in further steps."""


@dataclass(frozen=True)
class QuickDifference:
    """The slope of a line function at 0, to fourth order; half of what the two sides differ by; and its rounding.

    `step` is the smaller of its two steps.
    """

    value: float
    gap: float
    rounding: float
    step: float


def quick_difference(
    phi: Callable[[float], float], precision: float, noise: float, step: float = FAR
) -> QuickDifference:
    """The slope of `phi`, which is 0 at 0, whose values have relative precision `precision` and absolute `noise`.

    >>> import math
    >>> found = quick_difference(lambda t: math.exp(2 * t) - 1, 2e-16, 2e-16)
    >>> abs(found.value - 2) <= found.rounding < 1e-10, abs(found.gap) < 1e-6
    (True, True)
    """
    finer = step / RATIO
    far, back_far, near, back_near = phi(step), phi(-step), phi(finer), phi(-finer)
    slopes = ((far - back_far) / (2 * step), (near - back_near) / (2 * finer))
    gaps = ((far + back_far) / (2 * step), (near + back_near) / (2 * finer))
    return QuickDifference(
        slopes[1] + (slopes[1] - slopes[0]) / (RATIO**2 - 1),
        gaps[1] + (gaps[1] - gaps[0]) / (RATIO - 1),
        SAFETY * (precision * max(abs(near), abs(back_near)) + noise) / finer,
        finer,
    )
