"""Judgements in words: what is true, what decided, what each oracle said, what should stand there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck.articles.claims import Judgement
from gradcheck.documents.formulas.computations import computation
from gradcheck.documents.formulas.links import Links, noun
from gradcheck.documents.formulas.statements import Statement
from gradcheck.documents.formulas.style import in_style
from gradcheck.documents.formulas.tree import BOUND, Call, Derivative
from gradcheck.documents.formulas.written import as_latex, right_side
from gradcheck.results import Diagnosis, Evidence

if TYPE_CHECKING:
    from gradcheck.documents.formulas.trials import Outcome

EQUAL = "both sides are equal at random points, by SymPy to 20 digits and by autograd to rounding"
MOST_SHOWN = 6
LONGEST_SHOWN = 100
KINKED = frozenset(("relu", "abs", "max", "min", "leaky_relu"))


def statement_text(statement: Statement) -> str:
    """What is claimed, in our words."""
    left, start = statement.equation.sides[0], statement.equation.start
    whole = _in_one_line(statement.text)
    if statement.extreme:
        return f"the {statement.extreme.removesuffix(' at')}, in words: `{whole[:LONGEST_SHOWN]}`"
    if statement.spoken and computation(statement.equation):
        return f"the value, in words: `{whole[:LONGEST_SHOWN]}`"
    if statement.spoken:
        return f"the derivative, in words: `{whole[:LONGEST_SHOWN]}`"
    return f"`{whole}`" if len(whole) <= LONGEST_SHOWN else f"`{_in_one_line(statement.text[: left.end - start])}` = …"


def _in_one_line(text: str) -> str:
    return " ".join(text.replace("&", " ").split())


def statement_latex(statement: Statement) -> str:
    """The statement as LaTeX; empty for one in words that leaves open what it is about."""
    if statement.spoken:
        nodes = [each for side in statement.equation.sides for each in side.node.walk()]
        unnamed = any(isinstance(each, Derivative) and each.of is None for each in nodes)
        if unnamed or statement.extreme or any(isinstance(each, Call) and " " in each.function for each in nodes):
            return ""
        return " = ".join(as_latex(side.node) for side in statement.equation.sides)
    if statement.latex:
        return " ".join(statement.text.replace("&", "").split())
    return " = ".join(as_latex(side.node) for side in statement.equation.sides)


def not_checkable(reason: str) -> Judgement:
    """A statement that cannot be judged, and why."""
    return Judgement("not checkable", "", reason)


def confirmed(statement: Statement, outcome: Outcome) -> Judgement:
    """A statement that holds."""
    remark = ", with the Jacobian laid out as its transpose (input axes first)" if outcome.layout else ""
    if outcome.functions:
        remark += f", with smooth functions in place of {', '.join(f'`{each}`' for each in outcome.functions)}"
    if outcome.probabilities:
        remark += f", where the entries of {', '.join(f'`{each}`' for each in outcome.probabilities)} add up to 1"
    if kinks := _kinks(outcome):
        remark += f"; at {kinks} the slopes of the two sides differ, and any value between them is a convention"
    return Judgement(
        "confirmed",
        actual=_actual(outcome),
        rule=f"{EQUAL}{_where(statement)}{remark}",
        evidence=_evidence(outcome, 1),
    )


def _kinks(outcome: Outcome) -> str:
    """Where what is differentiated has a kink."""
    names = {each.function for node in outcome.sides for each in node.walk() if isinstance(each, Call)}
    return "the kink" if names & KINKED else ""


def confirmed_at(outcome: Outcome, value: str, at: str) -> Judgement:
    """A derivative stated as a number, which it is at the point that the document gives."""
    return Judgement(
        "confirmed",
        actual=f"{noun(outcome.sides[0])} is {value}{at}",
        rule=f"{noun(outcome.sides[0])} at the values that the document gives, to the digits stated",
        evidence=_evidence(outcome, 0)[:2],
    )


def wrong_number(start: str, stated: str, value: str) -> Judgement:
    """A chain of equalities whose numbers differ."""
    return Judgement(
        "refuted",
        actual=f"`{start}` is {value}",
        rule="the numbers at the end are worked out exactly",
        diagnosis=Diagnosis("arithmetic", f"`{start}` is {value}, not `{stated}`"),
        suggestion=f"write {value} in place of `{stated}`",
    )


def refuted(statement: Statement, found: Links, outcome: Outcome) -> tuple[Judgement, str]:
    """A statement that does not hold, with the slip behind it, and what should stand there where that is sure."""
    from gradcheck.documents.formulas.diagnosis import diagnosed

    diagnosis = diagnosed(outcome)
    right = right_side(outcome, statement.latex)
    right = right if statement.latex else in_style(right, statement.text)
    wrong = found.others[outcome.wrong - 1]
    replacement = ""
    if right and not (statement.spoken and outcome.comparison and outcome.comparison.sides[0].item().free_symbols):
        start, end = wrong.start - statement.equation.start, wrong.end - statement.equation.start
        replacement = statement.text[:start] + right + statement.text[end:]
        if outcome.wrong != len(found.others) or found.numbers:
            replacement = ""
    judgement = Judgement(
        "refuted",
        actual=_actual(outcome),
        rule=f"the two sides differ at random points, by SymPy and by autograd alike{_where(statement)}",
        diagnosis=diagnosis,
        evidence=_evidence(outcome, outcome.wrong),
        suggestion=f"write `{replacement}`" if replacement else "",
    )
    return judgement, replacement


def _where(statement: Statement) -> str:
    if not statement.conditions:
        return ""
    return " where " + " and ".join(
        f"{as_latex(each.left)} {each.relation} {as_latex(each.right)}" for each in statement.conditions
    )


def _actual(outcome: Outcome) -> str:
    assert outcome.comparison is not None
    text = right_side(outcome, latex=False)
    given = "; ".join(
        dict.fromkeys(f"`{_in_one_line(each.text)}` on line {each.line}" for each in outcome.used.values())
    )
    of = f" for {given}" if given else ""
    what = noun(outcome.sides[0])
    if not outcome.comparison.samples[0].values:
        return f"{what} is {_value(outcome, 0)}{of}"
    return f"{what} is {text}{of}" if text else f"{what}{of}: {_value(outcome, 0)}"


def _value(outcome: Outcome, side: int) -> str:
    assert outcome.comparison is not None
    return shown(outcome.comparison.samples[0].autograd[side])


def _evidence(outcome: Outcome, side: int) -> tuple[Evidence, ...]:
    """The values of both oracles and of the stated side at one point."""
    assert outcome.comparison is not None
    sample = outcome.comparison.samples[0]
    where = ", ".join(f"{label} = {shown(value)}" for label, value in _letters(sample.values)[:MOST_SHOWN])
    at = f" at {where}" if where else ""
    return (
        Evidence("SymPy", f"{shown(sample.symbolic[0])}{at}"),
        Evidence("autograd", f"{shown(sample.autograd[0])}{at}"),
        Evidence("stated", f"{shown(sample.symbolic[side])}{at}"),
    )


def _letters(values: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The document's own letters with their values."""
    return [(label, value) for label, value in values.items() if BOUND not in label]


def shown(value: Any) -> str:
    """Numbers to six digits; of a large array the first ones."""
    array = np.asarray(value, dtype=object)
    if not array.shape:
        return f"{float(array.item()):.6g}"
    if array.ndim > 1:
        return f"[{', '.join(shown(row) for row in array[:MOST_SHOWN])}]"
    dots = ", …" if len(array) > MOST_SHOWN else ""
    return f"[{', '.join(f'{float(each):.6g}' for each in array[:MOST_SHOWN])}{dots}]"
