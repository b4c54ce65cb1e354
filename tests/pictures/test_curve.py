"""Curves hold the function and its derivative; kinks are found where they are, with both slopes, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import UsageError, catalogue
from gradcheck.pictures.curve import curve
from gradcheck.pictures.expression_line import expression_line
from gradcheck.pictures.formula_line import formula_line

KINKS: dict[str, list[tuple[float, float, float, float | None]]] = {
    "abs(x)": [(0, -1, 1, 0)],
    "relu(x)": [(0, 0, 1, 0)],
    "abs(x - 1)": [(1, -1, 1, 0)],
    "relu(x)*abs(x - 1.3)": [(0, 0, 1.3, 0), (1.3, -1.3, 1.3, 0)],
    "maximum(x, x**2)": [(0, 0, 1, 0.5), (1, 1, 2, 1.5)],
    "clip(x, -1, 1)": [(-1, 0, 1, 1), (1, 1, 0, 1)],
    "where(x < 0.1, x, 3*x - 0.2)": [(0.1, 1, 3, 3)],
    "abs(sin(x))": [(-np.pi, -1, 1, None), (0, -1, 1, 0), (np.pi, -1, 1, None)],
}
"""Expression -> place, slope from the left and the right, and what the code gives; None where rounding decides it."""


@pytest.mark.parametrize("source", KINKS)
def test_kinks_are_found_with_both_slopes(source: str) -> None:
    found = curve(expression_line(source)).kinks
    for kink, (x, left, right, chosen) in zip(found, KINKS[source], strict=True):
        assert (kink.x, kink.left, kink.right) == pytest.approx((x, left, right), abs=1e-7)
        assert chosen is None or kink.chosen == pytest.approx(chosen, abs=1e-7)


@pytest.mark.parametrize(
    "source", ["x**3 - x", "exp(x)", "tanh(50*x)", "tanh(5000*x)", "sin(20*x)", "softplus(9*x)", "2"]
)
def test_smooth_functions_have_none_however_steep(source: str) -> None:
    line = expression_line(source if source != "2" else "0*x + 2")
    assert curve(line).kinks == ()


@pytest.mark.parametrize(("source", "gaps"), [("1/x", 1), ("tan(x)", 2), ("floor(x)", 7), ("sign(x)*(x**2 + 1)", 1)])
def test_jumps_and_poles_break_the_curve_and_are_no_kinks(source: str, gaps: int) -> None:
    found = curve(expression_line(source))
    assert found.kinks == ()
    assert np.isnan(found.value).sum() >= gaps


def test_what_is_undefined_leaves_a_gap() -> None:
    found = curve(expression_line("sqrt(x)"))
    assert np.isnan(found.value[found.x < 0]).all()
    assert np.isfinite(found.value[found.x > 0]).all()


def test_values_and_slopes_are_those_of_the_line() -> None:
    line = expression_line("x**2*sin(x)")
    found = curve(line, (-2.0, 3.0))
    assert (found.x[0], found.x[-1]) == (-2.0, 3.0)
    assert found.value == pytest.approx(found.x**2 * np.sin(found.x), rel=1e-12)
    assert found.slope == pytest.approx(2 * found.x * np.sin(found.x) + found.x**2 * np.cos(found.x), abs=1e-12)


def test_the_derivative_has_both_limits_at_a_kink() -> None:
    found = curve(formula_line(catalogue.formula("relu")))
    at = np.flatnonzero(found.x == 0.0)
    assert len(at) == 3
    assert found.slope[at].tolist() == pytest.approx([0.0, np.nan, 1.0], nan_ok=True)
    assert (np.diff(found.x) >= 0).all()


@pytest.mark.parametrize("span", [(3.0, 1.0), (1.0, 1.0), (0.0, float("nan")), (float("-inf"), 0.0)])
def test_an_interval_that_is_none_is_refused(span: tuple[float, float]) -> None:
    with pytest.raises(UsageError, match="is no interval"):
        curve(expression_line("x"), span)


def test_a_function_that_is_nowhere_finite_is_refused() -> None:
    with pytest.raises(UsageError, match="nowhere finite from -3 to -1"):
        curve(expression_line("log(x)"), (-3.0, -1.0))
