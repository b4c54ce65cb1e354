"""Where a text says that a function is least or greatest: "has a local minimum at $x=1$", "minimum at $[0, 0]$"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gradcheck.documents.formulas.links import is_number
from gradcheck.documents.formulas.parse import parser
from gradcheck.documents.formulas.reading import NotAFormula
from gradcheck.documents.formulas.spoken_values import NEAREST, Spoken
from gradcheck.documents.formulas.tree import Call, Equation, Listed, Name, Node, Side

_POINT = r"\$(?P<point>[^$\n]{1,80})\$"
_STATED = (
    re.compile(
        r"(?:\$(?P<of>[a-zA-Z])\$\s+(?:has|attains|reaches)\s+(?:its|an?)\s+(?:\w+\s+)?)?"
        rf"\b(?P<kind>minimum|maximum|minimizer|maximizer)\b(?:\s+value)?(?:\s+of\s+\$[^$]{{1,40}}\$)?\s+"
        rf"(?:is\s+)?(?:reached\s+|attained\s+|located\s+)?at\s+(?:the\s+(?:point|origin)\s+)?{_POINT}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?P<kind>minimi[sz]e|maximi[sz]e)[sd]?\b[^.$]{{0,30}}\b(?:when|at|for)\s+{_POINT}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{_POINT}\s+is\s+(?:the|a)\s+(?:unique\s+)?(?:solution\s+to|point\s+(?:that|to)|value\s+(?:that|to))\s+"
        r"(?P<kind>minimi[sz]e|maximi[sz]e)s?",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?:the\s+)?(?P<kind>optimal)\s+(?:solution|point|value)\s+(?:is\s+|of\s+|at\s+)?{_POINT}", re.IGNORECASE
    ),
    re.compile(
        r"\b(?:has\s+(?:as\s+)?its|with(?:\s+its)?|its)\s+(?:unique\s+)?(?P<kind>minimizer|maximizer)\s+(?:is\s+)?"
        r"\$(?P<point>[^$\n=]{1,40}=[^$\n]{1,80})\$",
        re.IGNORECASE,
    ),
    re.compile(rf"(?:在|当)\s*{_POINT}\s*(?:时|处|点)?(?:取得|达到|有)(?:全局|局部)?(?P<kind>最小|最大|极小|极大)"),
)
LEAST = ("minim", "optimal", "最小", "极小")
_RESTRICTED = re.compile(
    r"\b(?:interval|constrain\w*|subject\s+to|boundary|restricted|between|near|close|approximate\w*|if|not)\b|约束|区间",
    re.IGNORECASE,
)
"""Words by which the function may be looked at in a part of its domain alone, or nothing is claimed."""


def spoken_extremes(text: str) -> Iterator[Spoken]:
    """The places at which a paragraph says that the function last defined is least or greatest.

    >>> [found.extreme for found in spoken_extremes("It has a local minimum at $x=1$, as we saw.")]
    ['minimum at']
    """
    for pattern in _STATED:
        for found in pattern.finditer(text):
            begin = max(text.rfind(mark, 0, found.start()) for mark in (". ", "。", "; ")) + 1
            point = _point(found["point"])
            if point is None or _RESTRICTED.search(text, begin, found.end()):
                continue
            kind = "minimum at" if found["kind"].lower().startswith(LEAST) else "maximum at"
            sides = (
                Side(Call(found.groupdict().get("of") or NEAREST, point), found.start(), found.start()),
                Side(Name(kind), found.end(), found.end()),
            )
            yield Spoken(Equation(sides, ("=",)), extreme=kind)


def _point(text: str) -> tuple[Node, ...] | None:
    """The numbers of x = 1, [0, 0] or (1, 2), or what x = -b/a says."""
    right = text.rpartition("=")[2]
    try:
        reading = parser(right.strip(), latex=True)
        node = reading.sum()
    except NotAFormula:
        return None
    entries = node.entries if isinstance(node, Listed) else (node,)
    if reading.peek() is not None or not (all(map(is_number, entries)) or "=" in text):
        return None
    return entries
