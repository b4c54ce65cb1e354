"""A line of Python cut into code, strings and comments, whether or not it parses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Part = Literal["code", "string", "comment"]

_TRIPLE = ('"""', "'''")


@dataclass(frozen=True)
class Span:
    """The characters from `start` to `end` of a line, all of one kind."""

    part: Part
    start: int
    end: int


def spans(line: str, quote: str = "") -> tuple[tuple[Span, ...], str]:
    """The spans of a line, and the triple quote that is open behind it; `quote` is the one open before it.

    A string of one line that is not closed ends with the line.

    >>> [(span.part, span.start, span.end) for span in spans("f('#')  # two")[0]]
    [('code', 0, 2), ('string', 2, 5), ('code', 5, 8), ('comment', 8, 13)]
    """
    found: list[Span] = []
    place = 0
    while place < len(line):
        if quote:
            end = _closed(line, place, quote)
            found.append(Span("string", place, end if end >= 0 else len(line)))
            if end < 0:
                return tuple(found), quote if quote in _TRIPLE else ""
            place, quote = end, ""
            continue
        end = next((i for i in range(place, len(line)) if line[i] in "\"'#"), len(line))
        if end > place:
            found.append(Span("code", place, end))
        if end == len(line):
            break
        if line[end] == "#":
            found.append(Span("comment", end, len(line)))
            break
        quote = line[end : end + 3] if line[end : end + 3] in _TRIPLE else line[end]
        closed = _closed(line, end + len(quote), quote)
        found.append(Span("string", end, closed if closed >= 0 else len(line)))
        if closed < 0:
            return tuple(found), quote if quote in _TRIPLE else ""
        place, quote = closed, ""
    return tuple(found), quote


def _closed(line: str, place: int, quote: str) -> int:
    """The place behind the quote that closes a string, or -1."""
    while place < len(line):
        if line[place] == "\\":
            place += 2
        elif line.startswith(quote, place):
            return place + len(quote)
        else:
            place += 1
    return -1


def code_of(line: str, quote: str = "") -> str:
    """The characters of a line that are code, strings and comments left out.

    >>> code_of("x = 'a'  # b")
    'x =   '
    """
    return "".join(line[span.start : span.end] for span in spans(line, quote)[0] if span.part == "code")


def comment_start(line: str, quote: str = "") -> int:
    """Where the comment of a line begins, or -1.

    >>> comment_start("x = '#'# two")
    7
    """
    return next((span.start for span in spans(line, quote)[0] if span.part == "comment"), -1)


def depth_of(code: str) -> int:
    """How many brackets more are opened than closed.

    >>> depth_of("f(g(x), [")
    2
    """
    return sum((char in "([{") - (char in ")]}") for char in code)


def triple_quotes(lines: tuple[str, ...]) -> Iterator[str]:
    """For each line the triple quote that is open before it, or nothing.

    >>> list(triple_quotes(('x = \\"\\"\\"a', 'b\\"\\"\\"', 'y')))
    ['', '\"\"\"', '']
    """
    quote = ""
    for line in lines:
        yield quote
        quote = spans(line, quote)[1]
