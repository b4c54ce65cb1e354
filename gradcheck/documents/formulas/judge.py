"""The judge of stated derivatives: definitions put in, every reading tried, both oracles asked."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import mpmath
import sympy as sp

from gradcheck.articles.claims import Judgement
from gradcheck.documents.document import Document
from gradcheck.documents.formulas.comparison import Comparison, compare
from gradcheck.documents.formulas.customary import customary_functions
from gradcheck.documents.formulas.definitions import Definition, Definitions
from gradcheck.documents.formulas.evaluation import CannotEvaluate
from gradcheck.documents.formulas.links import Links, is_number, is_zero, links
from gradcheck.documents.formulas.resolve import Resolver, Unresolved
from gradcheck.documents.formulas.shapes import index_names, readings
from gradcheck.documents.formulas.statements import Statement
from gradcheck.documents.formulas.tree import Cases, Name, Node, Side
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

MOST_DEFINITIONS = 6
FARTHEST, NEAR = 120, 8
"""Lines between a definition and a statement that it may still refute."""


@dataclass
class Outcome:
    """What one choice of definitions makes of a statement: `equal` is None where that could not be decided."""

    equal: bool | None
    reason: str = ""
    comparison: Comparison | None = None
    sides: tuple[Node, ...] = ()
    used: Mapping[str, Definition] = field(default_factory=dict)
    wrong: int = 0
    layout: bool = False


@dataclass
class Judge:
    """Judges the statements of one document."""

    definitions: Definitions
    document: Document

    def judged(self, statement: Statement) -> Judged | None:
        """The statement with its judgement; None where it claims nothing about a derivative."""
        judgement, replacement = self._judgement(statement)
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

    def _judgement(self, statement: Statement) -> tuple[Judgement | None, str]:
        found = links(statement.equation, self.definitions, statement.place)
        if found is None and len(statement.equation.sides) > 1:
            return None, ""
        reason = _unreadable(statement)
        if reason or found is None:
            return not_checkable(reason), ""
        outcomes = [self._outcome(statement, found, {})]
        if outcomes[0].equal is False:
            outcomes += self._with_other_definitions(statement, found, outcomes[0])
        first = outcomes[0]
        if (
            first.comparison is not None
            and all(is_number(side.node) for side in found.others)
            and not statement.conditions
        ):
            at_point = self._at_point(statement, found, first)
            if at_point is not None:
                return at_point
        if all(is_zero(side.node) for side in found.others) and first.equal is not True and not statement.conditions:
            return None, ""
        if first.equal is True and found.numbers and (wrong := self._wrong_number(statement, found, first)) is not None:
            return wrong, ""
        if first.equal is True:
            return confirmed(statement, found, first), ""
        if first.equal is None:
            return not_checkable(first.reason), ""
        doubt = self._doubt(statement, first, outcomes[1:])
        return (not_checkable(doubt), "") if doubt else refuted(statement, found, first)

    def _at_point(self, statement: Statement, found: Links, first: Outcome) -> tuple[Judgement | None, str] | None:
        """A derivative that depends on letters, stated as a number: true at a point, if the document gives one."""
        assert first.comparison is not None
        labels = letters(first.comparison)
        if not labels or is_zero(found.others[0].node):
            return None
        known = known_values(self.definitions, labels, statement.place)
        if known is None:
            return not_checkable(
                f"a number is stated, and no value of {', '.join(f'`{each}`' for each in labels)} is given"
            ), ""
        value = value_at(first.comparison, known)
        at = ", ".join(f"`{each.text}`" for each in known.values())
        for side in found.others:
            if not same_number(value, side.node, _text_of(statement, side)):
                reason = f"it is {mpmath.nstr(value, 8)} at {at}, and another point may be meant"
                return not_checkable(reason), ""
        return confirmed_at(first, mpmath.nstr(value, 12), at), ""

    def _wrong_number(self, statement: Statement, found: Links, first: Outcome) -> Judgement | None:
        """A number at the end of a chain that its own arithmetic, or the point given, contradicts."""
        start = found.numbers[0]
        value = worked_out(start.node)
        for side in found.numbers[1:]:
            if value is not None and not same_number(sp.N(value, 30), side.node, _text_of(statement, side)):
                return wrong_number(_text_of(statement, start), _text_of(statement, side), str(value))
        return None

    def _doubt(self, statement: Statement, first: Outcome, others: Sequence[Outcome]) -> str:
        """Why a statement that does not hold is not refuted for sure, or nothing."""
        for each in others:
            if each.equal is True:
                other = next(iter(each.used.values())).text
                return f"it does not follow from the definition last given, but from another one of the document: `{other}`"
        for label, used in first.used.items():
            if used.place > statement.place and used.place[0] != statement.place[0]:
                return f"`{label}` is defined only after the statement"
            if statement.spoken and abs(statement.line - used.line) > NEAR:
                return "it is not said of which function, and the nearest one is far above"
            if abs(statement.line - used.line) > FARTHEST:
                return f"`{label}` is defined {statement.line - used.line} lines above, which may be another `{label}`"
        return ""

    def _with_other_definitions(self, statement: Statement, found: Links, first: Outcome) -> Iterator[Outcome]:
        """The same with each other definition of a name that was put in."""
        for label, used in first.used.items():
            for other in self.definitions.of(label, statement.place)[:MOST_DEFINITIONS]:
                if other is not used and other.body is not None and other.body != used.body:
                    yield self._outcome(statement, found, {label: other})

    def _outcome(self, statement: Statement, found: Links, chosen: Mapping[str, Definition]) -> Outcome:
        resolver = Resolver(
            self.definitions,
            statement.place,
            chosen,
            customary_functions(self.document),
            conditions=statement.conditions,
        )
        try:
            sides = self._resolved(resolver, found)
        except Unresolved as error:
            return Outcome(None, str(error), used=resolver.used)
        except RecursionError:
            return Outcome(None, "it is nested too deeply", used=resolver.used)
        outcome = self._compared(statement, found, sides, resolver)
        outcome.used = dict(resolver.used.items())
        return outcome

    def _resolved(self, resolver: Resolver, found: Links) -> tuple[Node, ...]:
        """The derivative and the others, with the definitions put in; the variables stay."""
        derivative = resolver.node(found.derivative.node, found.variables)
        from gradcheck.documents.formulas.tree import Derivative

        stop = found.variables or frozenset(
            by.label
            for node in derivative.walk()
            if isinstance(node, Derivative)
            for by in node.by
            if isinstance(by, Name)
        )
        return derivative, *(resolver.node(side.node, stop) for side in found.others)

    def _compared(self, statement: Statement, found: Links, sides: tuple[Node, ...], resolver: Resolver) -> Outcome:
        untied = _untied(sides)
        outcomes: list[Outcome] = []
        reason = "the two sides have no shapes that fit together"
        for reading in readings(sides, resolver.arrays):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    comparison = compare(sides, reading, statement.conditions)
            except CannotEvaluate as error:
                reason = str(error)
                continue
            except (RecursionError, MemoryError, OverflowError):
                reason = "it is too large to be worked out"
                continue
            outcomes.append(_outcome_of(comparison, sides))
            if outcomes[0].equal is not False or len(outcomes) > 6:
                break
        if not outcomes:
            return Outcome(None, reason, sides=sides)
        return _decided(outcomes, untied)


def _outcome_of(comparison: Comparison, sides: tuple[Node, ...]) -> Outcome:
    layout = False
    for place in range(1, len(sides)):
        equal = comparison.equal(0, place)
        if equal is False and comparison.transposed(0, place):
            layout, equal = True, True
        if equal is not True:
            reason = "" if equal is False else "SymPy and autograd do not agree"
            piecewise = any(isinstance(each, Cases) for each in sides[place].walk())
            if equal is False and not piecewise and comparison.sometimes(0, place):
                equal, reason = None, "it holds at some points and not at others; a condition may be stated elsewhere"
            return Outcome(equal, reason, comparison, sides, wrong=place)
    return Outcome(True, "", comparison, sides, layout=layout)


def _decided(outcomes: list[Outcome], untied: str) -> Outcome:
    """The first reading's outcome; a refutation stands only where no other reading confirms."""
    first = outcomes[0]
    if first.equal is False:
        if untied:
            return Outcome(
                None, f"`{untied}` cannot be tied to anything in what is differentiated", first.comparison, first.sides
            )
        if any(each.equal is True and _keeps_matrices(first, each) for each in outcomes[1:]):
            return Outcome(None, "whether it holds depends on which letters are scalars and which are vectors")
    return first


def _keeps_matrices(first: Outcome, other: Outcome) -> bool:
    """Whether another reading leaves every capital letter the matrix that it is in the first."""
    assert first.comparison is not None
    assert other.comparison is not None
    shapes, others = first.comparison.reading.shapes, other.comparison.reading.shapes
    return all(len(others[label]) == len(shape) for label, shape in shapes.items() if label[:1].isupper())


def _untied(sides: Sequence[Node]) -> str:
    """A letter of a right side that what is differentiated does not hold."""
    indices = index_names(sides)
    known = {each.label for each in sides[0].walk() if isinstance(each, Name)} | indices | {"e", "pi"}
    for side in sides[1:]:
        for each in side.walk():
            if isinstance(each, Name) and each.label not in known:
                return each.label
    return ""


def _text_of(statement: Statement, side: Side) -> str:
    return statement.text[side.start - statement.equation.start : side.end - statement.equation.start]


def _unreadable(statement: Statement) -> str:
    if statement.cut:
        return f"the formula goes on with `{statement.cut}`, which is not understood"
    if statement.equation.unclear:
        return statement.equation.unclear
    if "≈" in statement.equation.relations:
        return "it is stated as an approximation"
    return ""
