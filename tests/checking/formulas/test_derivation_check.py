"""A derivation's compiled last line beside autograd."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gradcheck import derive, formula
from gradcheck.checking.formulas.derivation_check import check_derivation
from gradcheck.errors import UsageError
from gradcheck.results import Verdict
from tests.symbolic.derivations.networks import squared_error

AGREE = {
    "folded softmax": ("softmax", "z", 1),
    "named intermediates": ("chain_rule", "x", 1),
    "text": ("a*x**2*sin(x)", "x", 1),
    "second order": ("x**3*exp(x)", "x", 2),
    "Hessian": ("logsumexp", "z", 2),
}


@pytest.mark.parametrize("name", AGREE)
def test_the_compiled_derivation_agrees_with_autograd(name: str) -> None:
    what, wrt, order = AGREE[name]
    derivation = derive(what, wrt, order=order)
    for choice in range(3):
        found = check_derivation(derivation, seed=choice, choice=choice)
        assert found.verdict is Verdict.CORRECT, found


def test_a_network_agrees_with_autograd() -> None:
    assert check_derivation(derive(squared_error(3), "W2")).verdict is Verdict.CORRECT


@pytest.mark.parametrize("name", ["folded softmax", "text"])
def test_a_wrong_last_line_is_found(name: str) -> None:
    what, wrt, order = AGREE[name]
    derivation = derive(what, wrt, order=order)
    *steps, last = derivation.steps
    wrong = replace(derivation, steps=(*steps, replace(last, line=2 * last.line)))
    assert check_derivation(wrong).verdict is Verdict.WRONG


def test_a_wrong_intermediate_is_found() -> None:
    derivation = derive(formula("softmax"))
    ((name, meaning),) = derivation.definitions
    wrong = replace(derivation, definitions=((name, meaning / 2),))
    assert check_derivation(wrong).verdict is Verdict.WRONG


def test_a_derivation_that_does_not_say_of_what_is_refused() -> None:
    with pytest.raises(UsageError, match="does not say what formula"):
        check_derivation(replace(derive("x**2"), formula=None))
