"""Finds, among what a run recorded, the moments of one statement, and the value that a remark beside it speaks of."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from gradcheck.documents.records import Record, Run, Runs, Value
from gradcheck.documents.values.code import Code
from gradcheck.documents.values.comments import Statement, statements
from gradcheck.documents.values.tokens import tokens


@dataclass(frozen=True)
class Subject:
    """What a remark may speak of: a part of a statement as it is written, and its value at one moment."""

    source: str
    value: Value


def moments(run: Run, code: Code, statement: Statement) -> list[Record]:
    """The records of a statement, in the order in which they happened."""
    lines = code.line(statement.row), code.line(statement.end_row)
    found = _index(_Same(run)).get((code.number, statement.how, *lines), [])
    sources = {record.sources for record in found}
    if len(sources) > 1:  # several statements that a repair put on one line of the file
        found = [record for record in found if _plain(record.sources) == _plain(statement.sources)]
    found = sorted(found, key=lambda record: record.occurrence)
    if sum(record.occurrence == 0 for record in found) > 1:  # one statement several times on one line of the file
        found = _of_place(found, _alike(code, statement).index(statement))
    return found


def _alike(code: Code, statement: Statement) -> list[Statement]:
    """The statements of the block that the records cannot tell from this one, itself included."""
    place = code.line(statement.row), code.line(statement.end_row), statement.how, _plain(statement.sources)
    return [
        each
        for each in statements(code.source)
        if (code.line(each.row), code.line(each.end_row), each.how, _plain(each.sources)) == place
    ]


def _of_place(records: Sequence[Record], number: int) -> list[Record]:
    """Of records that were made in turn by several statements, those of one of them."""
    made = Counter[int]()
    chosen: list[Record] = []
    for record in records:
        if made[record.occurrence] == number:
            chosen.append(record)
        made[record.occurrence] += 1
    return chosen


class _Same:
    """A run that equals itself alone, so that it can be looked up at once."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def __hash__(self) -> int:
        return id(self.run)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.run is self.run


@lru_cache(maxsize=3)
def _index(same: _Same) -> dict[tuple[int, str, int, int], list[Record]]:
    """The records of a run by block, kind and lines."""
    found: dict[tuple[int, str, int, int], list[Record]] = {}
    for record in same.run.records:
        found.setdefault((record.block, record.how, record.line, record.end_line), []).append(record)
    return found


@lru_cache(maxsize=3)
def _by_source(same: _Same) -> dict[str, list[tuple[int, Value]]]:
    """The values of each piece of source, with the place of the record among all."""
    found: dict[str, list[tuple[int, Value]]] = {}
    for place, record in enumerate(same.run.records):
        for source, value in zip(record.sources, record.values, strict=False):
            found.setdefault(source, []).append((place, value))
    return found


def other_values(run: Run, source: str, record: Record, most: int = 20) -> tuple[list[Value], list[Value]]:
    """What the source was before a record and after it, the nearest first, `most` of each."""
    place = next((index for index, each in enumerate(run.records) if each is record), 0)
    found = _by_source(_Same(run)).get(source, [])
    earlier = [value for index, value in found if index < place]
    return earlier[::-1][:most], [value for index, value in found if index > place][:most]


def backward_calls(run: Run, record: Record) -> int:
    """How often `backward` was called before a record."""
    place = next((index for index, each in enumerate(run.records) if each is record), 0)
    sources = _by_source(_Same(run))
    return sum(index < place for source in sources if ".backward(" in source for index, _ in sources[source])


def subjects(record: Record) -> list[Subject]:
    """The values of a record without the texts that a call of print writes around them."""
    pairs = [Subject(source, value) for source, value in zip(record.sources, record.values, strict=False)]
    return [pair for pair in pairs if not _is_text(pair.source)] or pairs


def live_at(run: Run, record: Record) -> Iterator[Subject]:
    """The values alive after a record, and the gradients of those that have one."""
    for name, value in run.live.get(record.line, {}).items():
        yield Subject(name, value)
        if value.leaf_gradient is not None:
            yield Subject(f"{name}.grad", value.leaf_gradient)


def what_changes(runs: Runs, code: Code, statement: Statement) -> str:
    """What a statement's values depend on that is not in the document: random numbers, the machine, or nothing."""
    first = _fingerprint(moments(runs.first, code, statement))
    for run, cause in ((runs.repeated, "time, memory addresses or the machine"), (runs.reseeded, "random numbers")):
        if run is not None and _fingerprint(moments(run, code, statement)) != first:
            return cause
    return ""


@dataclass(frozen=True)
class Site:
    """A statement as the records name it."""

    how: str
    block: int
    line: int
    sources: tuple[str, ...]


def records_by_place(run: Run) -> dict[Site, list[object]]:
    """What each statement's values were, moment by moment, in a form that two runs can be compared by."""
    found: dict[Site, list[object]] = {}
    for record in run.records:
        site = Site(record.how, record.block, record.line, record.sources)
        found.setdefault(site, []).extend(_fingerprint([record]))
    return found


def _fingerprint(records: Sequence[Record]) -> list[object]:
    return [[_of_value(value) for value in record.values] for record in records]


def _of_value(value: Value) -> object:
    if value.entries is not None:
        return value.shape, [str(entry) for entry in value.entries]
    return [token.text if token.kind != "address" else "" for token in tokens(value.shown or value.text)]


def _plain(sources: Sequence[str]) -> list[str]:
    return ["".join(source.split()) for source in sources]


def _is_text(source: str) -> bool:
    try:
        node = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError):
        return False
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
