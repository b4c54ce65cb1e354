"""Planted faults: a formula whose textbook gradient or whose torch counterpart is wrong must be caught and named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
import sympy as sp
import torch

from gradcheck import catalogue
from gradcheck.checking.formulas.formula_check import check_formula
from gradcheck.results import FormulaResult, Verdict
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.tensors import delta, index

SIZE = sp.Symbol("n", integer=True, positive=True)
COUNTERPART_ORACLES = ("reverse", "forward", "finite_difference")


@dataclass(frozen=True)
class WrongStatement:
    """A gradient as a careless textbook would print it: `distort` takes the right one and its input indices."""

    formula: str
    wrt: str
    kind: str
    distort: Callable[..., sp.Expr]


def swap(gradient: sp.Expr, row: sp.Symbol, column: sp.Symbol) -> sp.Expr:
    """The gradient with its two input indices exchanged."""
    return gradient.xreplace({row: column, column: row})


WRONG_STATEMENTS = (
    WrongStatement("mse", "p", "factor", lambda gradient, j: gradient / 2),
    WrongStatement("linear_regression", "w", "factor", lambda gradient, j: 3 * gradient),
    WrongStatement("xor_network", "W2", "factor", lambda gradient, row, column: 2 * gradient),
    WrongStatement("cross_entropy_index", "Z", "sign", lambda gradient, row, column: -gradient),
    WrongStatement("kl_divergence", "q", "sign", lambda gradient, j: -gradient),
    WrongStatement("log_det", "X", "transposed", swap),
    WrongStatement("trace_of_inverse", "X", "transposed", swap),
    WrongStatement("softmax", "z", "missing_coupling", lambda gradient, j: gradient * delta(index("i"), j)),
    WrongStatement(
        "hessian_of_cross_entropy", "z", "missing_coupling", lambda gradient, j: gradient * delta(index("i"), j)
    ),
)


@dataclass(frozen=True)
class WrongCounterpart:
    """A torch function that is not the formula's."""

    formula: str
    kind: str
    torch: Callable[..., Any]


def uncoupled_softmax(z: torch.Tensor) -> torch.Tensor:
    """Softmax for whoever calls it; autograd sees each entry depend on its own logit alone."""
    probabilities = torch.softmax(z.detach(), -1)
    return probabilities * (1 + (1 - probabilities) * (z - z.detach()))


WRONG_COUNTERPARTS = (
    WrongCounterpart("half_mse", "factor", lambda p, y: ((p - y) ** 2).mean()),
    WrongCounterpart("mae", "factor", lambda p, y: (p - y).abs().sum()),
    WrongCounterpart("squared_norm", "sign", lambda X, w, y: -((X @ w - y) ** 2).sum()),
    WrongCounterpart("quadratic_form", "other", lambda x, A: x @ A.abs() @ x),
)


def statement(fault: WrongStatement) -> Formula:
    """The catalogue's formula with the fault planted in what it states, and with that variable alone."""
    true = catalogue.formula(fault.formula)
    stated = true.stated[fault.wrt]
    return replace(
        true, wrt=(fault.wrt,), stated={fault.wrt: lambda *indices: fault.distort(stated(*indices), *indices)}
    )


def failing(result: FormulaResult) -> set[str]:
    """The oracles that contradict."""
    return {name for name, oracle in result.oracles.items() if oracle.verdict is Verdict.WRONG}


def check_one(formula: Formula) -> FormulaResult:
    """The result for the first variable."""
    return check_formula(replace(formula, wrt=formula.wrt[:1]))[0]


@pytest.mark.parametrize("fault", WRONG_STATEMENTS, ids=lambda fault: f"{fault.formula}-{fault.kind}")
def test_a_wrong_stated_gradient_is_refuted_and_named(fault: WrongStatement) -> None:
    (result,) = check_formula(statement(fault))
    assert not result.ok
    assert failing(result) == {"stated"}
    assert result.diagnosis is not None
    assert result.diagnosis.kind == fault.kind
    assert "stated" in result.diagnosis.text


