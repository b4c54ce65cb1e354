"""Where formulas stand in a document: displays, inline mathematics, code in backticks, plain lines, and comments."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from gradcheck.documents.document import Document, Passage

MARKED = re.compile(
    r"\$\$(?P<a>.+?)\$\$|\$(?P<b>[^$\n]+?(?:\n[^$\n]+?)?)\$|\\\((?P<c>.+?)\\\)|\\\[(?P<d>.+?)\\\]|`(?P<e>[^`\n]+)`",
    re.DOTALL,
)
BETWEEN = re.compile(r"\s*=\s*")
BACKSLASHED = re.compile(r"\\(?:frac|partial|nabla|mathbf|sum|cdot|alpha|theta|sigma|left|begin|hat|text)\b")
LONGEST_LINE = 3_000
COMMENT_LANGUAGES = ("", "python", "py", "python3", "pycon", "ipython", "ipython3", "mxnet", "tensorflow", "jax")


@dataclass(frozen=True)
class Span:
    """A stretch of a passage that may hold formulas: its text, and where it begins in the passage's text.

    `latex` says how to read it. `marked` says that an author marked it as a formula or as code, so that its words are
    names and no prose.
    """

    passage: int
    start: int
    text: str
    latex: bool
    marked: bool


def spans(document: Document) -> Iterator[Span]:
    """Every stretch that may hold formulas, in reading order."""
    for number, passage in enumerate(document.passages):
        if passage.kind == "math":
            yield Span(number, 0, passage.text, latex=True, marked=True)
        elif passage.kind == "prose":
            yield from _in_prose(number, passage.text)
        elif passage.kind in ("code", "session") and passage.language in COMMENT_LANGUAGES:
            yield from _in_comments(number, passage)


def _in_prose(number: int, text: str) -> Iterator[Span]:
    place = 0
    for several in _joined(text):
        first, last = several[0], several[-1]
        yield from _in_lines(number, text[place : first.start()], place)
        group, ending = first.lastgroup or "a", last.lastgroup or "a"
        start, end = first.start(group), last.end(ending)
        written = text[start:end].replace("$", " ") if len(several) > 1 else text[start:end]
        yield Span(number, start, written, latex=group != "e", marked=True)
        place = last.end()
    yield from _in_lines(number, text[place:], place)


def _joined(text: str) -> Iterator[list[re.Match[str]]]:
    """What an author marked as formulas; those that only an equals sign stands between are one: $a$ = $b$."""
    several: list[re.Match[str]] = []
    for found in MARKED.finditer(text):
        inline = several and {each.lastgroup for each in (several[-1], found)} == {"b"}
        if several and not (inline and BETWEEN.fullmatch(text[several[-1].end() : found.start()])):
            yield several
            several = []
        several.append(found)
    if several:
        yield several


def _in_lines(number: int, text: str, start: int) -> Iterator[Span]:
    for line in text.split("\n"):
        if line.strip() and len(line) <= LONGEST_LINE:
            yield Span(number, start, line, latex=BACKSLASHED.search(line) is not None, marked=False)
        start += len(line) + 1


def _in_comments(number: int, passage: Passage) -> Iterator[Span]:
    """The comments of code; where its text is broken, those of the lines that are not."""
    start = 0
    for line in passage.text.split("\n"):
        if "#" in line and len(line) <= LONGEST_LINE:
            place = _comment(line)
            if place is not None:
                yield Span(number, start + place, line[place:], latex=False, marked=False)
        start += len(line) + 1


def _comment(line: str) -> int | None:
    """Where the words of a line's comment begin."""
    bare = line.lstrip()
    bare = bare[4:] if bare.startswith((">>> ", "... ")) else bare
    try:
        for token in tokenize.generate_tokens(io.StringIO(bare).readline):
            if token.type == tokenize.COMMENT:
                return len(line) - len(bare) + token.start[1] + 1
    except (tokenize.TokenError, SyntaxError, IndentationError):
        pass
    place = line.rfind("#")
    return place + 1 if place >= 0 and line.count("'") % 2 == 0 and line.count('"') % 2 == 0 else None
