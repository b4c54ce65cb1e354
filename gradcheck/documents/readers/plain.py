"""Plain text, such as a web page pasted without its markup: code is told from prose by what it looks like."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from gradcheck.documents.document import Kind, Passage, Pragma, Problem
from gradcheck.documents.readers.lines import Lines
from gradcheck.documents.readers.markdown import markdown_parts
from gradcheck.documents.readers.outputs import announces_output
from gradcheck.documents.readers.plain_code import LONGEST_STRING, Look, closes_later, is_strong, looks, opens
from gradcheck.documents.readers.printed import is_printed_data

Part = Passage | Pragma | Problem

_FENCE = re.compile(r" {0,3}(```|~~~)")


def plain_parts(source: Lines) -> Iterator[Part]:
    """The passages and problems of a plain text; a text that has fences is read as Markdown."""
    if sum(bool(_FENCE.match(text)) for text in source.texts) >= 2:
        yield from markdown_parts(source)
        return
    kinds = _with_weak_as_prose(source, _with_comments(_looks(source)))
    announced, code = False, False
    for kind, block in _blocks(source, kinds):
        if kind == "data":
            is_output = (code or announced) and is_printed_data(block.stripped().text)
            yield from block.passages("output" if is_output else "prose")
            continue
        if kind != "blank":
            announced, code = kind == "prose" and announces_output(block.stripped().text), kind == "code"
            yield from block.passages(_KINDS[kind], language="python" if code else "")


_KINDS: dict[Look, Kind] = {"code": "code", "math": "math", "prose": "prose", "comment": "prose"}


def _looks(source: Lines) -> list[Look]:
    """What each line looks like by itself, and inside a bracket or a string that code before it has opened."""
    found: list[Look] = []
    depth, quote, continued, in_code = 0, "", 0, False
    for row, text in enumerate(source.texts):
        if continued and (quote or depth > 0):
            look: Look = "code"
            continued -= 1
        else:
            depth, quote = 0, ""
            look = looks(text, in_code)
            continued = LONGEST_STRING
        found.append(look)
        if look == "code":
            opened, quote = opens(text, quote)
            depth += opened
            if (quote or depth > 0) and continued == LONGEST_STRING and not closes_later(source.texts, row):
                depth, quote = 0, ""
        in_code = look == "code" or (in_code and look in ("blank", "comment"))
    return found


def _with_comments(found: list[Look]) -> list[Look]:
    """Lines that look like comments are code where code stands next to them, and headings elsewhere."""
    for order in (range(len(found)), range(len(found) - 1, -1, -1)):
        before: Look = "prose"
        for row in order:
            if found[row] == "comment" and before == "code":
                found[row] = "code"
            before = found[row] if found[row] != "blank" else before
    filled = list(found)
    last = None
    for row, look in enumerate(found):
        if look == "blank":
            continue
        if last is not None and look == found[last] == "code":
            filled[last:row] = ["code"] * (row - last)
        last = row
    return filled


def _with_weak_as_prose(source: Lines, found: list[Look]) -> list[Look]:
    """A stretch that only might be code, such as a single equation, is prose."""
    for look, rows in groupby(range(len(found)), key=lambda row: found[row]):
        stretch = list(rows)
        if look == "code" and not is_strong(source.texts[stretch[0] : stretch[-1] + 1]):
            found[stretch[0] : stretch[-1] + 1] = ["prose"] * len(stretch)
    return found


def _blocks(source: Lines, found: list[Look]) -> Iterator[tuple[Look, Lines]]:
    for look, rows in groupby(range(len(source)), key=lambda row: found[row]):
        stretch = list(rows)
        yield look, source[stretch[0] : stretch[-1] + 1]
