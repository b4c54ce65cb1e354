"""Conditions in words beside an equation: "for x > 0", "when x ≤ 0", 当x > 0时."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gradcheck.documents.formulas.parse import parser
from gradcheck.documents.formulas.reading import NotAFormula
from gradcheck.documents.formulas.tree import Condition

COMPARED = re.compile(
    r"(?P<left>[^\W\d_](?:_\w)?)\s*(?P<relation><=|>=|<|>|≤|≥|\\leq?(?![a-z])|\\geq?(?![a-z])|＞|＜)\s*(?P<right>[-−]?\d+(?:\.\d+)?)"
)
SPELT = {"≤": "<=", "≥": ">=", r"\le": "<=", r"\leq": "<=", r"\ge": ">=", r"\geq": ">=", "＞": ">", "＜": "<"}
INTRODUCED_BEFORE = re.compile(
    r"(?:当|若|如果|对于|在|if|when|for|where|\\text\{[^}]*\}|[:：])[\s$`(（]*$", re.IGNORECASE
)
INTRODUCED_AFTER = re.compile(r"[\s,$`&(（，]*(?:if|when|for|where|当|若|如果|\\text\{[^}]*\})", re.IGNORECASE)
FARTHEST = 25
"""Letters between a condition and the equation that it belongs to."""


def condition_of(text: str, start: int, end: int, spans: Sequence[tuple[int, int]]) -> tuple[Condition, ...]:
    """The condition that a line states for the equation at `start` to `end`; `spans` are where all its equations stand.

    >>> condition_of("for x > 0, dy/dx = 1", 11, 20, [(11, 20)])[0].relation
    '>'
    """
    outside = [found for found in COMPARED.finditer(text) if not any(a <= found.start() < b for a, b in spans)]
    after = next((found for found in outside if _follows(text, end, found, spans)), None)
    before = next((found for found in reversed(outside) if _leads(text, start, found, spans)), None)
    directly = after is not None and INTRODUCED_AFTER.match(text[end : after.start()])
    introduced = before is not None and INTRODUCED_BEFORE.search(text[: before.start()])
    chosen = before if introduced and not directly else after
    return () if chosen is None else _condition(chosen)


def _follows(text: str, end: int, found: re.Match[str], spans: Sequence[tuple[int, int]]) -> bool:
    between = text[end : found.start()]
    apart = any(end <= a < found.start() for a, _ in spans)
    return found.start() >= end and len(between) <= FARTHEST and not apart and not set(between) & set("。；;.")


def _leads(text: str, start: int, found: re.Match[str], spans: Sequence[tuple[int, int]]) -> bool:
    between = text[found.end() : start]
    apart = any(found.end() <= a < start for a, _ in spans)
    return found.end() <= start and len(between) <= FARTHEST and not apart and not set(between) & set("。；;")


def _condition(found: re.Match[str]) -> tuple[Condition, ...]:
    relation = SPELT.get(found["relation"], found["relation"])
    try:
        return (parser(f"{found['left']} {relation} {found['right']}").condition(),)
    except NotAFormula:
        return ()
