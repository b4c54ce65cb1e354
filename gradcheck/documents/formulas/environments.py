"""LaTeX environments inside a formula: cases, and vectors and matrices by their entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcheck.documents.formulas.tree import Cases, Condition, Listed, Node

if TYPE_CHECKING:
    from gradcheck.documents.formulas.grammar import Parser

MATRICES = ("pmatrix", "bmatrix", "matrix", "array", "vmatrix", "Bmatrix")
OTHERWISE = ("otherwise", "else", "others", "其他", "其它", "否则")
CONDITION_WORDS = ("if", "for", "when", "where", "text")
MAX_ROWS = 20


def read(parser: Parser) -> Node:
    """What stands behind \\begin, to its \\end."""
    name = _name(parser)
    if name == "cases":
        return _cases(parser)
    if name in MATRICES:
        return _matrix(parser)
    raise parser.stop(f"the environment {name} is not known")


def _name(parser: Parser) -> str:
    parser.expect("{")
    letters = ""
    while not parser.at("}"):
        letters += parser.take().text
    parser.expect("}")
    return letters


def _end(parser: Parser) -> bool:
    return parser.at("end")


def _cases(parser: Parser) -> Node:
    values: list[Node] = []
    conditions: list[Condition | None] = []
    while not _end(parser):
        values.append(parser.sum())
        conditions.append(_condition(parser))
        while parser.accept("\\\\", ",", ".", ";"):
            pass
        if len(values) > MAX_ROWS:
            raise parser.stop("too many cases")
    _finish(parser)
    if any(condition is None for condition in conditions[:-1]):
        raise parser.stop("only the last case may stand without a condition")
    return Cases(tuple(values), tuple(conditions))


def _condition(parser: Parser) -> Condition | None:
    while parser.accept("&", ",") or _word(parser, CONDITION_WORDS):
        pass
    if _word(parser, OTHERWISE):
        parser.accept(".")
        return None
    return parser.condition()


def _word(parser: Parser, words: tuple[str, ...]) -> bool:
    token = parser.peek()
    if token is not None and token.kind in ("word", "break") and token.text.strip(" ,.").lower() in words:
        parser.place += 1
        return True
    return False


def _matrix(parser: Parser) -> Node:
    """A row or a column of entries, or the rows of several columns."""
    rows: list[list[Node]] = [[parser.entry()]]
    while parser.at("&", "\\\\"):
        if parser.accept("\\\\"):
            if _end(parser):
                break
            rows.append([])
        else:
            parser.accept("&")
        rows[-1].append(parser.entry())
        if len(rows) > MAX_ROWS or len(rows[-1]) > MAX_ROWS:
            raise parser.stop("too many entries")
    _finish(parser)
    if len(rows) > 1 and any(len(row) > 1 for row in rows):
        return Listed(tuple(Listed(tuple(row)) for row in rows))
    return Listed(tuple(entry for row in rows for entry in row))


def _finish(parser: Parser) -> None:
    parser.expect("end")
    _name(parser)
