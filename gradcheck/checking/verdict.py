"""Decide from an error bar whether a derivative is right, wrong, or cannot be told.

A derivative is wrong where it lies outside the bar, whatever the size of the difference; and nothing is called
correct by a bar so wide that a wrong derivative would pass as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradcheck.numeric.estimate import Estimate
from gradcheck.results import Verdict

Array = NDArray[np.float64]

WIDEST = 1e-3
"""A bar wider than this fraction of the largest entry could hide a mistake: the verdict is INCONCLUSIVE."""

ROUNDING = 512.0
"""Units in the last place by which two exact ways of computing a derivative may differ, relative to the largest term
that went into it. Sums of a few hundred terms in different order stay within it."""


@dataclass(frozen=True)
class Comparison:
    """The verdict, and the entry that decided it: the one whose error is the largest multiple of its bar.

    `worst_error` is that entry's distance from the measured value (from the interval between the one-sided slopes at
    a kink), `error_bar` its bar, `ratio` their quotient, `index` its place. `kinks` lists the entries at a kink.
    """

    verdict: Verdict
    worst_error: float
    error_bar: float
    ratio: float
    index: tuple[int, ...] = ()
    reason: str = ""
    kinks: tuple[tuple[int, ...], ...] = ()


def compare(analytic: ArrayLike, estimate: Estimate) -> Comparison:
    """Hold a derivative against a measured one of the same shape.

    Entries at a kink pass if they lie between the one-sided slopes.

    >>> measured = Estimate(np.array([2.0, 3.0]), np.array([1e-9, 1e-9]), 22)
    >>> compare([2.0, 3.0], measured).verdict
    <Verdict.CORRECT: 'CORRECT'>
    >>> compare([2.0, 3.1], measured).index
    (1,)
    """
    claimed = np.asarray(analytic, dtype=np.float64)
    _same_shape(claimed, estimate.value)
    jump = np.zeros_like(estimate.value) if estimate.jump is None else estimate.jump
    error = np.maximum(np.abs(claimed - estimate.value) - np.abs(jump) / 2, 0.0)
    kinks = tuple(_place(i) for i in np.argwhere(jump != 0))
    found = _worst(claimed, error, estimate.slope_bar, kinks)
    if found.verdict is Verdict.WRONG or not claimed.size:
        return found
    reason = _too_wide(estimate, claimed)
    return found if not reason else _undecided(found, reason)


def compare_exact(analytic: ArrayLike, other: ArrayLike, scale: ArrayLike = 0.0) -> Comparison:
    """Hold two derivatives against each other that are both exact but for rounding.

    The bar is `ROUNDING` units in the last place of the largest entry of either, or of `scale`, where that is larger:
    the size of the terms that cancel on the way to the derivative (see `term_size`). Entries that are not finite in
    `other` cannot convict.

    >>> compare_exact([1.0, 2.0], [1.0, 2.0 + 4e-16]).verdict
    <Verdict.CORRECT: 'CORRECT'>
    """
    claimed, reference = np.asarray(analytic, dtype=np.float64), np.asarray(other, dtype=np.float64)
    _same_shape(claimed, reference)
    both = np.concatenate([np.abs(claimed).ravel(), np.abs(reference).ravel()])
    largest = np.max(both, initial=0.0, where=np.isfinite(both))
    size = np.maximum(np.broadcast_to(scale, reference.shape), largest)
    bar = np.where(np.isfinite(reference), ROUNDING * np.finfo(np.float64).eps * size, np.inf)
    found = _worst(claimed, np.abs(claimed - reference), bar, ())
    undecided = found.verdict is not Verdict.WRONG and not np.isfinite(reference).all()
    return _undecided(found, "the other derivative is not finite") if undecided else found


def term_size(gradient: Any, inputs: Sequence[NDArray[Any]], seed: int = 0) -> Array:
    """The size of the terms behind each entry of `gradient(*inputs)`: how it answers to rounding its inputs.

    Every input moves by about one unit in its last place, three times; the largest change, in units of rounding, is
    the size of terms that `compare_exact` should reckon with. A derivative that is computed backward stably is the
    exact one at inputs that differ by a few such units.

    >>> float(term_size(lambda x: (x - 1e6) * 3, [np.array(1e6 + 1)])) > 1e5
    True
    """
    generator = np.random.default_rng(seed)
    base = np.asarray(gradient(*inputs), dtype=np.float64)
    eps = float(np.finfo(np.float64).eps)
    largest = np.zeros_like(base)
    for _ in range(3):
        moved = [x + eps * x * generator.choice([-1.0, 1.0], x.shape) if x.dtype.kind == "f" else x for x in inputs]
        largest = np.fmax(largest, np.abs(np.asarray(gradient(*moved)) - base))
    return largest / eps


def _worst(claimed: Array, error: Array, bar: Array, kinks: tuple[tuple[int, ...], ...]) -> Comparison:
    """Judge by the entry with the largest multiple of its bar; an entry that is not finite beside a bar is wrong."""
    if not claimed.size:
        return Comparison(Verdict.INCONCLUSIVE, 0.0, 0.0, 0.0, (), "there is no entry to compare")
    error = np.where(np.isfinite(claimed), error, np.inf)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(error == 0, 0.0, np.where(np.isfinite(bar), error / bar, 0.0))
    index = _place(np.unravel_index(int(np.argmax(ratio)), ratio.shape))
    verdict = Verdict.WRONG if ratio[index] > 1 else Verdict.CORRECT
    return Comparison(verdict, float(error[index]), float(bar[index]), float(ratio[index]), index, "", kinks)


def _too_wide(estimate: Estimate, claimed: Array) -> str:
    """Why the bars cannot tell right from wrong, or nothing where they can."""
    bar = estimate.slope_bar
    if not np.isfinite(bar).all():
        index = _place(np.argwhere(~np.isfinite(bar))[0])
        return f"no step gives a finite difference that can be trusted at {_written(index)}"
    largest = max(float(np.max(np.abs(part), initial=0.0)) for part in (estimate.left, estimate.right, claimed))
    size = largest or estimate.magnitude
    index = _place(np.unravel_index(int(np.argmax(bar)), bar.shape))
    if bar[index] <= WIDEST * size:
        return ""
    share = f", {bar[index] / size:.1%} of the largest entry" if size else ""
    return f"the error bar of the finite difference is {bar[index]:.1e} at {_written(index)}{share}"


def _undecided(found: Comparison, reason: str) -> Comparison:
    return replace(found, verdict=Verdict.INCONCLUSIVE, reason=reason)


def _same_shape(claimed: Array, reference: Array) -> None:
    if claimed.shape != reference.shape:
        raise ValueError(f"derivatives of different shapes cannot be compared: {claimed.shape} and {reference.shape}")


def _place(index: Any) -> tuple[int, ...]:
    return tuple(int(i) for i in index)


def _written(index: tuple[int, ...]) -> str:
    return f"index {list(index)}" if index else "the point"
