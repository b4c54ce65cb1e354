"""Listings whose line breaks were lost: comments glued to code, and statements hidden behind them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from gradcheck.documents.document import Repair
from gradcheck.documents.repair.names import bound
from gradcheck.documents.repair.python import parses, tree
from gradcheck.documents.repair.spans import code_of, comment_start, depth_of
from gradcheck.documents.repair.statements import cut, is_header, module_of

Numbered = tuple[str, int]

_CODE_IN_COMMENT = re.compile(r"(?<=[\u2e80-\u9fff\uff00-\uff60])(?=[A-Za-z_@])")
"""Where a comment in Chinese goes over into code."""

_LOOSE = (ast.With, ast.For, ast.While, ast.If, ast.Try)
"""Headers of blocks that may end anywhere; a function's ends with a return."""

_LEAVES = (ast.Return, ast.Raise, ast.Continue, ast.Break)


@dataclass(frozen=True)
class Piece:
    """A statement or a comment that stands on a line of its own again; `comment` trails its statement."""

    text: str
    comment: str = ""


def with_comments_apart(lines: tuple[Numbered, ...]) -> tuple[tuple[Numbered, ...], tuple[Repair, ...]]:
    """A listing that has comments glued to its code, with each of them on a line of its own.

    Writing them so may be a habit: two are taken for lost line breaks where another comment trails its code at a
    distance, or is glued to a comment.

    >>> with_comments_apart((("x = f()# one", 1), ("y = x# two", 2), ("z = y  # three", 3)))[0]
    (('x = f()', 1), ('# one', 1), ('y = x', 2), ('# two', 2), ('z = y  # three', 3))
    """
    glued = sum(_is_glued(text) for text, _ in lines)
    if glued < 2 or not any(_trails(text) for text, _ in lines):
        return lines, ()
    apart: list[Numbered] = []
    repairs: list[Repair] = []
    for text, number in lines:
        pieces = _apart(text)
        apart += [(piece, number) for piece in pieces]
        if len(pieces) > 1:
            repairs.append(Repair(number, f"a lost line break is put back before {pieces[-1]!r}"))
    return tuple(apart), tuple(repairs)


def _is_glued(text: str) -> bool:
    start = comment_start(text)
    return (
        start > 0 and not text[start - 1].isspace() and not re.match(r"#+\s*(-?[\d.]|tensor\b|array\b)", text[start:])
    )


def _trails(text: str) -> bool:
    """Whether a comment stands behind code at a distance."""
    start = comment_start(text)
    return start > 0 and text[start - 1].isspace() and bool(text[:start].strip())


def _apart(text: str) -> list[str]:
    """A line cut before each comment that is glued to what stands before it."""
    start = comment_start(text)
    if start < 0:
        return [text]
    margin = text[: len(text) - len(text.lstrip())]
    comments = re.split(r"(?<=\S)(?=#\s)", text[start:])
    if _is_glued(text):
        return [text[:start], *(margin + comment for comment in comments)]
    return [text[:start] + comments[0], *(margin + comment for comment in comments[1:])]


def with_statements_apart(
    lines: tuple[Numbered, ...], known: frozenset[str]
) -> tuple[tuple[Numbered, ...], tuple[Repair, ...]] | None:
    """A listing that does not parse, with the statements that its lines have lost each on its own line.

    None where a line cannot be cut, or in more than one way.
    """
    apart: list[Numbered] = []
    repairs: list[Repair] = []
    for logical, deeper in _logical_lines(lines):
        whole = "\n".join(text for text, _ in logical)
        if _is_whole(whole, deeper):
            apart += logical
        else:
            names = known | _bound_in(apart)
            rows = _rebuilt(whole, names)
            if rows is None:
                return None
            apart += _numbered(rows, logical)
            repairs.append(Repair(logical[0][1], f"lost line breaks are put back: one line is read as {len(rows)}"))
    return (tuple(apart), tuple(repairs)) if parses("\n".join(text for text, _ in apart)) else None


