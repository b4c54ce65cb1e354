"""The equations among the words of a text, and what of a formula was left over beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from gradcheck.documents.formulas.definitions import head
from gradcheck.documents.formulas.equation_reading import EQUALS
from gradcheck.documents.formulas.grammar import Parser
from gradcheck.documents.formulas.links import is_derivative
from gradcheck.documents.formulas.reading import MAX_TOKENS, NotAFormula
from gradcheck.documents.formulas.tokens import Token
from gradcheck.documents.formulas.tree import Call, Derivative, Equation, Node

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
FORMULA_GOES_ON = frozenset("+-*/·^_|‖=∝←→∼")
UNITS = frozenset("%°‰!")
"""Signs behind a number that make another one of it."""
GRADIENT_FUNCTIONS = frozenset(("gradient", "grad", "derivative", "gradient_function", "grad_f", "df"))


def blanked(text: str) -> str:
    """The text without environments that only arrange, each letter still in its place."""
    for pattern in (ENVIRONMENT, LABELLED):
        text = pattern.sub(lambda found: " " * len(found.group()), text)
    return text


def pieces(text: str, longest: int = 2_500) -> Iterator[tuple[str, int]]:
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


def equations(tokens: list[Token], latex: bool) -> Iterator[tuple[Equation, int, int]]:
    """The equations among the tokens, each with the numbers of its first and of the first token behind it.

    One whose second side cannot be read has its first alone, where that is a derivative or is defined by it.
    """
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
            if parser.left is not None and _is_said_of(parser.left.node, tokens, start):
                yield Equation((parser.left,), ("=",)), start, parser.left_end
                start = parser.left_end
            else:
                start += 1
            continue
        yield _of_function(equation), start, parser.place
        start = parser.place


def _is_said_of(left: Node, tokens: list[Token], start: int) -> bool:
    """Whether it matters what a side is held equal to that could not be read: a derivative, or what is defined."""
    return is_derivative(left) or (head(left) is not None and not _before(tokens, start))


def _of_function(equation: Equation) -> Equation:
    """gradient(x) = 2x speaks of the function last defined."""
    first = equation.sides[0].node
    if isinstance(first, Call) and first.function in GRADIENT_FUNCTIONS and len(first.arguments) == 1:
        spoken = Derivative(None, first.arguments, "∇")
        return replace(equation, sides=(replace(equation.sides[0], node=spoken), *equation.sides[1:]))
    return equation


def clause_end(text: str, start: int, end: int) -> int:
    """Where the line or the sentence ends that a formula stands in."""
    stops = [place for mark in ("\n", "$", "。", "；", "`", ". ") if (place := text.find(mark, end)) >= 0]
    return min([*stops, len(text), start + 200])


def cut_off(tokens: list[Token], first: int, after: int, mathematics: bool = False) -> str:
    """What of a formula stands right before or behind an equation and was not read with it.

    In `mathematics` no words of prose stand between formulas.
    """
    return _behind(tokens, after, mathematics) or _before(tokens, first)


def _behind(tokens: list[Token], after: int, mathematics: bool) -> str:
    if after >= len(tokens):
        return ""
    token, following = tokens[after], tokens[after + 1] if after + 1 < len(tokens) else None
    if token.text in ("\\\\", "end") or (
        token.kind == "open" and (following is None or following.kind in ("break", "word"))
    ):
        return ""
    goes_on = token.text == "…" or (token.kind == "sign" and token.text in FORMULA_GOES_ON)
    touches = token.kind in ("name", "number", "function", "word", "d") and (mathematics or not token.spaced)
    return token.text if goes_on or touches or token.kind in ("command", "open", "power") else ""


def _before(tokens: list[Token], first: int) -> str:
    if first == 0:
        return ""
    token = tokens[first - 1]
    if token.text == "}" and tokens[first].text == "{":
        return token.text
    if token.text in ("…", "}", "\\\\"):
        return token.text if token.text == "…" else ""
    sign = token.kind == "sign" and token.text in "+-*/·^_|‖"
    return token.text if sign or token.kind in ("power", "close", "command") else ""


def stands_alone(tokens: list[Token], first: int, after: int) -> bool:
    """Whether words, commas or line ends enclose an equation, so that it is no part of a longer formula."""
    before = tokens[first - 1] if first else None
    behind = tokens[after] if after < len(tokens) else None
    return all(token is None or _separates(token) for token in (before, behind))


def _separates(token: Token) -> bool:
    if token.kind in ("break", "word"):
        return token.text not in UNITS
    return token.text in (",", ";", "→", "\\\\", "end")
