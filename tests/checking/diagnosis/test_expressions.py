"""Slips in a derivative's formula are named where one alone explains every entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from gradcheck.checking.functions import check_gradient_function
from gradcheck.checking.torch_check import check_gradients
from gradcheck.results import Verdict
from tests.checking.planted import Tensor, normal, planted

Array = NDArray[np.float64]


def sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


CASES: dict[str, tuple[Callable[[Array], Any], Callable[[Array], Any], Callable[[Array], Any], str]] = {
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2, lambda x: 1 - np.tanh(x), "1 - y in place of 1 - y**2"),
    "tanh of x": (np.tanh, lambda x: 1 - np.tanh(x) ** 2, lambda x: 1 - x**2, "1 - x**2 in place of 1 - y**2"),
    "sigmoid of x": (
        sigmoid,
        lambda x: sigmoid(x) * (1 - sigmoid(x)),
        lambda x: x * (1 - x),
        "x * (1 - x) in place of y * (1 - y)",
    ),
    "exp": (np.exp, np.exp, lambda x: x, "x in place of y"),
    "cube": (lambda x: x**3, lambda x: 3 * x**2, lambda x: 3 * x, "a factor x is missing"),
    "exp times x": (np.exp, np.exp, lambda x: x * np.exp(x), "a factor x is too much"),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("x", [0.3, -0.7, 1.3])
def test_a_slip_is_named_at_one_number(name: str, x: float) -> None:
    f, right, wrong, text = CASES[name]
    check = check_gradient_function(f, wrong, x)
    assert (check.verdict, check.findings[0].kind) == (Verdict.WRONG, "expression")
    assert text in check.findings[0].text
    assert check_gradient_function(f, right, x).ok


@pytest.mark.parametrize("name", CASES)
def test_a_slip_is_named_in_a_jacobian(name: str) -> None:
    f, right, wrong, text = CASES[name]
    x = np.array([0.3, -0.7, 1.1])
    check = check_gradient_function(f, lambda x: np.diag(wrong(x)), x)
    assert text in check.findings[0].text
    assert check_gradient_function(f, lambda x: np.diag(right(x)), x).ok


def test_a_slip_in_the_gradient_of_a_sum_is_told_by_the_input() -> None:
    check = check_gradient_function(lambda x: np.sum(x**3), lambda x: 3 * x, np.array([0.3, -0.7, 1.1]))
    assert "a factor x is missing" in check.findings[0].text


def test_a_slip_in_a_backward_pass() -> None:
    def backward(g: Tensor, x: Tensor) -> Tensor:
        return g * (1 - torch.tanh(x))

    finding = check_gradients(planted(torch.tanh, backward), normal(5)).findings[0]
    assert (finding.kind, finding.place) == ("expression", "input 0")
    assert "1 - y in place of 1 - y**2" in finding.text


@pytest.mark.parametrize("wrong", [lambda x: 1.1 - np.tanh(x), np.cos, lambda x: 1 - np.tanh(x) ** 3])
def test_what_no_slip_explains_gets_no_name(wrong: Callable[[Array], Any]) -> None:
    assert check_gradient_function(np.tanh, wrong, 0.3).findings[0].kind == "other"


def test_where_two_slips_explain_it_none_is_named() -> None:
    check = check_gradient_function(lambda x: x**3 + 0 * x, lambda x: 3 * x**3, 1.5)
    assert check.findings[0].kind in ("other", "expression", "factor")
    assert check_gradient_function(np.exp, lambda x: 0 * x, 0.3).findings[0].kind == "zero"
