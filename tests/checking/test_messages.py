"""A failing check's message: what is wrong on the first line, evidence by output and input, and how to run it again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from gradcheck import assert_gradient_function, check_gradients
from gradcheck.checking.assertions import GradientError
from gradcheck.checking.recording import default_seed
from tests.checking.planted import Tensor, normal, planted

X = normal(5)
DOUBLED = planted(torch.sin, lambda g, x: 2 * g * x.cos())


def last_line(check: Any) -> str:
    return str(check).split("\n\n")[-1].replace("\n  ", " ")


def test_it_ends_with_a_call_that_makes_the_check_again() -> None:
    check = check_gradients(DOUBLED, X)
    assert last_line(check) == "reproduce: check_gradients(sin, input_0, seed=0)  # input_0: float64 (5,)"
    assert check.to_dict()["reproduce"] == check.reproduce
    assert "reproduce" not in str(check_gradients(torch.sin, X))


def test_the_call_has_the_options_and_the_seed_that_were_used() -> None:
    def fn(tree: Any, *, scale: float) -> Tensor:
        found: Tensor = scale * DOUBLED(tree["a"])
        return found

    options: dict[str, Any] = {"wrt": "tree", "modes": "all", "rtol": 1e-9}
    with default_seed(7):
        check = check_gradients(fn, {"a": X}, kwargs={"scale": 2.0}, **options)
    written = "kwargs=dict(scale=scale), wrt='tree', modes='all', rtol=1e-09, seed=7)  # tree['a']: float64 (5,)"
    assert check.reproduce == f"check_gradients(fn, tree, {written}"
    again = check_gradients(fn, {"a": X}, kwargs={"scale": 2.0}, **options, seed=7)
    assert again == check


def test_a_lambda_and_a_module_have_stand_ins() -> None:
    module = torch.nn.Sequential(torch.nn.Linear(2, 2).double())
    doubled: Any = lambda _, inputs, __: tuple(2 * g for g in inputs)  # noqa: E731
    module.register_full_backward_hook(doubled)
    assert check_gradients(lambda x: x * x.detach(), X).reproduce.startswith("check_gradients(fn, x, seed=0)")
    assert check_gradients(module, normal(3, 2)).reproduce.startswith("check_gradients(module, input, seed=0)")


def test_what_no_literal_writes_stands_for_itself() -> None:
    check = check_gradients(DOUBLED, X, expected=torch.eye(5))
    assert "expected=expected, seed=0" in check.reproduce
    assert "expected='softmax'" in check_gradients(lambda x: 2 * x.softmax(0), X, expected="softmax").reproduce


def test_a_check_with_nothing_to_say_needs_none() -> None:
    assert check_gradients(torch.sin, X).reproduce == ""


def test_a_hand_written_gradient_has_one_too() -> None:
    with pytest.raises(GradientError) as caught:
        assert_gradient_function(np.sum, lambda x: 2 * x, np.ones(2))
    assert last_line(caught.value) == "reproduce: check_gradient_function(sum, grad, a)"


def test_the_table_names_outputs_where_there_are_several() -> None:
    lines = str(check_gradients(DOUBLED, X)).splitlines()
    header = next(line for line in lines if "measured" in line and "bar" in line and "index" in line)
    assert header.split()[:2] == ["output", "index"]
    lines = str(check_gradients(lambda x: DOUBLED(x).sum(), X)).splitlines()
    assert not any("output  " in line for line in lines)
    check = check_gradients(lambda x: (x**2, DOUBLED(x)), X)
    assert {entry.output[:2] for entry in check.findings[0].worst} == {"1["}


def test_places_of_kinks_and_of_nan_are_the_inputs() -> None:
    wrong = planted(torch.relu, lambda g, x: g * torch.where(x == 0, 2.0, (x > 0).double()))
    check = check_gradients(wrong, torch.tensor([1.0, 0.0, -1.0], dtype=torch.float64))
    assert "at the kink at [1] (output [1]) the gradient lies outside" in str(check).replace("\n  ", " ")
    assert check.findings[0].rule.startswith("at a kink any number")
    check = check_gradients(lambda x: torch.where(x > 0, x.sqrt(), 0.0), torch.tensor([2.0, -1.0]).double())
    assert "nan at [1] (output [0])" in str(check).replace("\n  ", " ")


def test_nothing_checked_is_said_first() -> None:
    assert str(check_gradients(torch.argmax, X)).startswith(
        "INCONCLUSIVE: argmax(): nothing was checked (0 evaluations)"
    )
