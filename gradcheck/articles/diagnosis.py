"""Names the mistake in a hand-written gradient, in the article's own terms."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from gradcheck.articles.data import Array
from gradcheck.articles.gradient import ROUNDING, Gradient
from gradcheck.checking.diagnosis.diagnose import diagnose
from gradcheck.results import Diagnosis

SAME_FACTOR = 1e-9
"""Relative distance within which two factors are one."""

SIMPLE_DENOMINATOR = 1000
"""A constant ratio is shown as a fraction up to this denominator, else as a decimal."""


def diagnose_gradient(stated: Sequence[Array], found: Sequence[Gradient], loss: str) -> Diagnosis:
    """What is wrong with each of `stated` as the gradient of `loss`, which is put in words, at several points.

    A constant factor is a diagnosis only where it is the same at every point; where it changes with the point, that is
    said. Any other mistake is named from the last point.
    """
    factors = [constant_factor(value, gradient.symbolic) for value, gradient in zip(stated, found, strict=True)]
    known = [factor for factor in factors if factor is not None]
    if len(known) < len(factors):
        return diagnose(stated[-1], found[-1].difference)
    if max(known) - min(known) <= SAME_FACTOR * max(map(abs, known)):
        return _factor_diagnosis(known[0], loss)
    changing = ", ".join(_fraction(factor) for factor in known)
    return Diagnosis(
        "factor",
        f"it is a multiple of the gradient of {loss}, by a factor that changes with the size: {changing}",
        "divide by the number of samples at hand",
    )


def constant_factor(stated: Array, actual: Array) -> float | None:
    """The number that `actual` is multiplied by in `stated`, where there is one.

    >>> constant_factor(np.array([1.0, 2.0]), np.array([2.0, 4.0]))
    0.5
    """
    if stated.shape != actual.shape or not np.any(actual) or not np.any(stated):
        return None
    factor = float(np.sum(stated * actual) / np.sum(actual * actual))
    scale = np.max(np.abs(actual)) * max(abs(factor), ROUNDING)
    return factor if np.all(np.abs(stated - factor * actual) <= 10 * ROUNDING * scale) else None


def _factor_diagnosis(factor: float, loss: str) -> Diagnosis:
    name = _fraction(factor)
    multiple = {"1/2": "half", "2": "twice", "-1": "minus"}.get(name, f"{name} times")
    return Diagnosis(
        "factor",
        f"it is the gradient of {multiple} {loss}: factor {name}",
        f"multiply the gradient by {_fraction(1 / factor)}, or train on {multiple} {loss}",
    )


def _fraction(factor: float) -> str:
    """A factor as a fraction where it is a simple one, else as a decimal."""
    simple = Fraction(factor).limit_denominator(SIMPLE_DENOMINATOR)
    return str(simple) if abs(float(simple) - factor) <= SAME_FACTOR * abs(factor) else f"{factor:.6g}"