def _logical_lines(lines: tuple[Numbered, ...]) -> Iterator[tuple[list[Numbered], bool]]:
    """The lines joined while a bracket is open, each with whether the next line is indented deeper."""
    place = 0
    while place < len(lines):
        end, depth = place, 0
        while end < len(lines):
            depth += depth_of(code_of(lines[end][0]))
            end += 1
            if depth <= 0:
                break
        following = next((text for text, _ in lines[end:] if text.strip()), "")
        yield list(lines[place:end]), _margin(following) > _margin(lines[place][0])
        place = end


def _margin(text: str) -> int:
    return len(text) - len(text.lstrip())


def _is_whole(text: str, deeper: bool) -> bool:
    """Whether a logical line is one statement, or a header whose block follows."""
    start = comment_start(text) if "\n" not in text else -1
    code = (text if start < 0 else text[:start]).strip()
    return not code or (module_of(code) is not None and (not is_header(code) or deeper))


def _bound_in(lines: list[Numbered]) -> frozenset[str]:
    modules = (tree(text.strip()) or module_of(text.strip()) for text, _ in lines)
    whole = tree("\n".join(text for text, _ in lines))
    return frozenset(name for module in (*modules, whole) if module for name in bound(module))


def _rebuilt(text: str, known: frozenset[str]) -> list[str] | None:
    """The lines that a logical line was before it lost its line breaks."""
    pieces = _pieces(text.strip(), known)
    if pieces is None:
        return None
    margin = text[: _margin(text)]
    depths = _depths([piece.text for piece in pieces])
    if depths is None:
        return None
    return [f"{margin}{'    ' * depth}{piece.text}{piece.comment}" for piece, depth in zip(pieces, depths, strict=True)]


def _pieces(text: str, known: frozenset[str]) -> list[Piece] | None:
    """Statements and comments in order; a comment that stands off from the code before it trails it."""
    first, *comments = re.split(r"(?=#)", text)
    pieces: list[Piece] = []
    names = known
    for code, comment in [(first, ""), *_comments(comments)]:
        if comment:
            trails = (
                pieces and not pieces[-1].comment and not pieces[-1].text.startswith("#") and _stands_off(text, comment)
            )
            pieces[-1:] = (
                [Piece(pieces[-1].text, f"  {comment.rstrip()}")] if trails else [*pieces[-1:], Piece(comment.rstrip())]
            )
        if code.strip():
            statements = cut(code, names)
            if statements is None:
                return None
            pieces += [Piece(statement) for statement in statements]
            names |= frozenset(name for each in statements if (module := module_of(each)) for name in bound(module))
    return pieces


def _comments(comments: list[str]) -> Iterator[tuple[str, str]]:
    """Each comment without the code that it goes over into, and that code before it in the pair."""
    for comment in comments:
        places = [found.start() for found in _CODE_IN_COMMENT.finditer(comment)]
        place = places[-1] if len(places) == 1 else len(comment)
        yield comment[place:], comment[:place]


def _stands_off(text: str, comment: str) -> bool:
    place = text.find(comment)
    return place > 0 and text[place - 1].isspace()


def _depths(statements: list[str]) -> list[int] | None:
    """How deep each statement stands, where that is certain.

    What follows a header is in its block up to a return; a `with`, a loop or a condition has a block of one statement
    or of statements of one kind, for with others its end could be anywhere.
    """
    depths: list[int] = []
    depth = 0
    kinds: set[type[ast.stmt]] = {ast.Pass}
    for statement in statements:
        depths.append(depth)
        module = None if statement.startswith("#") else module_of(statement)
        if module is None:
            continue
        kind = type(module.body[0])
        if is_header(statement):
            kinds = set() if kind in _LOOSE else {ast.Pass}
            depth += 1
        elif kind in _LEAVES:
            depth = max(depth - 1, 0)
        elif depth and ast.Pass not in kinds:
            kinds.add(kind)
            if len(kinds) > 1:
                return None
    return depths


def _numbered(rows: list[str], logical: list[Numbered]) -> list[Numbered]:
    """The rebuilt lines at the places of those they were; each line end inside a bracket is one of the file's."""
    numbers = [number for _, number in logical]
    place = 0
    numbered: list[Numbered] = []
    for row in rows:
        for count, part in enumerate(row.split("\n")):
            place = min(place + bool(count), len(numbers) - 1)
            numbered.append((part, numbers[place]))
    return numbered
