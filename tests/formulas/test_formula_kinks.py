"""At the kinks that formulas name, the two slopes are found and autograd's choice lies between them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gradcheck import catalogue
from gradcheck.checking.formulas.formula_check import check_formula
from gradcheck.results import FormulaResult, Verdict

SLOPES = {
    ("relu", "x"): (0.0, 1.0, 0.0),
    ("leaky_relu", "x"): (0.01, 1.0, 0.01),
    ("mae", "p"): (-1 / 3, 1 / 3, 0.0),
    ("two_layer_relu", "b1"): (0.0, -3.75, 0.0),
}
"""(formula, variable) -> slope from the left, from the right, and what torch takes."""


def check(name: str, wrt: str) -> FormulaResult:
    """The catalogue's formula, by one of its variables."""
    (result,) = check_formula(replace(catalogue.formula(name), wrt=(wrt,)))
    return result


@pytest.mark.parametrize("case", SLOPES, ids="-".join)
def test_both_slopes_and_the_choice_are_reported(case: tuple[str, str]) -> None:
    result = check(*case)
    assert result.ok, result
    (kink,) = result.kinks
    assert (kink.left, kink.right, kink.chosen) == pytest.approx(SLOPES[case], abs=1e-6)
    assert kink.verdict is Verdict.CORRECT


@pytest.mark.parametrize("case", [("huber", "p"), ("softplus", "x"), ("two_layer_relu", "W2")], ids="-".join)
def test_smooth_formulas_have_none(case: tuple[str, str]) -> None:
    assert check(*case).kinks == ()


def test_a_kink_that_is_promised_and_not_there_fails() -> None:
    tanh = catalogue.formula("tanh")
    (result,) = check_formula(replace(tanh, edges=tuple(replace(edge, kink=True) for edge in tanh.edges)))
    assert not result.ok
    assert {kink.verdict for kink in result.kinks} == {Verdict.WRONG}


def test_a_jump_has_no_slope_to_measure_and_is_promised_by_its_edge() -> None:
    hardshrink = catalogue.formula("hardshrink")
    jump = next(edge for edge in hardshrink.edges if edge.jump)
    (result,) = check_formula(hardshrink)
    assert result.ok, result
    (unsaid,) = check_formula(replace(hardshrink, edges=(replace(jump, jump=False),)))
    assert not unsaid.ok
    assert unsaid.oracles["finite_difference"].verdict is Verdict.INCONCLUSIVE
    (absent,) = check_formula(replace(hardshrink, edges=(replace(hardshrink.edges[0], jump=True),)))
    assert [kink.where for kink in absent.kinks] == [f"{hardshrink.edges[0].name}: no jump found"]
