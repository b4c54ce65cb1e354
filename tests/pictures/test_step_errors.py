"""The V-curve's two arms have the slopes of theory, its minimum lies where they cross, the complex step has none."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import UsageError, catalogue
from gradcheck.pictures.expression_line import expression_line
from gradcheck.pictures.formula_line import formula_line
from gradcheck.pictures.line import Line
from gradcheck.pictures.step_errors import STEPS, step_errors

EPSILON = 2.0**-52

LINES = {
    "sin": lambda: expression_line("sin(x)", at={"x": 0.7}),
    "exp": lambda: expression_line("exp(x)", at={"x": 1.3}),
    "rational": lambda: expression_line("1/(1 + x**2)", at={"x": 1.1}),
    "sigmoid": lambda: formula_line(catalogue.formula("sigmoid"), at={"x": [0.6]}),
    "logsumexp": lambda: formula_line(catalogue.formula("logsumexp"), at={"z": [0.3, 1.1]}),
}


@pytest.fixture(params=LINES)
def line(request: pytest.FixtureRequest) -> Line:
    made: Line = LINES[request.param]()
    return made


def test_the_least_errors_lie_where_truncation_meets_rounding(line: Line) -> None:
    forward, central, _ = step_errors(line).methods
    for method, root, power in ((forward, EPSILON ** (1 / 2), 1 / 2), (central, EPSILON ** (1 / 3), 2 / 3)):
        step, error = method.best
        assert root / 100 < step < root * 100
        assert error < 10 * EPSILON**power


def test_truncation_falls_with_the_order_of_the_method(line: Line) -> None:
    logarithms = np.log10(STEPS)
    coarse = (logarithms <= -1) & (logarithms >= -3)
    for method, order in zip(step_errors(line).methods, (1, 2, 2), strict=True):
        slope = np.polyfit(logarithms[coarse], np.log10(np.array(method.errors)[coarse]), 1)[0]
        assert slope == pytest.approx(order, abs=0.05)


def test_rounding_spoils_differences_and_not_the_complex_step(line: Line) -> None:
    forward, central, complex_step = step_errors(line).methods
    tiny = np.array(STEPS) < 1e-9
    assert np.array(complex_step.errors)[tiny].max() < 8 * EPSILON
    assert min(np.array(each.errors)[tiny].min() for each in (forward, central)) > EPSILON
    assert min(forward.errors[-1], central.errors[-1]) > 0.01


def test_errors_are_relative_unless_the_slope_is_0() -> None:
    assert step_errors(expression_line("cos(x)", at={"x": 1.0})).relative
    flat = step_errors(expression_line("cos(x)", at={"x": 0.0}))
    assert not flat.relative
    assert flat.methods[0].errors[0] == pytest.approx(1 - np.cos(1.0))


def test_no_complex_step_is_shown_where_the_function_takes_no_complex_numbers() -> None:
    assert [each.name for each in step_errors(formula_line(catalogue.formula("gelu"))).methods] == [
        "forward difference",
        "central difference",
    ]


def test_steps_out_of_the_domain_are_nan() -> None:
    central = step_errors(expression_line("log(x)", at={"x": 0.5})).methods[1]
    assert np.isnan(central.errors[0])
    assert np.isfinite(central.errors[8])


def test_a_point_without_a_derivative_is_refused() -> None:
    with pytest.raises(UsageError, match="has no derivative where x = 0"):
        step_errors(expression_line("sqrt(x)", at={"x": 0.0}))
