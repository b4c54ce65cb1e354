"""Statements as documents write them, judged: the right ones, their wrong twins, and what cannot be judged."""

from __future__ import annotations

import pytest

from tests.documents.formulas import cases, computed_cases, layout_cases, point_cases, spoken_cases
from tests.documents.formulas.cases import Case
from tests.documents.formulas.documents import found, statuses

ALL = (cases, point_cases, computed_cases, spoken_cases)


@pytest.mark.parametrize(
    "texts",
    [texts for each in (*ALL, layout_cases) for texts in each.CONFIRMED],
    ids=lambda texts: texts[-1][:60],
)
def test_a_right_statement_is_confirmed(texts: Case) -> None:
    judged = found(*texts)
    assert judged
    for each in judged:
        assert each.judgement.status == "confirmed", (each.stated, each.judgement)
        assert len(each.judgement.evidence) > 1


@pytest.mark.parametrize(
    ("texts", "kind"),
    [texts for each in (*ALL, layout_cases) for texts in each.REFUTED],
    ids=lambda each: str(each)[:70],
)
def test_its_wrong_twin_is_refuted_and_the_slip_named(texts: Case, kind: str) -> None:
    last = found(*texts)[-1]
    assert last.judgement.status == "refuted", (last.stated, last.judgement)
    assert last.judgement.diagnosis is not None
    if kind:
        assert last.judgement.diagnosis.kind == kind, last.judgement.diagnosis


@pytest.mark.parametrize(
    "texts",
    [texts for each in (*ALL, layout_cases) for texts in each.NOT_CHECKABLE],
    ids=lambda texts: texts[-1][:60],
)
def test_what_cannot_be_judged_says_why(texts: Case) -> None:
    judged = [each for each in found(*texts) if each.judgement.status == "not checkable"]
    assert judged
    assert all(each.judgement.rule and each.stated for each in judged)


@pytest.mark.parametrize(
    "texts",
    [texts for each in ALL for texts in each.NO_CLAIM],
    ids=lambda texts: texts[-1][:60],
)
def test_what_claims_nothing_is_not_judged(texts: Case) -> None:
    assert statuses(*texts) == []
