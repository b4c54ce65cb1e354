"""The equations of a document: those that state a derivative, and those that say what a letter is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from gradcheck.documents.document import Document
from gradcheck.documents.formulas.code_definitions import code_definitions
from gradcheck.documents.formulas.commands import tokenize
from gradcheck.documents.formulas.computations import computation, is_moment, states_moment
from gradcheck.documents.formulas.conditions import condition_of
from gradcheck.documents.formulas.definitions import (
    Definition,
    Definitions,
    Place,
    equation_definitions,
    unread_definitions,
)
from gradcheck.documents.formulas.equations import (
    EQUAL_SIGNS,
    blanked,
    clause_end,
    cut_off,
    equations,
    pieces,
    stands_alone,
    without_prose,
)
from gradcheck.documents.formulas.links import has_operator, is_closed, is_value, operates
from gradcheck.documents.formulas.spans import BACKSLASHED, LONGEST_LINE, Span, spans
from gradcheck.documents.formulas.spoken_extremes import spoken_extremes
from gradcheck.documents.formulas.spoken_moments import spoken_moments
from gradcheck.documents.formulas.spoken_values import last_named, spoken_values
from gradcheck.documents.formulas.tokens import Token
from gradcheck.documents.formulas.tree import Condition, Equation
from gradcheck.documents.formulas.words import worded

EXPECTED = re.compile(r"(?:\bE|\\mathbb\s*\{?E\}?|\b(?:Var|Cov|var|cov)\}?)\s*(?:_\S+\s*)?(?:\\left\s*)?[\[(]")
ABOVE = 4
"""Passages above in which a function may be named that a text speaks of."""


@dataclass(frozen=True)
class Statement:
    """An equation of a document, and where it stands: its passage, its place in the passage's text, and its lines.

    `text` is the equation letter for letter, `conditions` those under which it is said to hold. `cut` says what
    follows it that could not be read, `alone` whether nothing of a formula stands beside it, `spoken` whether it is
    stated in words, `extreme` whether its value is called a minimum or a maximum, `certain` whether it is said of which
    function.
    """

    equation: Equation
    place: Place
    line: int
    end_line: int
    text: str
    latex: bool
    conditions: tuple[Condition, ...] = ()
    cut: str = ""
    spoken: bool = False
    alone: bool = False
    extreme: str = ""
    certain: bool = True

    @property
    def reach(self) -> tuple[int, int]:
        """Where it begins in the text of its passage, and where it ends."""
        return self.place[1], self.place[1] + len(self.text)

    @property
    def is_claim(self) -> bool:
        """Whether a derivative, a limit, an integral, or a computed value stands in it."""
        nodes = [side.node for side in self.equation.sides]
        if self.extreme or any(has_operator(node) or is_value(node) for node in nodes):
            return True
        closed = [node for node in nodes if is_closed(node)] if self.latex else []
        if len(closed) > 1 and any(map(operates, closed)):
            return True
        if not (self.latex or self.spoken) or self.cut:
            return False
        return bool(computation(self.equation)) or self.of_moment

    @property
    def of_moment(self) -> bool:
        """Whether it states an expected value or a variance."""
        return self.speaks_of_moment and states_moment(self.equation)

    @property
    def speaks_of_moment(self) -> bool:
        """Whether one of its sides is an expected value or a variance."""
        return EXPECTED.search(self.text) is not None and any(is_moment(side.node) for side in self.equation.sides)


def statements(document: Document) -> Iterator[Statement]:
    """Every equation of the document, in reading order."""
    for number, group in groupby(spans(document), key=lambda span: span.passage):
        text = document.passages[number].text
        found = [each for span in group for each in _in_span(document, span)]
        if document.passages[number].kind == "prose":
            found = sorted([*found, *_in_words(document, number)], key=lambda each: each.place)
        places = [each.reach for each in found if len(each.equation.sides) > 1 or each.is_claim]
        for each in found:
            yield _with_condition(each, text, places)


def _with_condition(each: Statement, text: str, places: list[tuple[int, int]]) -> Statement:
    """The statement with the condition that its line states, if it is a claim."""
    start, end = each.reach
    if not each.is_claim or each.conditions or each.extreme or text.count("\n", start, end):
        return each
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    line = text[first : last if last >= 0 else len(text)]
    if len(line) > LONGEST_LINE:
        return each
    beside = [(a - first, b - first) for a, b in places if first <= a and b <= first + len(line)]
    return replace(each, conditions=condition_of(line, start - first, end - first, beside))


def definitions(document: Document, found: list[Statement]) -> Definitions:
    """Everything that the document's formulas and code define."""
    read = _of(equation_definitions, [each for each in found if not each.cut and not each.conditions])
    unread = _of(unread_definitions, [each for each in found if each.cut])
    code = list(_from_code(document))
    return Definitions(
        [*read, *(each for each in code if each.is_read)], [*unread, *(each for each in code if not each.is_read)]
    )


