"""What an author tells the verifier in comments: found in markup, in code and in cell tags, with the lines meant."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from gradcheck.documents.document import Passage, Pragma, Problem
from gradcheck.documents.repair.python import tree
from gradcheck.errors import UnknownName

WORDS = {
    "skip": "what is stated here is not judged",
    "wrong": "what is refuted here is wrong on purpose",
}
"""What may follow `gradcheck:`; a reason may stand behind it."""

_TAG = "gradcheck-"
_PRAGMA = re.compile(r"\s*gradcheck\s*:\s*([\w-]*)")
_IN_PYTHON = re.compile(r"#\s*(gradcheck\s*:.*)$")

Part = Passage | Pragma | Problem


def pragmas_of(comment: str, line: int) -> Iterator[Pragma]:
    """The pragma that the text of a comment is, if it is one.

    >>> [pragma.word for pragma in pragmas_of(" gradcheck: wrong, a factor is missing", 3)]
    ['wrong']
    """
    found = _PRAGMA.match(comment)
    if found:
        yield Pragma(line, found[1])


def in_markup(text: str, line: int) -> Iterator[Pragma]:
    """The pragmas in HTML that begins on `line`, one a comment."""
    for row, written in enumerate(text.split("\n")):
        for piece in written.split("<!--")[1:]:
            yield from pragmas_of(piece.partition("-->")[0], line + row)


def of_cell(tags: Iterable[object], parts: Sequence[Part], line: int) -> Iterator[Pragma]:
    """The pragmas among the tags of a notebook's cell; they are about all of its parts."""
    lines = [number for part in parts if isinstance(part, Passage) for number in part.lines] or [line]
    for tag in tags:
        if isinstance(tag, str) and tag.startswith(_TAG):
            yield Pragma(min(lines), tag.removeprefix(_TAG), min(lines), max(lines))


def in_code(passage: Passage) -> tuple[Passage, tuple[Pragma, ...]]:
    """Python without the pragmas in its comments, and these; each is about the statement on its line, or below it."""
    if passage.kind not in ("code", "session") or "gradcheck" not in passage.text:
        return passage, ()
    found: list[Pragma] = []
    texts = passage.text.split("\n")
    for row, comment, column in _comments(passage.text):
        written = _IN_PYTHON.search(comment)
        if written is None:
            continue
        before = texts[row - 1][: column + written.start()].rstrip()
        texts[row - 1] = before
        first, last = _meant(passage.text, row, alone=not before.strip())
        start, end = passage.lines[first - 1], passage.lines[last - 1]
        found += [replace(each, first=start, last=end) for each in pragmas_of(written[1], passage.lines[row - 1])]
    return replace(passage, text="\n".join(texts)), tuple(found)


def _comments(code: str) -> list[tuple[int, str, int]]:
    """The comments of Python with their rows, from 1, and columns; none where it is damaged."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    except (tokenize.TokenError, SyntaxError):
        return []
    return [(each.start[0], each.string, each.start[1]) for each in tokens if each.type == tokenize.COMMENT]


def _meant(code: str, row: int, alone: bool) -> tuple[int, int]:
    """The rows of the innermost statement around a row, or of the one below a comment on a row of its own."""
    parsed = tree(code)
    statements = [node for node in ast.walk(parsed) if isinstance(node, ast.stmt)] if parsed else []
    spans = [(node.lineno, node.end_lineno or node.lineno) for node in statements]
    if alone:
        return min((span for span in spans if span[0] > row), key=lambda span: (span[0], -span[1]), default=(row, row))
    first, last = max((span for span in spans if span[0] <= row <= span[1]), default=(row, row))
    rows = code.split("\n")
    while last < len(rows) and rows[last].lstrip().startswith("#") and not _IN_PYTHON.search(rows[last]):
        last += 1  # what a comment on the lines below states is the statement's too
    return first, last


def placed(parts: Iterable[Part]) -> Iterator[Part]:
    """The parts, each pragma with the lines of the passage that follows it."""
    waiting: list[Pragma] = []
    for part in parts:
        if isinstance(part, Passage):
            yield from (replace(pragma, first=part.line, last=part.end_line) for pragma in waiting)
            waiting.clear()
        if isinstance(part, Pragma) and not part.first:
            waiting.append(part)
        else:
            yield part
    yield from waiting


def with_outputs(pragma: Pragma, passages: Sequence[Passage]) -> Pragma:
    """The pragma, about what the code it is about is said to print, too."""
    outputs = (passage for passage in passages if passage.kind == "output" and passage.of >= 0)
    ends = [passage.end_line for passage in outputs if _covers(pragma, passages[passage.of])]
    return replace(pragma, last=max([pragma.last, *ends]))


def _covers(pragma: Pragma, passage: Passage) -> bool:
    return pragma.first <= passage.line and passage.end_line <= pragma.last


def misunderstood(pragmas: Iterable[Pragma]) -> Iterator[Problem]:
    """A problem for each pragma whose word is not known, and for each that nothing follows."""
    for pragma in pragmas:
        if pragma.word not in WORDS:
            unknown = UnknownName("word", pragma.word, WORDS, f"accepted: {', '.join(WORDS)}")
            yield Problem(pragma.line, f"gradcheck: {unknown}")
        elif not pragma.first:
            yield Problem(pragma.line, f"gradcheck: {pragma.word}: nothing follows that it could be about")
