"""The judge of stated derivatives: what is tried decides; where doubt is left, nothing is refuted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import mpmath
import sympy as sp

from gradcheck.articles.claims import Judgement
from gradcheck.documents.document import Document
from gradcheck.documents.formulas.closed_values import arithmetic_judgement
from gradcheck.documents.formulas.customary import customary_functions
from gradcheck.documents.formulas.definitions import Definition, Definitions
from gradcheck.documents.formulas.extremes import Place, extreme_judgement
from gradcheck.documents.formulas.layouts import layout_judgement
from gradcheck.documents.formulas.links import Links, free_letters, is_closed, is_number, is_zero, later_links, links
from gradcheck.documents.formulas.pointing import Pointing
from gradcheck.documents.formulas.resolve import Resolver
from gradcheck.documents.formulas.statements import Statement
from gradcheck.documents.formulas.tree import Derivative, Name, Side
from gradcheck.documents.formulas.trials import Outcome, Trials
from gradcheck.documents.formulas.values_at import known_values, letters, same_number, value_at, worked_out
from gradcheck.documents.formulas.wording import (
    confirmed,
    confirmed_at,
    not_checkable,
    refuted,
    statement_latex,
    statement_text,
    wrong_number,
)
from gradcheck.documents.judged import Judged

FARTHEST, FARTHEST_VALUE, NEAR = 120, 30, 8
"""Lines between a definition and a statement that it may still refute; fewer for a function's value, and where it is
not said of what."""
DOUBTED = re.compile(
    r"\b(?:naive(?:ly)?|mechanically|guess|wrong|incorrect|mistaken?|erroneous|problem|not equal|false|not quite"
    r"|does(?: not|n't) work)\b"
    r"|错误|不正确|误以为|不等于",
    re.IGNORECASE,
)
PROBABILITIES = frozenset(("p", "P", "q", "Q"))
"""Names that a document gives to one distribution after another."""
CONSTANT = re.compile(r"\bconstants?\b|常数|常量", re.IGNORECASE)
NOT_SAID = "it is not said of which function"
RANDOM = "an expected value is stated, and how its letters are distributed is not worked out"
NOT_FOR_ALL = "its sides are not equal for all values of their letters, which may stand for something"
IN_DOUBT = "the text itself speaks of it as doubtful"
AROUND = 250
"""Letters around a formula in which a document may itself call it doubtful."""
Decision = tuple[Judgement | None, str]


@dataclass
class Judge:
    """Judges the statements of one document."""

    definitions: Definitions
    document: Document

    def judged(self, statement: Statement) -> Judged | None:
        """The statement with its judgement; None where it claims nothing about a derivative."""
        judgement, replacement = self._decision(statement)
        if judgement is None:
            return None
        return Judged(
            statement.line,
            statement.end_line,
            statement_text(statement),
            statement.text,
            judgement,
            replacement,
            statement_latex(statement),
        )

    def _decision(self, statement: Statement) -> Decision:
        pointing = Pointing(self.definitions, statement)
        if pointing.misses:
            return not_checkable(NOT_SAID), ""
        judgement, replacement = self._of(pointing.named())
        if judgement is not None and judgement.status == "refuted" and not statement.certain:
            return not_checkable(NOT_SAID), ""
        return judgement, replacement

    def _of(self, statement: Statement) -> Decision:
        if statement.extreme:
            return self._extreme(statement)
        layout = layout_judgement(statement)
        return (layout, "") if layout is not None else self._of_links(statement)

    def _of_links(self, statement: Statement) -> Decision:
        found = links(statement.equation, self.definitions, statement.place)
        if found is None and len(statement.equation.sides) > 1:
            return (not_checkable(RANDOM), "") if statement.of_moment else (None, "")
        if found is not None and found.kind != "algebra" and statement.speaks_of_moment:
            return not_checkable(RANDOM), ""
        reason = _unreadable(statement)
        if found is not None and found.kind == "arithmetic":
            return self._arithmetic(statement, found)
        if reason or found is None:
            return not_checkable(reason), ""
        if found.kind == "algebra":
            return self._worked_out(statement, found)
        return self._tried(statement, found)

    def _worked_out(self, statement: Statement, found: Links) -> Decision:
        """A chain in letters: right for all their values, or else they stand for something, where not said in words."""
        outcome = Trials(self.definitions, self.document).of_letters(statement, found)
        if outcome.equal is True:
            return confirmed(statement, outcome), ""
        if outcome.equal is False and statement.spoken and not DOUBTED.search(self._around(statement)):
            return refuted(statement, found, outcome)
        return not_checkable(outcome.reason or NOT_FOR_ALL), ""

    def _extreme(self, statement: Statement) -> Decision:
        """A value that is called a minimum or a maximum, or a place where a function has one."""
        if not statement.extreme.endswith(" at"):
            decision = self._of(replace(statement, extreme=""))
            if decision[0] is None or decision[0].status != "confirmed":
                return decision
        found = Place.of(statement, self._resolver(statement))
        judgement = (
            not_checkable("it is not known where it is meant to be") if found is None else extreme_judgement(found)
        )
        if judgement.status == "refuted" and DOUBTED.search(self._around(statement)):
            return not_checkable(IN_DOUBT), ""
        if judgement.status == "refuted" and found is not None and statement.line - found.line > NEAR:
            return not_checkable("the function last defined is far above"), ""
        return judgement, ""

    def _resolver(self, statement: Statement) -> Resolver:
        return Resolver(self.definitions, statement.place, customary=customary_functions(self.document))

    def _arithmetic(self, statement: Statement, found: Links) -> Decision:
        judgement = arithmetic_judgement(statement, found)
        if judgement is None or judgement.status != "refuted" or not DOUBTED.search(self._around(statement)):
            return judgement, ""
        return not_checkable(IN_DOUBT), ""

    def _tried(self, statement: Statement, found: Links) -> Decision:
        """The decision about the whole of it; where that is none, about what follows a later derivative of a chain."""
        decisions = (self._decided(statement, each) for each in (found, *later_links(found)))
        first = next(decisions)
        if first[0] is None or first[0].status != "not checkable":
            return first
        later = next((each for each in decisions if each[0] is not None and each[0].status != "not checkable"), None)
        if later is None or later[0] is None:
            return first
        remark = f"{later[0].rule}; of the chain, what stands before is not checkable: {first[0].rule}"
        return replace(later[0], rule=remark), ""

    def _decided(self, statement: Statement, found: Links) -> Decision:
        trials = Trials(self.definitions, self.document)
        first = trials.outcome(statement, found)
        if all(is_number(side.node) for side in found.others) and not statement.conditions:
            number = self._number(statement, found, first)
            if number is not None:
                return number
        if first.equal is True:
            return _wrong_number(statement, found) or confirmed(statement, first), ""
        if first.equal is None:
            return not_checkable(first.reason), ""
        doubt = next(self._doubts(statement, found, first, list(trials.others(statement, found, first))), "")
        return (not_checkable(doubt), "") if doubt else refuted(statement, found, first)

    def _number(self, statement: Statement, found: Links, first: Outcome) -> Decision | None:
        """A derivative stated as a number: true at a point, if it depends on letters and the document gives one."""
        if is_zero(found.others[0].node) and found.kind == "derivative":
            return (self._constant(statement, found), "") if first.equal is not True else None
        if first.equal is True and found.kind != "derivative":
            return None
        labels = None if first.comparison is None else letters(first.comparison)
        if first.comparison is None or labels is None or (not labels and first.equal is True):
            return None
        known = known_values(self.definitions, labels, statement.place)
        if known is None:
            unknown = ", ".join(f"`{each}`" for each in labels)
            return not_checkable(f"a number is stated, and no value of {unknown} is given"), ""
        value = value_at(first.comparison, known)
        at = " at " + ", ".join(f"`{each.text}`" for each in known.values()) if known else ""
        if all(same_number(value, side.node, _text_of(statement, side)) for side in found.others):
            return confirmed_at(first, mpmath.nstr(value, 12), at), ""
        return None if not labels else (_elsewhere(mpmath.nstr(value, 8), at), "")

    def _constant(self, statement: Statement, found: Links) -> Judgement | None:
        """d/dx c = 0 where the text calls c a constant; any other derivative set to zero is to be solved."""
        node = found.derivative.node
        if not isinstance(node, Derivative) or not isinstance(node.of, Name) or not found.variables:
            return None
        label = node.of.label
        known = self.definitions.of(label, statement.place)
        if label in found.variables or known or not CONSTANT.search(self._around(statement)):
            return None
        return Judgement("confirmed", "the derivative is 0", f"the text calls `{label}` a constant")

    def _doubts(self, statement: Statement, found: Links, first: Outcome, others: Sequence[Outcome]) -> Iterator[str]:
        """Why a statement that does not hold is not refuted for sure."""
        for each in others:
            if each.equal is True:
                other = next(iter(each.used.values())).text
                yield f"it follows not from the definition last given, but from another one of the document: `{other}`"
        stated = found.others[first.wrong - 1].node
        if found.kind != "derivative" and is_closed(stated) and free_letters(first.sides[0]):
            yield "a number is stated, which may hold at one point only"
        for label, used in first.used.items():
            yield from self._doubts_of_use(statement, found, label, used)
        if DOUBTED.search(self._around(statement)):
            yield IN_DOUBT

    def _doubts_of_use(self, statement: Statement, found: Links, label: str, used: Definition) -> Iterator[str]:
        """Why a definition may not be the one that is meant."""
        farthest = FARTHEST_VALUE if found.kind == "value" else FARTHEST
        if found.kind == "value" and label in PROBABILITIES:
            yield f"`{label}` may stand for the probabilities of something else than before"
        anew = self.definitions.unread_between(used, statement.place)
        if anew is not None:
            yield f"`{label}` is defined anew on line {anew.line}, which is not read to its end: `{anew.text}`"
        if used.unclear:
            yield f"`{used.text}` on line {used.line} may be meant otherwise: {used.unclear}"
        away = statement.line - used.line
        if used.place > statement.place and used.place[0] != statement.place[0]:
            yield f"`{label}` is defined only after the statement"
        if statement.spoken and abs(away) > NEAR:
            yield "it is not said of which function, and the nearest one is far above"
        if abs(away) > farthest:
            yield f"`{label}` is defined {away} lines above, which may be another `{label}`"

    def _around(self, statement: Statement) -> str:
        """The text before and behind a statement, without itself."""
        number, start = statement.place
        passages = self.document.passages
        text, end = passages[number].text, start + len(statement.text)
        if passages[number].kind != "math":
            return text[max(0, start - AROUND) : start] + text[end : end + AROUND]
        before = passages[number - 1].text[-AROUND:] if number else ""
        return before + (passages[number + 1].text[:AROUND] if number + 1 < len(passages) else "")


_NOT_TAKEN = {
    "\\lim": "a limit, which is not taken",
    "\\int": "an integral, which is not taken",
    "∫": "an integral, which is not taken",
    "\\prod": "a product over an index, which is not taken",
    "…": "which leaves something out",
    "dots": "which leaves something out",
}
"""Signs that the grammar does not read, and what they stand for."""
LONGEST_CUT = 60


def _elsewhere(value: str, at: str) -> Judgement:
    return not_checkable(f"it is {value}{at}, and another point may be meant")


def _wrong_number(statement: Statement, found: Links) -> Judgement | None:
    """A number at the end of a chain that is not what its own arithmetic gives."""
    if not found.numbers:
        return None
    start = found.numbers[0]
    value = worked_out(start.node)
    for side in found.numbers[1:]:
        if value is not None and not same_number(sp.N(value, 30), side.node, _text_of(statement, side)):
            return wrong_number(_text_of(statement, start), _text_of(statement, side), str(value))
    return None


def _text_of(statement: Statement, side: Side) -> str:
    return statement.text[side.start - statement.equation.start : side.end - statement.equation.start]


def _unreadable(statement: Statement) -> str:
    if statement.cut:
        known = next(
            (reason for sign, reason in _NOT_TAKEN.items() if sign in statement.cut), "which is not understood"
        )
        shown = statement.cut if len(statement.cut) <= LONGEST_CUT else f"{statement.cut[:LONGEST_CUT]}…"
        return f"the formula goes on with `{shown}`, {known}"
    if statement.equation.unclear:
        return statement.equation.unclear
    return "it is stated as an approximation" if "≈" in statement.equation.relations else ""
