"""Update rules, followed against torch.optim; planted faults must leave it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from gradcheck import catalogue
from gradcheck.checking.formulas.rule_check import check_update_rule
from gradcheck.results import Verdict
from gradcheck.symbolic.update_rule import GRADIENT, PARAMETER, STEP, UpdateRule

NAMES = tuple(each.name for each in catalogue.formulas() if isinstance(each, UpdateRule))
ROUNDED = ("asgd", "nadam", "nadam_decoupled")


def changed(name: str, old: Any, new: Any) -> UpdateRule:
    """The rule with one symbol replaced in the parameter's assignment."""
    rule = catalogue.update_rule(name)
    *states, (parameter, value) = rule.assignments
    return replace(rule, assignments=[*states, (parameter, value.subs(old, new))])


def last_verdict(rule: UpdateRule) -> Verdict:
    """What the strictest comparison says: the one in double, where the rule is held against torch in both."""
    return list(check_update_rule(rule)[0].oracles.values())[-1].verdict


@pytest.mark.parametrize("name", NAMES)
def test_each_rule_follows_torch_for_fifty_steps(name: str) -> None:
    (result,) = check_update_rule(catalogue.update_rule(name), seed=1)
    assert result.ok
    assert result.points == 50
    assert last_verdict(catalogue.update_rule(name)) is Verdict.CORRECT


def test_every_optimiser_of_torch_that_works_entry_by_entry_is_there() -> None:
    parameter = torch.zeros(1, requires_grad=True)
    covered = {type(catalogue.update_rule(name).torch_optimizer([parameter])).__name__ for name in NAMES}
    others = {"Optimizer", "LBFGS", "SparseAdam", "Adafactor", "Muon"}
    assert covered == {name for name in dir(torch.optim) if isinstance(getattr(torch.optim, name), type)} - others


@pytest.mark.parametrize("name", ROUNDED)
def test_where_torch_rounds_its_state_to_single_precision_is_a_finding(name: str) -> None:
    (result,) = check_update_rule(catalogue.update_rule(name))
    assert [oracle.verdict for oracle in result.oracles.values()] == [Verdict.WRONG, Verdict.CORRECT]
    assert result.ok
    assert not check_update_rule(replace(catalogue.update_rule(name), deviation=""))[0].ok
    assert torch.get_default_dtype() is torch.float32


def test_a_deviation_that_is_not_there_is_an_error() -> None:
    (result,) = check_update_rule(replace(catalogue.update_rule("adam"), deviation="it is off"))
    assert not result.ok
    assert "it is off" in result.error


def test_states_start_where_the_rule_says() -> None:
    planted = replace(catalogue.update_rule("rprop"), start={})
    assert check_update_rule(planted)[0].oracles["torch.optim"].verdict is Verdict.WRONG
    with pytest.raises(ValueError, match="no state"):
        replace(planted, start={PARAMETER: 1.0})


def test_adam_without_bias_correction_leaves_at_the_first_step() -> None:
    (result,) = check_update_rule(changed("adam", STEP, STEP + 10**6))
    assert result.oracles["torch.optim"].verdict is Verdict.WRONG
    assert "at step 1" in result.oracles["torch.optim"].reason


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("factor", [-1, 1 + 1e-9])
def test_a_rule_with_another_step_size_is_wrong(name: str, factor: float) -> None:
    rule = catalogue.update_rule(name)
    *states, (parameter, value) = rule.assignments
    planted = replace(rule, assignments=[*states, (parameter, PARAMETER + factor * (value - PARAMETER))])
    assert last_verdict(planted) is Verdict.WRONG


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
