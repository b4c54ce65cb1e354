"""Update rules, followed against torch.optim; planted faults must leave it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gradcheck import catalogue
from gradcheck.checking.rule_check import check_update_rule
from gradcheck.results import Verdict
from gradcheck.symbolic.update_rule import GRADIENT, PARAMETER, STEP, UpdateRule

NAMES = ("gradient_descent", "momentum", "nesterov", "adagrad", "rmsprop", "adam")


def changed(name: str, old: Any, new: Any) -> UpdateRule:
    """The rule with one symbol replaced in the parameter's assignment."""
    rule = catalogue.update_rule(name)
    *states, (parameter, value) = rule.assignments
    return replace(rule, assignments=[*states, (parameter, value.subs(old, new))])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", [0, 1])
def test_each_rule_follows_torch_for_fifty_steps(name: str, seed: int) -> None:
    (result,) = check_update_rule(catalogue.update_rule(name), seed)
    assert result.ok
    assert result.points == 50


def test_adam_without_bias_correction_leaves_at_the_first_step() -> None:
    (result,) = check_update_rule(changed("adam", STEP, STEP + 10**6))
    assert result.oracles["torch.optim"].verdict is Verdict.WRONG
    assert "at step 1" in result.oracles["torch.optim"].reason


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("factor", [-1, 2, 1 + 1e-9])
def test_a_rule_with_another_step_size_is_wrong(name: str, factor: float) -> None:
    rule = catalogue.update_rule(name)
    *states, (parameter, value) = rule.assignments
    planted = replace(rule, assignments=[*states, (parameter, PARAMETER + factor * (value - PARAMETER))])
    assert check_update_rule(planted)[0].oracles["torch.optim"].verdict is Verdict.WRONG


def test_plain_momentum_is_not_nesterovs() -> None:
    nesterov = catalogue.update_rule("nesterov")
    planted = replace(nesterov, torch_optimizer=catalogue.update_rule("momentum").torch_optimizer)
    assert check_update_rule(planted)[0].oracles["torch.optim"].verdict is Verdict.WRONG


def test_an_unknown_symbol_is_refused() -> None:
    import sympy as sp

    with pytest.raises(ValueError, match="unknown symbols"):
        UpdateRule("odd", "Odd", [(PARAMETER, PARAMETER - sp.Symbol("q") * GRADIENT)], {}, lambda _: None, "")


def test_long_doubles_stay_long() -> None:
    path = catalogue.update_rule("adam").follow(lambda x: 2 * x, np.ones(2, np.longdouble), 3)
    assert path[-1].dtype == np.longdouble
