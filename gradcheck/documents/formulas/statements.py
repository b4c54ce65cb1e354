"""The equations of a document: those that state a derivative, and those that say what a letter is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from gradcheck.documents.document import Document
from gradcheck.documents.formulas.code_definitions import code_definitions
from gradcheck.documents.formulas.comparison import has_derivative
from gradcheck.documents.formulas.conditions import condition_of
from gradcheck.documents.formulas.definitions import Definition, Definitions, Place, equation_definitions
from gradcheck.documents.formulas.grammar import EQUALS, MAX_TOKENS, NotAFormula, Parser
from gradcheck.documents.formulas.links import is_derivative
from gradcheck.documents.formulas.spans import BACKSLASHED, LONGEST_LINE, Span, spans
from gradcheck.documents.formulas.tokens import Token, tokenize
from gradcheck.documents.formulas.tree import Call, Condition, Derivative, Equation
from gradcheck.documents.formulas.words import worded

USUAL_WORDS = frozenset(
    [
        "loss",
        "cost",
        "error",
        "mse",
        "grad",
        "gradient",
        "output",
        "out",
        "input",
        "inputs",
        "pred",
        "prediction",
        "target",
        "label",
        "labels",
        "weight",
        "weights",
        "bias",
        "score",
        "logits",
        "hidden",
        "err",
        "reg",
        "obj",
        "res",
        "net",
        "act",
        "probs",
        "prob",
        "pdf",
        "lr",
        "rate",
        "step",
        "momentum",
        "velocity",
        "residual",
    ]
)
"""Words that stand for a quantity in a formula of plain prose."""
PROSE_WORDS = frozenset(
    [
        "the",
        "and",
        "for",
        "are",
        "was",
        "has",
        "had",
        "can",
        "may",
        "not",
        "but",
        "any",
        "all",
        "its",
        "his",
        "her",
        "you",
        "our",
        "how",
        "why",
        "who",
        "one",
        "two",
    ]
)
ENVIRONMENT = re.compile(
    r"\\(?:begin|end)\s*\{(?:aligned|align|equation|split|gather|gathered|eqnarray|multline|alignat)\*?\}(?:\{\d\})?"
)
LABELLED = re.compile(r"\\(?:label|tag|eqlabel|eqref|notag|ref)\s*\{[^{}]*\}|:eqlabel:`[^`]*`")
EQUAL_SIGNS = ("=", "＝", "≈", "≡", "\\approx", "\\equiv", "\\triangleq", "\\coloneqq")
FORMULA_GOES_ON = frozenset("+-*/·^_<>|‖=∝←→∼")


GRADIENT_FUNCTIONS = frozenset(("gradient", "grad", "derivative", "gradient_function", "grad_f", "df"))


@dataclass(frozen=True)
class Statement:
    """An equation of a document, and where it stands: its passage, its place in the passage's text, and its lines.

    `text` is the equation letter for letter, `conditions` those under which it is said to hold. `cut` says what
    follows it that could not be read, `spoken` whether it is stated in words.
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

    @property
    def is_claim(self) -> bool:
        """Whether a derivative stands in it."""
        return any(has_derivative(side.node) for side in self.equation.sides)


def statements(document: Document) -> Iterator[Statement]:
    """Every equation of the document, in reading order."""
    for number, group in groupby(spans(document), key=lambda span: span.passage):
        text = document.passages[number].text
        found = [each for span in group for each in _in_span(document, span)]
        if document.passages[number].kind == "prose":
            found = sorted([*found, *_in_words(document, number)], key=lambda each: each.place)
        places = [(each.place[1], each.place[1] + len(each.text)) for each in found]
        for each, (start, end) in zip(found, places, strict=True):
            yield _with_condition(each, text, start, end, places)


def _with_condition(each: Statement, text: str, start: int, end: int, places: list[tuple[int, int]]) -> Statement:
    """The statement with the condition that its line states, if it is a claim."""
    if not each.is_claim or text.count("\n", start, end):
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
    return Definitions([*_from_statements(found), *_from_code(document)])


def _from_statements(found: list[Statement]) -> Iterator[Definition]:
    for each in found:
        if not each.cut and not each.conditions:
            yield from equation_definitions(each.equation, each.place, each.line, each.text)


def _from_code(document: Document) -> Iterator[Definition]:
    for number, passage in enumerate(document.passages):
        if passage.kind in ("code", "session"):
            yield from code_definitions(number, passage)


def _in_span(document: Document, span: Span) -> Iterator[Statement]:
    if not any(sign in span.text for sign in EQUAL_SIGNS):
        return
    text = _blanked(span.text)
    for piece, start in _pieces(text):
        if not any(sign in piece for sign in EQUAL_SIGNS):
            continue
        tokens = without_prose(tokenize(piece, span.latex), span.marked)
        for found in _equations(tokens, span.latex):
            yield _statement(
                document,
                replace(span, start=span.start + start, text=span.text[start : start + len(piece)]),
                tokens,
                *found,
            )


