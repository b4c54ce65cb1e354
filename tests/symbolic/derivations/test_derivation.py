"""Derivations: every line is evaluated, and a false one is shown as failed."""

from __future__ import annotations

from typing import Any

import pytest

from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.printing import text
from gradcheck.symbolic.tensors import delta, dimension, index
from tests.symbolic.cases import softmax

n = dimension("n")
i = index("i")


def softmax_formula(stated: Any) -> Formula:
    from gradcheck.symbolic.tensors import tensor

    return Formula(
        name="softmax",
        title="Softmax",
        topic="tests",
        definition=softmax(i),
        variables=(tensor("z", n),),
        output={i: n},
        torch=lambda z: z.softmax(0),
        stated={"z": stated},
        source="made here",
    )


def textbook(j: Any) -> Any:
    return softmax(i) * delta(i, j) - softmax(i) * softmax(j)


FAULTS = {
    "factor": lambda j: 2 * textbook(j),
    "sign": lambda j: -textbook(j),
    "missing coupling": lambda j: softmax(i) * delta(i, j) - softmax(i) ** 2 * delta(i, j),
    "forgotten term": lambda j: softmax(i) * delta(i, j),
}


def test_every_line_of_the_softmax_derivation_holds() -> None:
    derivation = softmax_formula(lambda j: softmax(i) * (delta(i, j) - softmax(j))).derive("z")
    assert derivation.ok
    assert [step.rule.id for step in derivation.steps] == [
        "chain", "sum", "entry", "logsumexp", "entry", "sift", "fold_softmax"
    ]  # fmt: skip
    assert text(derivation.steps[-1].line) == "(δ[i, j] - s[j])*s[i]"
    assert "FAILS" not in str(derivation)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_false_line_is_shown_as_failed(fault: str) -> None:
    derivation = softmax_formula(FAULTS[fault]).derive("z")
    assert not derivation.ok
    assert [step.rule.id for step in derivation.failed] == ["textbook"]
    assert str(derivation).count("FAILS by") == 3, "the line, and both checks of the last one"


def test_markdown_has_one_formula_a_line() -> None:
    derivation = softmax_formula(textbook).derive("z")
    markdown = derivation._repr_markdown_()
    assert markdown.count("$$") == 2 * (1 + len(derivation.groups))
    assert r"\delta_{i j}" in markdown
