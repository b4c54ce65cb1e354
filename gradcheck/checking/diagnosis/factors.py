"""Recognise a constant factor between two derivatives, and name it after the sizes at hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SMALL = tuple(Fraction(*pair) for pair in [(2, 1), (1, 2), (3, 1), (1, 3), (4, 1), (1, 4), (3, 2), (2, 3)])
"""Factors that need no size to explain them."""

PLAIN = (Fraction(2), Fraction(1, 2))
"""Factors so common that a size which happens to be 2 explains nothing."""

DOUBTFUL = 0.05
"""A factor known no better than this, relatively, is not named: too many names fit."""

WITH_SIZE = (Fraction(1), Fraction(2), Fraction(1, 2))
"""Factors that come along with a size: 1/n, 2/n, n, 2n, n/2, 1/2n."""

NEARLY_ONE = 1e-5
"""Factors this close to 1 are written with more digits."""


@dataclass(frozen=True)
class Factor:
    """A constant `value` with `claimed = value * true`, written out; `named` where it is a number one expects."""

    value: float
    text: str
    named: bool


def common_factor(claimed: Array, true: Array, tolerance: Array, sizes: Mapping[str, int]) -> Factor | None:
    """The c with `claimed = c * true` within `tolerance` at every entry, or None.

    One entry alone always has such a c; there it must be one with a name.

    >>> c = common_factor(np.array([1.0, 2.0]), np.array([5.0, 10.0]), np.full(2, 1e-9), {"m": 5})
    >>> c.text
    '1/5 of the true one (m = 5)'
    """
    clear = np.abs(true) > tolerance  # at a kink the slopes of the two sides leave room for many factors
    power = float(np.sum(true[clear] ** 2))
    if not np.isfinite(power) or power == 0 or not np.isfinite(claimed).all():
        return None
    value = float(np.sum((claimed * true)[clear])) / power
    if value == 0 or not np.all(np.abs(claimed - value * true) <= (1 + abs(value)) * tolerance):
        return None
    slack = 4 * float(np.sqrt(np.sum(tolerance[clear] ** 2) / power)) * (1 + abs(value))
    found = name_factor(value, slack, sizes)
    several = np.count_nonzero(clear) > 1
    return found if found.named or several else None


def name_factor(value: float, slack: float, sizes: Mapping[str, int]) -> Factor:
    """The factor as a person says it: `1/2 of the true one`, `-3 times the true one`, with sizes it agrees with."""
    for ratio, reason in _candidates(sizes) if slack <= DOUBTFUL * abs(value) else ():
        if abs(abs(value) - float(ratio)) <= slack + 1e-9 * float(ratio):
            signed = ratio if value > 0 else -ratio
            return Factor(value, _written(str(signed), abs(signed)) + reason, named=True)
    digits = 6 if abs(abs(value) - 1) > NEARLY_ONE else 12
    return Factor(value, _written(f"{value:.{digits}g}", abs(value)), named=False)


def _candidates(sizes: Mapping[str, int]) -> Iterator[tuple[Fraction, str]]:
    """Factors with the reason to expect them, the plainest first; a small one names the sizes it also fits."""
    from_sizes: dict[Fraction, list[str]] = {}
    for name, size in sizes.items():
        if size > 1:
            for factor in WITH_SIZE:
                for ratio in (factor * size, factor / size):
                    from_sizes.setdefault(ratio, []).append(f"{name} = {size}")
    plain = {ratio: [f"{name} = {size}" for name, size in sizes.items() if _explains(size, ratio)] for ratio in SMALL}
    for ratio, reasons in {**from_sizes, **plain}.items():
        yield ratio, f" ({', '.join(reasons)})" if reasons else ""


def _explains(size: int, ratio: Fraction) -> bool:
    return ratio not in PLAIN and ratio in (size, Fraction(1, size or 1))


def _written(number: str, size: Fraction | float) -> str:
    return f"{number} of the true one" if size < 1 else f"{number} times the true one"
