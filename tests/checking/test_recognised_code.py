"""A check that asks for the formula of the code says what of the catalogue it is, and never anything more for it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch

from gradcheck import check_gradients
from gradcheck.results import Verdict
from gradcheck.symbolic.graphs import trace
from gradcheck.symbolic.graphs.refusals import NotTraceable

SAID = "this is half the mean squared error (half_mse), with t as y"
A, B = (torch.randn(3, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)) for seed in (0, 1))


def half_error(p: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    return ((p - t) ** 2).mean() / 2


def wrong_half_error(p: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    return ((p - t) * (p - t).detach()).mean() / 2


def test_code_is_called_by_its_name_where_its_formula_is_asked_for() -> None:
    check = check_gradients(half_error, A, B, symbolic=True)
    assert (check.verdict, check.notes) == (Verdict.CORRECT, (SAID,))
    assert SAID in str(check).splitlines()
    assert json.loads(json.dumps(check.to_dict()))["notes"] == [SAID]


def test_code_with_a_wrong_gradient_is_called_by_its_name() -> None:
    check = check_gradients(wrong_half_error, A, B, symbolic=True)
    assert check.verdict is Verdict.WRONG
    assert check.notes == (SAID,)


def test_each_output_is_called_by_its_own_name() -> None:
    check = check_gradients(lambda x: (x.sigmoid(), x.sin() * x.exp() + x.tanh(), x.exp()), A, symbolic=True)
    assert check.notes == (
        "output 0: this is logistic sigmoid (sigmoid)",
        "output 2: this is exponential (exponential)",
    )


@pytest.mark.parametrize("symbolic", ["auto", False])
def test_nothing_is_said_where_the_formula_is_not_asked_for(symbolic: Any) -> None:
    check = check_gradients(wrong_half_error, A, B, symbolic=symbolic)
    assert (check.verdict, check.notes) == (Verdict.WRONG, ())


def test_nothing_is_said_of_code_without_a_name() -> None:
    check = check_gradients(lambda x: x.sin() * x.exp() + x.tanh(), A, symbolic=True)
    assert (check.verdict, check.notes) == (Verdict.CORRECT, ())


def test_nothing_is_said_once_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace, "RECOGNISED_SECONDS", -1.0)
    check = check_gradients(half_error, A, B, symbolic=True)
    assert (check.verdict, check.notes) == (Verdict.CORRECT, ())


def test_a_search_that_fails_leaves_the_check_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise TypeError("no number")

    monkeypatch.setattr("gradcheck.symbolic.recognition.recognition.recognised", fail)
    check = check_gradients(half_error, A, B, symbolic=True)
    assert (check.verdict, check.notes) == (Verdict.CORRECT, ())


def test_long_code_is_not_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise NotTraceable("it was looked up", "do not")

    monkeypatch.setattr("gradcheck.symbolic.recognition.recognition.recognised", refuse)
    monkeypatch.setattr(trace, "is_short", lambda _: False)
    check = check_gradients(half_error, A, B, symbolic=True)
    assert (check.verdict, check.notes) == (Verdict.CORRECT, ())
