"""A line's values and slopes are torch's, in ordinary and in 40-digit arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from gradcheck import UsageError, catalogue
from gradcheck.pictures.expression_line import expression_line
from gradcheck.pictures.formula_line import formula_line
from gradcheck.pictures.point import formula_point

POINTS = (-1.7, 0.3, 2.4)

EXPRESSIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "x**2*sin(x)": lambda x: x**2 * torch.sin(x),
    "exp(-x**2)/(1 + x**2)": lambda x: torch.exp(-(x**2)) / (1 + x**2),
    "relu(x) + abs(x - 1)": lambda x: torch.relu(x) + torch.abs(x - 1),
    "erf(x)*tanh(x)": lambda x: torch.erf(x) * torch.tanh(x),
}


@pytest.mark.parametrize("source", EXPRESSIONS)
def test_an_expression_is_torch_s(source: str) -> None:
    found = expression_line(source)
    for at in POINTS:
        x = torch.tensor(at, dtype=torch.float64, requires_grad=True)
        value = EXPRESSIONS[source](x)
        value.backward()
        assert x.grad is not None
        assert found.value(at) == pytest.approx(value.item(), rel=1e-14)
        assert found.slope(at) == pytest.approx(x.grad.item(), rel=1e-13)
        assert float(found.exact_slope(at)) == pytest.approx(x.grad.item(), rel=1e-13)


@pytest.mark.parametrize(
    ("name", "wrt"), [("silu", "x"), ("softmax", "z"), ("mse", "p"), ("cross_entropy_index", "Z"), ("log_det", "X")]
)
def test_a_formula_is_torch_s(name: str, wrt: str) -> None:
    formula = catalogue.formula(name)
    point = formula_point(formula, {})
    found = formula_line(formula, wrt, point)
    tensors = [torch.tensor(value) for value in point.values()]
    moved = tensors[formula.variable_names.index(wrt)]
    moved.requires_grad_()
    output = formula.torch(*tensors).reshape(-1)[0]
    output.backward()
    assert moved.grad is not None
    expected = float(moved.grad.reshape(-1)[0])
    assert found.at == float(point[wrt].reshape(-1)[0])
    assert found.value(found.at) == pytest.approx(output.item(), rel=1e-14)
    assert found.slope(found.at) == pytest.approx(expected, rel=1e-13)
    assert float(found.exact_slope(found.at)) == pytest.approx(expected, rel=1e-13)


def test_where_the_first_entry_has_no_influence_the_largest_is_looked_at() -> None:
    hidden_off = {"x": [0.0, 3.0], "W": [[1.0, 2.0], [4.0, 5.0]], "b": [0.0, 0.0]}
    found = formula_line(catalogue.formula("linear"), "W", hidden_off)
    assert found.variable == "W₀₁"
    assert found.slope(1.0) == 3.0


def test_a_narrow_domain_is_not_left() -> None:
    low, high = formula_line(catalogue.formula("binary_cross_entropy"), "p").span
    assert 0 < low < high < 1


def test_an_entry_by_entry_function_needs_no_index() -> None:
    assert formula_line(catalogue.formula("gelu")).variable == "x"
    assert formula_line(catalogue.formula("gelu"), at={"x": [0.1, 0.2]}).variable == "x₀"


def test_constants_keep_their_value() -> None:
    found = expression_line("a*x**2", wrt="x", at={"a": 0.1, "x": 2})
    assert found.value(2.0) == pytest.approx(0.4, rel=1e-15)
    assert (found.fixed, found.at) == ("a = 0.1", 2.0)


def test_the_complex_plane_is_open_where_the_function_is_analytic() -> None:
    assert expression_line("exp(x)").value(1 + 1e-20j) == pytest.approx(np.exp(1 + 1e-20j))


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ("2", {}, "2 has no variable"),
        ("x*y", {}, "also depends on y"),
        ("x*y", {"at": {"x": 1, "y": 2}}, "choose the variable that moves: x, y"),
        ("x", {"wrt": "y"}, "no variable of the expression is named 'y'"),
        ("x", {"at": {"x": [1]}}, "x must be one finite number, got [1]"),
        ("x", {"at": {"x": float("inf")}}, "x must be one finite number, got inf"),
        ("log(x)", {"at": {"x": -1}}, "log(x) is not finite where x = -1"),
        ("sni(x)", {}, "did you mean 'sin'"),
    ],
)
def test_bad_expressions_are_refused(source: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as refusal:
        expression_line(source, **options)
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("softmax", {"wrt": "T"}, "no variable to differentiate softmax by is named 'T'; choose from z"),
        ("cross_entropy_index", {"at": {"c": [0, 9]}}, "cannot be evaluated there"),
        ("log_det", {"at": {"X": [[0.0, 1.0], [1.0, 0.0]]}}, "is not finite"),
    ],
)
def test_bad_points_of_formulas_are_refused(name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as refusal:
        formula_line(catalogue.formula(name), **options)
    assert message in str(refusal.value)
