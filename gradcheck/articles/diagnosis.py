"""Names the mistake in a hand-written gradient, in the article's own terms."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from gradcheck.articles.data import Array
from gradcheck.articles.gradient import ROUNDING, Gradient
from gradcheck.results import Diagnosis

SIMPLE_DENOMINATOR = 1000
"""A constant ratio is shown as a fraction up to this denominator, else as a decimal."""


def diagnose_gradient(stated: Array, found: Gradient, loss: str) -> Diagnosis:
    """What is wrong with `stated` as the gradient of `loss`, which is put in words: a constant factor, or what else."""
    factor = constant_factor(stated, found.symbolic)
    if factor is not None:
        return _factor_diagnosis(factor, loss)
    from gradcheck.checking.diagnose import diagnose

    return diagnose(stated, found.difference, found.symbolic.ndim - stated.ndim if stated.ndim else 0)


def constant_factor(stated: Array, actual: Array) -> float | None:
    """The number that `actual` is multiplied by in `stated`, where there is one.

    >>> constant_factor(np.array([1.0, 2.0]), np.array([2.0, 4.0]))
    0.5
    """
    if stated.shape != actual.shape or not np.any(actual):
        return None
    factor = float(np.sum(stated * actual) / np.sum(actual * actual))
    scale = np.max(np.abs(actual)) * max(abs(factor), ROUNDING)
    return factor if np.all(np.abs(stated - factor * actual) <= 10 * ROUNDING * scale) else None


def _factor_diagnosis(factor: float, loss: str) -> Diagnosis:
    simple = Fraction(factor).limit_denominator(SIMPLE_DENOMINATOR)
    name = str(simple) if abs(float(simple) - factor) <= 1e-9 * abs(factor) else f"{factor:.6g}"
    multiple = "half" if simple == Fraction(1, 2) else "minus" if simple == -1 else f"{name} times"
    inverse = f"{1 / simple}" if simple else "the right factor"
    return Diagnosis(
        "factor",
        f"it is the gradient of {multiple} {loss}: factor {name}",
        f"multiply the gradient by {inverse}, or state the loss that it belongs to ({multiple} this one)",
    )
