r"""Long equations in LaTeX, broken before a term: on a page and on a phone a line has only so much room."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

LONG = 58
"""How many signs of a line fit; commands count as one sign each."""

_UNSEEN = re.compile(r"\\(?:left|right|operatorname|text|mathbf|frac|[,;!: ])|[{}^_\s]")
_SIGN = re.compile(r"\\[a-zA-Z]+")
_TOKEN = re.compile(r"\\frac\{\\partial\}|\\frac\{d\}|\\[a-zA-Z]+|\\.|[{}]| [+-] |.", re.DOTALL)
_OPENS = {"{", r"\left", r"\begin"}
_CLOSES = {"}", r"\right", r"\end"}
_UNFINISHED = re.compile(r"([=+(-]|\\sum_\{[^{}]*\})\s*$")
SIGNS = {" + ", " - ", r"\quad"}
FACTORS = {r"\sum", r"\frac{\partial}", r"\frac{d}"}
"""Where a product may be broken: before a sum, and before a derivative still to be worked out."""


def seen_length(latex: str) -> int:
    r"""About how many signs a reader sees; a fraction counts with both its parts.

    >>> seen_length(r"\frac{a}{b} + \left(c\right)")
    6
    """
    return len(_SIGN.sub("x", _UNSEEN.sub("", latex)))


def rows(latex: str) -> list[str]:
    r"""The equation in rows about as long as there is room, each after the first starting with a sign.

    >>> rows("a = b + c")
    ['a = b + c']
    >>> len(rows("a = " + " + ".join(["x" * 25] * 4)))
    2
    >>> rows(r"a = " + "x" * 60 + r" \sum_{k} y_{k}")[1]
    '\\cdot \\sum_{k} y_{k}'
    """
    if seen_length(latex) <= LONG:
        return [latex]
    found = [""]
    for part in _parts(latex):
        if found[-1] and seen_length(found[-1] + part) > LONG:
            found.append(part if part.startswith((*SIGNS,)) else rf"\cdot {part}")
        else:
            found[-1] += part
    return [row.strip() for row in found]


def aligned(latex: str) -> str:
    """The equation, in several rows under each other where it is long."""
    first, *rest = rows(latex)
    return rf"\begin{{aligned}} {aligned_rows([first, *rest])} \end{{aligned}}" if rest else first


def aligned_rows(rows: Sequence[str], end: str = " ") -> str:
    """Rows for an aligning environment: the first at its equals sign, the others a little further in."""
    first, *rest = rows
    left, equals, right = first.partition(" = ")
    head = f"{left} &= {right}" if equals else f"& {first}"
    return "".join([head, *(rf" \\{end}&\quad {row}" for row in rest)])


def _parts(latex: str) -> Iterator[str]:
    """What may stand in a row of its own: terms with their signs, and factors that are sums or derivatives."""
    part, depth = "", 0
    for token in _TOKEN.findall(latex):
        if depth == 0 and not _starts(part) and (token in SIGNS or token in FACTORS):
            yield part
            part = ""
        depth += (token in _OPENS) - (token in _CLOSES)
        part += token
    yield part


def _starts(part: str) -> bool:
    """Whether a row must not end here: nothing stands in it yet, or a sign that wants its right side."""
    return not part.strip() or part.strip().isdecimal() or _UNFINISHED.search(part) is not None