Define = Callable[[Equation, Place, int, str], Iterator[Definition]]


def _of(defined: Define, found: list[Statement]) -> Iterator[Definition]:
    for each in found:
        yield from defined(each.equation, each.place, each.line, each.text)


def _from_code(document: Document) -> Iterator[Definition]:
    for number, passage in enumerate(document.passages):
        if passage.kind in ("code", "session"):
            yield from code_definitions(number, passage)


def _in_span(document: Document, span: Span) -> Iterator[Statement]:
    if not any(sign in span.text for sign in EQUAL_SIGNS):
        return
    text = blanked(span.text)
    for piece, start in pieces(text):
        if not any(sign in piece for sign in EQUAL_SIGNS):
            continue
        tokens = without_prose(tokenize(piece, span.latex), span.marked)
        for found in equations(tokens, span.latex):
            yield _statement(
                document,
                replace(span, start=span.start + start, text=span.text[start : start + len(piece)]),
                tokens,
                found,
            )


def _in_words(document: Document, number: int) -> Iterator[Statement]:
    """What a passage's paragraphs state in words, their markup included."""
    start = 0
    above = " ".join(each.text for each in document.passages[max(0, number - ABOVE) : number] if each.kind == "prose")
    for paragraph in document.passages[number].text.split("\n\n"):
        if len(paragraph) <= LONGEST_LINE:
            text = paragraph.replace("\n", " ")
            span = Span(number, start, text, latex=BACKSLASHED.search(text) is not None, marked=False)
            for equation in worded(text, span.latex):
                yield replace(_statement(document, span, [], (equation, 0, 0)), spoken=True)
            before = f"{above} {document.passages[number].text[:start]}"
            for found in (*spoken_values(text, last_named(before)), *spoken_extremes(text), *spoken_moments(text)):
                stated = _statement(document, span, [], (found.equation, 0, 0))
                yield replace(
                    stated, spoken=True, conditions=found.conditions, extreme=found.extreme, certain=found.certain
                )
        start += len(paragraph) + 2


Found = tuple[Equation, int, int]


def _statement(document: Document, span: Span, tokens: list[Token], found: Found) -> Statement:
    equation, first, after = found
    passage = document.passages[span.passage]
    start, end = span.start + equation.start, span.start + equation.end
    cut = cut_off(tokens, first, after, span.latex and span.marked)
    if len(equation.sides) == 1:
        end = clause_end(passage.text, start, end)
        cut = "=" + passage.text[span.start + equation.end : end].partition("=")[2]
    row, end_row = passage.text.count("\n", 0, start), passage.text.count("\n", 0, end)
    return Statement(
        equation,
        (span.passage, start),
        passage.lines[row],
        passage.lines[end_row],
        passage.text[start:end],
        span.latex,
        (),
        cut,
        alone=stands_alone(tokens, first, after),
    )
