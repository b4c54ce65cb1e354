"""Quick differences: right to their rounding for smooth functions, and gaps where the two sides differ."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from gradcheck.numeric.quick import quick_difference

EPS = 2.0**-52
SMOOTH: dict[str, tuple[Callable[[float], float], float]] = {
    "exp": (lambda t: math.exp(2 * t) - 1, 2.0),
    "sin": (lambda t: math.sin(1 + t) - math.sin(1), math.cos(1)),
    "cubic": (lambda t: 3 * t + 5 * t**3, 3.0),
    "log": (lambda t: math.log1p(t / 3), 1 / 3),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_the_slope_lies_within_its_rounding(name: str) -> None:
    phi, slope = SMOOTH[name]
    found = quick_difference(phi, EPS, EPS)
    assert abs(found.value - slope) <= found.rounding < 1e-10
    assert abs(found.gap) < 1e-7


@pytest.mark.parametrize("jump", [1.0, 1e-3, 1e-6])
def test_a_kink_shows_as_half_the_difference_of_its_slopes(jump: float) -> None:
    found = quick_difference(lambda t: t + jump * max(t, 0.0), EPS, EPS)
    assert found.gap == pytest.approx(jump / 2, abs=found.rounding)


def test_a_slope_off_by_a_billionth_stands_out() -> None:
    phi, slope = SMOOTH["sin"]
    found = quick_difference(phi, EPS, EPS)
    assert abs(found.value - slope * (1 + 1e-9)) > found.rounding
