r"""Long equations in LaTeX, broken before a term: on a page and on a phone a line has only so much room."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

LONG = 58
"""How many signs of a line fit; commands count as one sign each."""

MAX_LEVEL = 8
"""Brackets nested more deeply are not broken."""

_UNSEEN = re.compile(r"\\(?:left|right|operatorname|text|mathbf|frac|[,;!: ])|[{}^_\s]")
_SIGN = re.compile(r"\\[a-zA-Z]+")
_TOKEN = re.compile(r"\\frac\{\\partial\}|\\frac\{d\}|\\[a-zA-Z]+|\\.|[{}]| [+-] |.", re.DOTALL)
BRACES = ({"{", r"\begin"}, {"}", r"\end"})
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
    return _closed(_broken(_without_tall_fractions(latex)))


def _broken(latex: str, level: int = 0) -> list[str]:
    """Rows broken outside of brackets; within them, one level after the other, where a row is still too long."""
    found = [""]
    for part in _parts(latex, level):
        if found[-1] and seen_length(found[-1] + part) > LONG:
            found.append(part if part.startswith((*SIGNS,)) else rf"\cdot {part}")
        else:
            found[-1] += part
    inner = (_broken(row, level + 1) if seen_length(row) > LONG and level < MAX_LEVEL else [row] for row in found)
    return [row.strip() for broken in inner for row in broken]


def _closed(rows: list[str]) -> list[str]:
    r"""Brackets that a row leaves open end with it, unseen, and start again with the next: TeX wants them in pairs.

    >>> _closed([r"\left(a", r"+ b\right)"])
    ['\\left(a\\right.', '\\left. {} + b\\right)']
    >>> _closed([r"x \leftarrow a", "+ b"])
    ['x \\leftarrow a', '+ b']
    """
    found, opened = [], 0
    for row in rows:
        begun = r"\left. " * opened + ("{} " if opened else "")
        tokens = _TOKEN.findall(row)
        opened += tokens.count(r"\left") - tokens.count(r"\right")
        found.append(begun + row + r"\right." * opened)
    return found


def _without_tall_fractions(latex: str) -> str:
    r"""Fractions of which one part has no room in a row, as a product that can be broken.

    >>> short = r"\frac{a}{b}"
    >>> _without_tall_fractions(short) == short
    True
    """
    at = 0
    while (start := latex.find(r"\frac{", at)) >= 0:
        middle = _closing(latex, start + len(r"\frac"))
        end = _closing(latex, middle + 1)
        above, below = latex[start + len(r"\frac{") : middle], latex[middle + 2 : end]
        at = start + len(r"\frac{")
        if max(seen_length(above), seen_length(below)) > LONG:
            latex = latex[:start] + _as_product(above, below) + latex[end + 1 :]
            at = start
    return latex


def _as_product(above: str, below: str) -> str:
    if seen_length(below) > LONG:
        return rf"\left({above}\right) \left({below}\right)^{{-1}}"
    return rf"\frac{{1}}{{{below}}} \left({above}\right)"


def _closing(latex: str, start: int) -> int:
    """Where the brace that opens at `start` is closed."""
    depth = 0
    for place in range(start, len(latex)):
        depth += {"{": 1, "}": -1}.get(latex[place], 0) if latex[place - 1] != "\\" else 0
        if depth == 0:
            return place
    return len(latex)


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


def _parts(latex: str, level: int) -> Iterator[str]:
    """What may stand in a row of its own: terms with their signs, and factors that are sums or derivatives.

    Brackets may be broken down to the level; a group in braces never is.
    """
    part, braces, brackets = "", 0, 0
    for token in _TOKEN.findall(latex):
        breaks = not braces and brackets <= level and (token in SIGNS or token in FACTORS)
        if breaks and not _starts(part):
            yield part
            part = ""
        braces += (token in BRACES[0]) - (token in BRACES[1])
        brackets += (token == r"\left") - (token == r"\right")
        part += token
    yield part


def _starts(part: str) -> bool:
    """Whether a row must not end here: nothing stands in it yet, or a sign that wants its right side."""
    return not part.strip() or part.strip().isdecimal() or _UNFINISHED.search(part) is not None
