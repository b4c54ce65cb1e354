"""Derivatives stated in words: "the gradient of x² is 2x", "its derivative is 9a²", x²的梯度是2x."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gradcheck.documents.formulas.commands import tokenize
from gradcheck.documents.formulas.equation_reading import EQUALS
from gradcheck.documents.formulas.grammar import Parser
from gradcheck.documents.formulas.reading import MAX_TOKENS, NotAFormula
from gradcheck.documents.formulas.tokens import Token
from gradcheck.documents.formulas.tree import Derivative, Equation, Name, Node, Number, Side

NOUN = r"(?:gradient|derivative)(?:\s+function)?"
OF = re.compile(rf"\b{NOUN}\s+of\s+(?:the\s+function\s+)?(?:\$?\s*[a-z](?:\([a-z]\))?\s*=(?!=)\s*)?", re.IGNORECASE)
BY = re.compile(
    r"[\s$]*,?\s*(?:\(?(?:with\s+respect\s+to|w\.?r\.?t\.?)[\s$]+"
    r"(?:\\(?:mathbf|boldsymbol|bm|vec)\{)?(?P<by>[^\W\d_](?:_\w+)?)\}?\$?\)?)?\s*,?\s*",
    re.IGNORECASE,
)
IS = re.compile(
    r"[\s$]*(?:is|equals|is\s+equal\s+to|is\s+given\s+by|is\s+simply|is\s+just|should\s+be|must\s+be)\s+(?:equal\s+to\s+)?",
    re.IGNORECASE,
)
OF_WHICH = re.compile(
    rf"\$(?P<of>[^$]{{1,120}})\$[,\s]+(?:the\s+)?{NOUN}\s+of\s+which\s+(?:is|equals|should\s+be|must\s+be)\s+(?=\$)",
    re.IGNORECASE,
)
ITS = re.compile(rf"\b(?:the|its|whose|has)\s+{NOUN}\s+(?:is|equals|is\s+given\s+by)\s+", re.IGNORECASE)
CHINESE_OF = re.compile(r"的(?:梯度|导数|导函数)(?:函数)?(?:是|为|等于)[:：]?\s*")
CHINESE_ITS = re.compile(r"(?:其|它的|函数的|求得的)(?:梯度|导数|导函数)(?:函数|向量)?(?:就?是|为|等于)[:：]?\s*")
MARKUP = str.maketrans({"`": " ", "$": " "})
LONGEST = 200


def worded(text: str, latex: bool) -> Iterator[Equation]:
    """The derivatives that a line states in words, each as an equation.

    >>> [equation.end for equation in worded("The gradient of x^2 is 2x.", latex=False)]
    [25]
    """
    plain = text.replace("`", " ")
    latex = latex or "$" in plain
    for noun in OF.finditer(plain):
        yield from _of(plain, noun.end(), latex)
    for noun in ITS.finditer(plain):
        yield from _its(plain, noun.start(), noun.end(), latex)
    for noun in OF_WHICH.finditer(plain):
        yield from _of_which(plain, noun)
    for noun in CHINESE_OF.finditer(plain):
        yield from _chinese(plain, noun, latex)
    for noun in CHINESE_ITS.finditer(plain):
        yield from _its(plain, noun.start(), noun.end(), latex)


def _of(text: str, start: int, latex: bool) -> Iterator[Equation]:
    left = _expression(text, start, latex)
    if left is None:
        return
    by = BY.match(text, left.end)
    verb = IS.match(text, by.end() if by else left.end)
    right = _expression(text, verb.end(), latex, closed=True) if verb else None
    if right is not None:
        variable = (Name(by["by"]),) if by and by["by"] else _only(left.node)
        yield _equation(Derivative(left.node, variable, "d"), left.start, right)


def _its(text: str, start: int, end: int, latex: bool) -> Iterator[Equation]:
    right = _expression(text, end, latex, closed=True)
    if right is not None and not isinstance(right.node, Number | Name):
        yield _equation(Derivative(None, _only(right.node), "∇"), start, right)


def _of_which(text: str, noun: re.Match[str]) -> Iterator[Equation]:
    """The last side of the formula that "the derivative of which" follows."""
    start = noun.start("of") + noun["of"].rfind("=") + 1
    left, right = _whole(text, start, noun.end("of"), True), _expression(text, noun.end(), True, closed=True)
    if left is not None and right is not None:
        yield _equation(Derivative(left.node, _only(left.node), "d"), left.start, right)


def _chinese(text: str, noun: re.Match[str], latex: bool) -> Iterator[Equation]:
    before = max((text.rfind(mark, 0, noun.start()) for mark in "，。,；：:、 的数对"), default=-1) + 1
    left = _whole(text, before, noun.start(), latex)
    right = _expression(text, noun.end(), latex, closed=True)
    if left is not None and right is not None:
        yield _equation(Derivative(left.node, _only(left.node), "d"), left.start, right)


def _equation(derivative: Derivative, start: int, right: Side) -> Equation:
    return Equation((Side(derivative, start, right.start), right), ("=",))


def _only(node: Node) -> tuple[Node, ...]:
    """The variable, where there is one."""
    names = {each.label for each in node.walk() if isinstance(each, Name)} - {"e", "pi"}
    if len(names) == 1 or "x" in names:
        return (Name("x") if "x" in names else Name(names.pop()),)
    return ()


def _expression(text: str, start: int, latex: bool, closed: bool = False) -> Side | None:
    """The expression that begins at a place; `closed` demands that nothing of a formula follows it."""
    latex = latex and _is_marked(text, start)
    tokens = _tokens(_region(text, start).translate(MARKUP), latex)
    parser = Parser(tokens, latex)
    try:
        side = parser.side()
    except (NotAFormula, RecursionError):
        return None
    after = parser.peek()
    goes_on = after is not None and after.kind not in ("break", "word") and after.text not in (",", ";", ":")
    if goes_on and (closed or (after is not None and after.text in EQUALS)):
        return None
    if _is_article(side.node, after):
        return None
    return Side(side.node, side.start + start, side.end + start)


def _region(text: str, start: int) -> str:
    """The text from a place on; where a formula between dollars begins there, or has begun, to its end."""
    if _is_inside(text, start):
        return text[start : text.find("$", start)]
    opening = len(text) - len(text[start:].lstrip(" "))
    if text[opening : opening + 1] != "$":
        return text[start : start + LONGEST]
    closing = text.find("$", opening + 1)
    return text[start : closing if closing >= 0 else start + LONGEST]


def _is_marked(text: str, start: int) -> bool:
    """Whether a formula between dollars, or with a backslash, begins here."""
    marked = text[start:].lstrip(" ").startswith(("$", "\\")) or text[:start].rstrip(" ").endswith("$")
    return marked or _is_inside(text, start)


def _is_inside(text: str, start: int) -> bool:
    """Whether a place lies between dollars that enclose a formula."""
    return text.count("$", 0, start) % 2 == 1 and "$" in text[start:]


def _whole(text: str, start: int, end: int, latex: bool) -> Side | None:
    latex = latex and "\\" in text[start:end]
    tokens = _tokens(text[start:end].translate(MARKUP), latex)
    parser = Parser(tokens, latex)
    try:
        side = parser.side()
    except (NotAFormula, RecursionError):
        return None
    return None if parser.peek() is not None else Side(side.node, side.start + start, side.end + start)


def _tokens(text: str, latex: bool) -> list[Token]:
    """The tokens of an expression; a word of prose ends it."""
    from gradcheck.documents.formulas.equations import without_prose

    return without_prose(tokenize(text, latex), marked=False)[:MAX_TOKENS]


def _is_article(node: Node, after: Token | None) -> bool:
    return isinstance(node, Name) and node.label in ("a", "I") and after is not None
