"""Every rule: planted wrong it is the step that fails, and its correct twin holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import sympy as sp

from gradcheck.errors import UnknownName
from gradcheck.symbolic.derivations.derive import derive
from gradcheck.symbolic.derivations.rule import By, Match, Rule
from gradcheck.symbolic.derivations.rules import RULES, rule
from gradcheck.symbolic.printing import latex
from tests.symbolic.derivations.rule_cases import CASES, OF_FUNCTIONS

PLANTED: dict[str, Callable[[sp.Expr], sp.Expr]] = {
    "a forgotten term": lambda after: after + 1,
    "a wrong factor": lambda after: 2 * after if after != 0 else sp.S.One,
}
FAULTS = [(name, fault) for name in CASES for fault in PLANTED if fault == "a wrong factor" or name not in OF_FUNCTIONS]
BY_STATED_GRADIENT = {"textbook"}
"""Rules without a case of their own: what a formula states is planted wrong in test_derivation.py."""


def spoiled(right: Rule, spoil: Callable[[sp.Expr], sp.Expr]) -> Rule:
    """The rule with a mistake in its result, once: what it makes of its own wrong result is left alone."""
    made: list[sp.Expr] = []

    def apply(expression: sp.Expr, by: By) -> Match | None:
        match = None if made else right.apply(expression, by)
        if match is None:
            return right.apply(expression, by) if made and not right.trivial else None
        made.append(match.after)
        return replace(match, after=spoil(match.after))

    return replace(right, apply=apply)


def test_every_rule_has_a_case() -> None:
    assert set(CASES) | BY_STATED_GRADIENT == set(RULES)


@pytest.mark.parametrize("name", CASES)
def test_the_correct_rule_holds(name: str) -> None:
    expression, wrt = CASES[name]
    derivation = derive(expression, wrt)
    assert name in {step.rule.id for step in derivation.steps}
    assert derivation.ok, str(derivation)


@pytest.mark.parametrize(("name", "fault"), FAULTS)
def test_a_wrong_rule_is_the_step_that_fails(name: str, fault: str) -> None:
    expression, wrt = CASES[name]
    wrong = {**RULES, name: spoiled(RULES[name], PLANTED[fault])}
    derivation = derive(expression, wrt, rules=wrong)
    assert not derivation.ok
    assert [step.rule.id for step in derivation.failed] == [name], str(derivation)
    assert "FAILS" in str(derivation)


@pytest.mark.parametrize("each", RULES.values(), ids=str)
def test_every_rule_says_what_it_is(each: Rule) -> None:
    assert each.title
    assert each.statement.count("{") == each.statement.count("}")
    assert each.prose.endswith(".")
    assert each.reference


def test_bindings_say_what_the_letters_stood_for() -> None:
    (step,) = [step for step in derive("exp(sin(x))").steps if step.rule.id == "chain"]
    x = sp.Symbol("x", real=True)
    assert dict(step.bindings)["g"] == sp.sin(x)
    (inner,) = step.substeps
    assert inner.rule.id == "exp"
    assert inner.ok


def test_a_wrong_inner_rule_fails_where_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    from gradcheck.symbolic.derivations import function_rules

    monkeypatch.setitem(function_rules.SLOPES, sp.sin, lambda u: -sp.cos(u))
    derivation = derive("sin(x**2)")
    (failed,) = derivation.failed
    assert failed.rule.id == "chain"
    assert not failed.substeps[0].ok


def test_an_unknown_rule_suggests_the_nearest() -> None:
    with pytest.raises(UnknownName, match="no rule is named 'prodct'; did you mean 'product'"):
        rule("prodct")


def test_statements_are_latex() -> None:
    assert latex(sp.sin(sp.Symbol("u"))) in RULES["sin"].statement
