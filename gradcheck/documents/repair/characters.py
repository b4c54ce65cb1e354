"""Characters that a web page, a word processor or a converter put in the place of those of the code."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from gradcheck.documents.repair.spans import spans, triple_quotes

Texts = tuple[str, ...]


def _table(written: str, meant: str) -> dict[int, str]:
    return {ord(old): new for old, new in zip(written, meant, strict=True)}


ASCII_FOR_WIDE = _table("（），：；＝［］｛｝＋－＊／＜＞．！＃％＠＿｜＆＾～", "(),:;=[]{}+-*/<>.!#%@_|&^~")
"""Full-width punctuation and what it stands for in code."""

_QUOTES = _table("“”„‟‘’‚‛″′＂＇", "\"\"\"\"''''\"'\"'")
_SIGNS = {ord("−"): "-", ord("–"): "-", ord("—"): "-", ord("…"): "...", ord("×"): "*", ord("÷"): "/"}
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), "")
_SPACES = dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2007\u2009\u202f\u3000"), " ")
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#\d{2,5}|#x[0-9a-fA-F]{2,4});")
_NUMBER = re.compile(r"\s*(\d+)(?:[.:|)]|(?=\s)|$)")


@dataclass(frozen=True)
class Change:
    """One kind of change: how it is told, and what it makes of the lines of a listing."""

    told: str
    apply: Callable[[Texts], Texts]


def _in_code(table: Mapping[int, str]) -> Callable[[Texts], Texts]:
    """Translates characters in the code of each line, not in its strings and comments."""

    def apply(lines: Texts) -> Texts:
        return tuple(_translated(line, quote, table) for line, quote in zip(lines, triple_quotes(lines), strict=True))

    return apply


def _translated(line: str, quote: str, table: Mapping[int, str]) -> str:
    if line.isascii():
        return line
    parts = ((span.part, line[span.start : span.end]) for span in spans(line, quote)[0])
    return "".join(text.translate(table) if part == "code" else text for part, text in parts)


def _without_entities(lines: Texts) -> Texts:
    return tuple(_ENTITY.sub(lambda entity: html.unescape(entity[0]).replace("\u00a0", " "), line) for line in lines)


def _with_plain_spaces(lines: Texts) -> Texts:
    return _in_code({**_INVISIBLE, **_SPACES})(lines)


def _without_numbers(lines: Texts) -> Texts:
    """The lines without the numbers that stand before all of them, one more each time."""
    found = [_NUMBER.match(line) for line in lines]
    numbers = [int(match[1]) for match in found if match]
    rising = numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else False
    if len(lines) < 2 or len(numbers) < len(lines) or not rising:
        return lines
    bare = [line[match.end() :] for line, match in zip(lines, found, strict=True) if match]
    margin = min((len(line) - len(line.lstrip()) for line in bare if line.strip()), default=0)
    return tuple(line[margin:] for line in bare)


def _without_tabs(lines: Texts) -> Texts:
    return tuple(line.expandtabs(4) if line[: len(line) - len(line.lstrip())].count("\t") else line for line in lines)


ENTITIES = Change("HTML entities are decoded", _without_entities)
"""The one change that is made also where the code parses: `a &lt; b` does."""

CHANGES = (
    Change("invisible characters and spaces of other widths are made plain", _with_plain_spaces),
    Change("typographic quotes are written as plain ones", _in_code(_QUOTES)),
    Change("full-width punctuation is written as ASCII", _in_code(ASCII_FOR_WIDE)),
    Change("typographic signs are written as operators", _in_code(_SIGNS)),
    Change("the line numbers copied with the code are taken off", _without_numbers),
    Change("tabs are written as four spaces", _without_tabs),
)
"""The changes tried one after another, each on what those before it gave, until the code parses.

Quotes come before punctuation: what is inside them is no code.
"""


def changed(lines: Texts, parses: Callable[[Texts], bool]) -> Iterator[tuple[Texts, tuple[Change, ...]]]:
    """The listing after each further change that alters it, with those made so far; the last one where it parses."""
    made: tuple[Change, ...] = ()
    for change in CHANGES:
        after = change.apply(lines)
        if after != lines:
            lines, made = after, (*made, change)
            yield lines, made
            if parses(lines):
                return
