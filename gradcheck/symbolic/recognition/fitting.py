"""How one formula's values follow from another's: equal, or by a factor and an offset, the same at all points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

TOLERANCE = 1e-9
MOST_BELOW = 720
"""The largest denominator of a factor."""


def equal(found: Any, known: Any) -> bool:
    """Whether two arrays of values are the same to rounding, where they are finite, and finite alike.

    >>> equal(np.array([1.0, np.nan]), np.array([1.0, np.nan])), equal(np.array([1.0]), np.array([1.1]))
    (True, False)
    """
    finite = np.isfinite(known)
    if found.shape != known.shape or not finite.any() or not (np.isfinite(found) == finite).all():
        return False
    scale = np.abs(known[finite]).max()
    return bool((np.abs(found[finite] - known[finite]) <= TOLERANCE * max(scale, 1e-3)).all())


def fit(found: Any, known: Any) -> tuple[float, float] | None:
    """(a, b) with found = a known + b, b being 0 where that will do; None where there is none.

    >>> fit(np.array([2.0, 4.0, 8.0]), np.array([1.0, 2.0, 4.0]))
    (2.0, 0.0)
    """
    finite = np.isfinite(known)
    if found.shape != known.shape or not (np.isfinite(found) == finite).all() or finite.sum() < 3:
        return None
    f, k = np.ravel(found[finite]), np.ravel(known[finite])
    spread = np.ptp(k)
    if spread <= 1e-6 * max(np.abs(k).max(), 1e-12) or np.ptp(f) == 0:
        return None
    a = float(f @ k / (k @ k))
    if equal(f, a * k):
        return a, 0.0
    slope = np.cov(f, k)[0, 1] / np.var(k, ddof=1)
    shift = float(np.mean(f) - slope * np.mean(k))
    return (float(slope), shift) if equal(f, slope * k + shift) else None


def factor_of(numbers: Sequence[float], sizes: Sequence[Mapping[sp.Symbol, int]]) -> sp.Expr | None:
    """The simplest factor made of a fraction and sizes that is each of the numbers at its sizes.

    >>> n = sp.Symbol("n", integer=True, positive=True)
    >>> factor_of([2 / 3, 1.0, 0.5], [{n: 3}, {n: 2}, {n: 4}])
    2/n
    """
    for made in _products(list(sizes[0])):
        scales = [float(made.subs(at)) if _positive(made, at) else 0.0 for at in sizes]
        if all(scales):
            fraction = Fraction(numbers[0] / scales[0]).limit_denominator(MOST_BELOW)
            if fraction and all(
                abs(number - float(fraction) * scale) <= TOLERANCE * abs(number)
                for number, scale in zip(numbers, scales, strict=True)
            ):
                return sp.Rational(fraction.numerator, fraction.denominator) * made
    return None


def _positive(made: sp.Expr, at: Mapping[sp.Symbol, int]) -> bool:
    return bool(made.subs(at).is_positive)


def _products(sizes: Sequence[sp.Symbol]) -> Iterator[sp.Expr]:
    """Products of sizes and of sizes less one, upside down or not, the simplest first."""
    yield sp.S.One
    parts = [
        made
        for n in sizes
        for made in (1 / n, n, 1 / (n - 1), n / (n - 1), (n - 1) / n, n - 1, sp.sqrt(n), 1 / sp.sqrt(n))
    ]
    yield from parts
    yield from (a * b for place, a in enumerate(parts) for b in parts[place + 1 :])