@pytest.mark.parametrize("fault", WRONG_STATEMENTS, ids=lambda fault: f"{fault.formula}-{fault.kind}")
def test_its_twin_that_states_the_gradient_right_passes(fault: WrongStatement) -> None:
    (result,) = check_formula(replace(statement(fault), stated=catalogue.formula(fault.formula).stated))
    assert result.ok, result
    assert result.diagnosis is None


@pytest.mark.parametrize("fault", WRONG_COUNTERPARTS, ids=lambda fault: f"{fault.formula}-{fault.kind}")
def test_a_wrong_torch_counterpart_is_refuted_and_named(fault: WrongCounterpart) -> None:
    result = check_one(replace(catalogue.formula(fault.formula), torch=fault.torch))
    assert not result.ok
    assert failing(result) == set(COUNTERPART_ORACLES)
    assert result.diagnosis is not None
    assert result.diagnosis.kind == fault.kind


@pytest.mark.parametrize("fault", WRONG_COUNTERPARTS, ids=lambda fault: f"{fault.formula}-{fault.kind}")
def test_its_twin_with_the_right_counterpart_passes(fault: WrongCounterpart) -> None:
    result = check_one(catalogue.formula(fault.formula))
    assert result.ok, result


def test_a_constant_that_no_derivative_shows_is_found_in_the_values() -> None:
    true = catalogue.formula("mse")
    result = check_one(replace(true, definition=true.definition + 1))
    assert failing(result) == {"value"}
    assert result.diagnosis is not None
    assert result.diagnosis.kind == "value"


def test_points_without_slope_do_not_hide_what_is_wrong_with_the_derivative() -> None:
    true = catalogue.formula("two_layer_relu")
    result = check_one(replace(true, definition=2 * true.definition))
    assert result.diagnosis is not None
    assert result.diagnosis.kind == "factor"


@pytest.mark.parametrize(
    ("factor", "text"),
    [(2, "the gradient is 2 times the true one"), (SIZE, r"the gradient is 3 times the true one (n = 3)")],
)
def test_a_factor_is_explained_by_a_size_only_where_it_follows_that_size(factor: sp.Expr, text: str) -> None:
    fault = WrongStatement("mse", "p", "factor", lambda gradient, j: factor * gradient)
    (result,) = check_formula(statement(fault))
    assert result.diagnosis is not None
    assert result.diagnosis.text == f"the stated gradient: {text}"


def test_a_counterpart_that_refuses_points_beside_the_random_one_is_measured() -> None:
    formula = catalogue.formula("binary_cross_entropy")
    assert all(result.ok for result in check_formula(formula, seed=17))


def test_a_counterpart_whose_backward_lacks_the_coupling_is_told_from_a_wrong_formula() -> None:
    result = check_one(replace(catalogue.formula("softmax"), torch=uncoupled_softmax, edges=()))
    assert failing(result) == {"reverse", "forward"}
    assert result.diagnosis is not None
    assert result.diagnosis.kind == "missing_coupling"
    assert "autograd" in result.diagnosis.text


@pytest.mark.parametrize(
    ("name", "oracles"),
    [
        ("digamma", {"reverse", "forward"}),
        ("celu", {"reverse", "forward"}),
        ("hardsigmoid", {"reverse", "forward"}),
        ("prelu", {"forward"}),
    ],
)
def test_where_torch_deviates_is_a_finding_and_not_a_failure(name: str, oracles: set[str]) -> None:
    result = check_one(catalogue.formula(name))
    assert failing(result) == set(result.deviations) == oracles
    assert result.ok
    assert result.diagnosis is None


def test_a_deviation_hides_nothing_but_what_it_names() -> None:
    true = catalogue.formula("digamma")
    wrong = check_one(replace(true, definition=2 * true.definition, stated={}))
    assert not wrong.ok
    assert wrong.diagnosis is not None
    assert not check_one(replace(true, deviations={})).ok
    assert not check_one(replace(true, deviations={"x": {"forward": "off"}})).ok


def test_a_deviation_that_is_not_there_is_an_error() -> None:
    result = check_one(replace(catalogue.formula("log_gamma"), deviations={"x": {"reverse": "it is off"}}))
    assert not result.ok
    assert "it is off" in result.error
