"""The number that one line is a multiple of another by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mpmath as mp
import sympy as sp

from gradcheck.symbolic.derivations.derivation import TOLERANCE

LARGEST_DENOMINATOR = 1000
DIGITS = 6


def constant_ratio(ratios: Sequence[Any]) -> sp.Expr | None:
    """The number that all ratios are, as a fraction where it is a short one; None where they differ.

    >>> constant_ratio([mp.mpf(0.75), mp.mpf(0.75)]), constant_ratio([mp.mpf(1), mp.mpf(2)])
    (3/4, None)
    """
    first = ratios[0]
    if any(abs(ratio - first) > TOLERANCE * (1 + abs(first)) for ratio in ratios):
        return None
    close = sp.Rational(mp.nstr(first, 20)).limit_denominator(LARGEST_DENOMINATOR)
    exact = abs(mp.mpf(close.p) / close.q - first) <= 1e-15 * abs(first)
    return close if exact else sp.Float(mp.nstr(first, DIGITS), DIGITS)
