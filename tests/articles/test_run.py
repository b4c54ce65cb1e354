"""One run over everything: what is chosen, what is told, and that a crash stays where it happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gradcheck import catalogue
from gradcheck.articles.claims import Claim, Data, Judgement
from gradcheck.articles.run import report
from gradcheck.catalogue import BrokenModule
from gradcheck.environment import environment
from gradcheck.errors import UsageError
from gradcheck.results import FormulaResult


def crash(_: Data) -> Judgement:
    raise ZeroDivisionError("on\npurpose")


def leaves(_: Data) -> Judgement:
    raise SystemExit(0)


def says_nothing(_: Data) -> Any:
    return None


def interrupt(_: Data) -> Judgement:
    raise KeyboardInterrupt


def with_claims(monkeypatch: pytest.MonkeyPatch, *claims: Claim) -> None:
    monkeypatch.setattr(catalogue, "claims", lambda: claims)
    monkeypatch.setattr(catalogue, "formulas", lambda: (catalogue.formula("sigmoid"), catalogue.formula("softmax")))


@pytest.fixture
def sound() -> Claim:
    return catalogue.claim("A15")


def test_only_picks_claims_and_formulas_in_any_case() -> None:
    found = report(only=["a15", "SIGMOID"])
    assert [claim.id for claim in found.claims] == ["A15"]
    assert {formula.name for formula in found.formulas} == {"sigmoid"}
    assert found.ok


@pytest.mark.parametrize(("name", "suggestion"), [("A22", "A2"), ("sofmax", "softmax")])
def test_an_unknown_name_suggests_the_nearest(name: str, suggestion: str) -> None:
    with pytest.raises(UsageError, match=f"{name}.*did you mean.*{suggestion}"):
        report(only=[name])


def test_progress_counts_to_the_end() -> None:
    told: list[tuple[int, int, str]] = []
    report(only=["A15", "B7"], progress=lambda *state: told.append(state))
    assert told == [(0, 2, "A15"), (1, 2, "B7"), (2, 2, "")]


def test_a_claim_that_crashes_is_an_error_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch, sound: Claim) -> None:
    with_claims(monkeypatch, replace(sound, id="A1", judge=crash), sound)
    found = report(only=["A1", "A15"])
    assert [(claim.id, claim.status) for claim in found.claims] == [("A1", "error"), ("A15", "not checkable")]
    assert found.claims[0].rule == "the judge stopped: ZeroDivisionError: on purpose"
    assert found.summary["error"] == 1
    assert not found.ok


@pytest.mark.parametrize(("judge", "reason"), [(leaves, "SystemExit: 0"), (says_nothing, "not NoneType")])
def test_a_judge_cannot_end_the_run(
    monkeypatch: pytest.MonkeyPatch, sound: Claim, judge: Callable[[Data], Judgement], reason: str
) -> None:
    with_claims(monkeypatch, replace(sound, id="A1", judge=judge), sound)
    found = report(only=["A1", "A15"])
    assert [(claim.id, claim.status) for claim in found.claims] == [("A1", "error"), ("A15", "not checkable")]
    assert reason in found.claims[0].rule


def test_a_formula_that_crashes_is_an_error_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch, sound: Claim) -> None:
    def check(formula: object, seed: int = 0) -> tuple[FormulaResult, ...]:
        name = getattr(formula, "name", "")
        if name == "sigmoid":
            raise OverflowError("too large")
        return (FormulaResult(name, name, "", "x", "", ""),)

    with_claims(monkeypatch, sound)
    monkeypatch.setattr("gradcheck.checking.formulas.formula_check.check_formula", check)
    found = report(only=["sigmoid", "softmax"])
    assert [(formula.name, formula.error) for formula in found.formulas] == [
        ("sigmoid", "OverflowError: too large"),
        ("softmax", ""),
    ]
    assert not found.ok


def test_an_interruption_passes_through(monkeypatch: pytest.MonkeyPatch, sound: Claim) -> None:
    with_claims(monkeypatch, replace(sound, judge=interrupt))
    with pytest.raises(KeyboardInterrupt):
        report(only=["A15"])


def test_a_broken_module_is_reported(monkeypatch: pytest.MonkeyPatch, sound: Claim) -> None:
    with_claims(monkeypatch, sound)
    monkeypatch.setattr(catalogue, "formulas", lambda: ())
    broken = (
        BrokenModule("gradcheck.formulas.x", "SyntaxError: x"),
        BrokenModule("gradcheck.reports.y", "KeyError: y"),
    )
    monkeypatch.setattr(catalogue, "broken", lambda: broken)
    found = report()
    assert [(formula.name, formula.error) for formula in found.formulas] == [("gradcheck.formulas.x", "SyntaxError: x")]
    assert [(claim.id, claim.status) for claim in found.claims] == [("A15", "not checkable"), ("y", "error")]
    assert "KeyError: y" in found.claims[1].rule
    assert not found.ok


def test_the_environment_is_told() -> None:
    assert set(environment()) == {"python", "torch", "sympy", "numpy", "gradcheck", "platform"}
    assert all(environment().values())


def test_claims_stand_in_reading_order() -> None:
    asked = ["C1", "B10", "A15", "B2", "B7", "B20"]
    found = report(only=asked)
    assert [claim.id for claim in found.claims] == ["A15", "B2", "B7", "B10", "B20", "C1"]


def test_two_runs_find_the_same() -> None:
    names = ["A2", "B8", "B10", "B14", "C5", "sigmoid"]
    assert report(only=names) == report(only=names)