def _in_words(document: Document, number: int) -> Iterator[Statement]:
    """What a passage's lines state in words, their markup included."""
    start = 0
    for line in document.passages[number].text.split("\n"):
        if len(line) <= LONGEST_LINE:
            span = Span(number, start, line, latex=BACKSLASHED.search(line) is not None, marked=False)
            for equation in worded(line, span.latex):
                yield replace(_statement(document, span, [], equation, 0, 0), spoken=True)
        start += len(line) + 1


def _blanked(text: str) -> str:
    """The text without environments that only arrange, each letter still in its place."""
    for pattern in (ENVIRONMENT, LABELLED):
        text = pattern.sub(lambda found: " " * len(found.group()), text)
    return text


def _pieces(text: str, longest: int = 2_500) -> Iterator[tuple[str, int]]:
    """A long text in pieces that end at a sentence's or a row's end."""
    start = 0
    while start < len(text):
        end = len(text)
        if end - start > longest:
            cut = max(text.rfind(mark, start, start + longest) for mark in ("。", ". ", "\\\\", "\n", "；"))
            end = cut + 1 if cut > start else start + longest
        yield text[start:end], start
        start = end


def without_prose(tokens: list[Token], marked: bool) -> list[Token]:
    """Words of plain prose become breaks; a dash that begins a line is a bullet."""
    found = [
        replace(each, kind="break") if each.kind == "word" and not _is_name(each.text, marked) else each
        for each in tokens
    ]
    if found and not marked and found[0].text in "-*+" and len(found) > 1 and found[1].spaced:
        found[0] = replace(found[0], kind="break")
    return found


def _is_name(word: str, marked: bool) -> bool:
    lower = word.lower()
    if "_" in word or any(each.isdigit() for each in word) or lower in USUAL_WORDS:
        return True
    if lower in PROSE_WORDS:
        return False
    return marked or len(word) <= 3 or (word != lower and word != word.capitalize())


def _equations(tokens: list[Token], latex: bool) -> Iterator[tuple[Equation, int, int]]:
    """The equations among the tokens, each with the numbers of its first and of the first token behind it."""
    ahead = [place for place, token in enumerate(tokens) if token.text in (*EQUALS, "≈") and token.kind == "sign"]
    start = 0
    while ahead and start < len(tokens):
        if start > ahead[-1]:
            return
        if (
            tokens[start].kind == "break"
            or (window := next(place for place in ahead if place >= start) - start) > MAX_TOKENS
        ):
            start += 1
            continue
        del window
        parser = Parser(tokens[: start + MAX_TOKENS], latex)
        parser.place = start
        try:
            equation = parser.equation()
        except (NotAFormula, RecursionError):
            if parser.left is not None and is_derivative(parser.left.node):
                yield Equation((parser.left,), ("=",)), start, parser.left_end
                start = parser.left_end
            else:
                start += 1
            continue
        yield _of_function(equation), start, parser.place
        start = parser.place


def _of_function(equation: Equation) -> Equation:
    """gradient(x) = 2x speaks of the function last defined."""
    first = equation.sides[0].node
    if isinstance(first, Call) and first.function in GRADIENT_FUNCTIONS and len(first.arguments) == 1:
        spoken = Derivative(None, first.arguments, "∇")
        return replace(equation, sides=(replace(equation.sides[0], node=spoken), *equation.sides[1:]))
    return equation


def _statement(
    document: Document, span: Span, tokens: list[Token], equation: Equation, first: int, after: int
) -> Statement:
    passage = document.passages[span.passage]
    start, end = span.start + equation.start, span.start + equation.end
    cut = _cut(tokens, first, after)
    if len(equation.sides) == 1:
        end = _clause_end(passage.text, start, end)
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
    )


def _clause_end(text: str, start: int, end: int) -> int:
    """Where the line or the sentence ends that a formula stands in."""
    stops = [place for mark in ("\n", "$", "。", "；", "`", ". ") if (place := text.find(mark, end)) >= 0]
    return min([*stops, len(text), start + 200])


def _cut(tokens: list[Token], first: int, after: int) -> str:
    """What of a formula stands right before or behind an equation and was not read with it."""
    if after < len(tokens):
        token = tokens[after]
        behind = tokens[after + 1] if after + 1 < len(tokens) else None
        if token.kind == "open" and (behind is None or behind.kind in ("break", "word")):
            return ""
        if (
            token.text == "…"
            or (token.kind == "sign" and token.text in FORMULA_GOES_ON)
            or token.kind in ("command", "open", "power")
        ):
            return "" if token.text in ("\\\\", "end") else token.text
        if token.kind in ("name", "number", "function", "word", "d") and not token.spaced:
            return token.text
    if first > 0:
        token = tokens[first - 1]
        if token.kind == "sign" and token.text in "+-*/·^_|‖":
            return token.text
        if token.text == "…" or (token.kind in ("power", "close", "command") and token.text not in ("\\\\", "}")):
            return token.text
    return ""
