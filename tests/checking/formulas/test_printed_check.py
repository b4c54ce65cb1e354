"""Identities as printed: right ones confirmed, wrong ones refuted, and what is said of them held to truth."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from gradcheck.checking.formulas.formula_check import check_formula
from gradcheck.rendering import render
from gradcheck.rendering.json import report_from_dict, report_to_dict
from gradcheck.results import FormulaResult, Report, Verdict
from gradcheck.symbolic.domains import SYMMETRIC
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.matrix_notation import matrix
from gradcheck.symbolic.printed import Printed
from gradcheck.symbolic.tensors import dimension, tensor

n = dimension("n")
x, A = matrix(tensor("x", n)), matrix(tensor("A", n, n))
TRUE, ONLY_SYMMETRIC = (A + A.T) @ x, 2 * (A @ x)
FORM = Formula(
    name="form",
    title="xᵀAx",
    topic="test",
    definition=(x.T @ A @ x)(),
    variables=(tensor("x", n), tensor("A", n, n)),
    wrt=("x",),
    torch=lambda x, A: x @ A @ x,
    stated={"x": TRUE},
    source="a test",
)


def check(*printed: Printed) -> FormulaResult:
    """The result for the quadratic form with these printed identities."""
    (result,) = check_formula(replace(FORM, printed=printed))
    return result


def test_a_right_identity_is_confirmed() -> None:
    result = check(Printed("eq. 1", "x", TRUE))
    assert [(each.where, each.verdict, each.refuted) for each in result.printed] == [("eq. 1", Verdict.CORRECT, False)]
    assert result.ok


def test_a_wrong_identity_is_refuted_and_its_mistake_named_without_failing_the_formula() -> None:
    result = check(Printed("eq. 2", "x", -1 * TRUE, slip="the sign"))
    (printed,) = result.printed
    assert printed.refuted
    assert printed.diagnosis is not None
    assert printed.diagnosis.kind == "sign"
    assert result.ok


def test_a_condition_left_out_is_tried() -> None:
    result = check(Printed("eq. 3", "x", ONLY_SYMMETRIC, needs="A symmetric", domains={"A": SYMMETRIC}))
    assert [(each.refuted, each.under_condition) for each in result.printed] == [(True, Verdict.CORRECT)]
    assert result.ok


@pytest.mark.parametrize(
    "printed",
    [
        Printed("a wrong one that nothing is said of", "x", 3 * TRUE),
        Printed("a right one that is said to be wrong", "x", TRUE, slip="the factor"),
        Printed("a condition that is not needed", "x", TRUE, needs="A symmetric", domains={"A": SYMMETRIC}),
        Printed("a condition that does not help", "x", 3 * TRUE, needs="A symmetric", domains={"A": SYMMETRIC}),
    ],
    ids=lambda printed: printed.where,
)
def test_an_untrue_remark_fails_the_formula(printed: Printed) -> None:
    assert not check(printed).ok


def test_every_format_tells_what_was_printed_what_is_right_and_what_was_left_out() -> None:
    result = check(Printed("eq. 3", "x", ONLY_SYMMETRIC, needs="A symmetric", domains={"A": SYMMETRIC}))
    report = Report((), (result,), {"torch": str(torch.__version__)})
    for form in ("text", "md", "html"):
        text = render(report, form)
        assert "refuted as printed" in text.lower()
        assert "A symmetric; with it the identity holds" in text
    assert report_from_dict(report_to_dict(report)).formulas[0].printed == result.printed
