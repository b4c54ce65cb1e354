"""Documents and runs made by hand: what the finder of values is given, without a reader or a sandbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from gradcheck.documents.document import Document, Kind, Passage
from gradcheck.documents.judged import Judged
from gradcheck.documents.records import Failure, Record, Run, Runs, Value
from gradcheck.documents.values.code import code_blocks
from gradcheck.documents.values.comments import statements
from gradcheck.documents.values.judged import judged_values


def value_of(what: object) -> Value:
    """What a run would bring back of an object."""
    kind = f"{type(what).__module__}.{type(what).__qualname__}".removeprefix("builtins.")
    if isinstance(what, torch.Size):
        return Value("sequence", "torch.Size", str(what), repr(what), items=tuple(map(value_of, what)))
    if isinstance(what, (list, tuple)):
        return Value("sequence", kind, str(what), repr(what), items=tuple(map(value_of, what)))
    if isinstance(what, (torch.Tensor, np.ndarray)):
        plain = what.detach() if isinstance(what, torch.Tensor) else what
        entries = tuple(plain.reshape(-1).tolist())
        numbers = tuple(each if isinstance(each, complex) else float(each) for each in entries)
        return Value("array", kind, str(what), repr(what), str(what.dtype), tuple(what.shape), numbers)
    if isinstance(what, (int, float, complex)):
        number = what if isinstance(what, complex) else float(what)
        return Value("number", kind, str(what), repr(what), kind, (), (number,))
    return Value("text" if isinstance(what, str) else "other", kind, str(what), repr(what))


def document(*passages: str | tuple[Kind, str]) -> Document:
    """A document of code, or of passages of a given kind, one below the other."""
    made: list[Passage] = []
    line = 1
    for each in passages:
        kind, text = each if isinstance(each, tuple) else ("code", each)
        rows = text.count("\n") + 1
        language = "python" if kind == "code" else ""
        of = len(made) - 1 if kind == "output" else -1
        made.append(Passage(kind, text, tuple(range(line, line + rows)), language=language, of=of))
        line += rows
    return Document("a.md", "markdown", tuple(made))


def run_of(
    page: Document,
    values: Mapping[int, Sequence[object]],
    *,
    texts: Mapping[int, Sequence[str]] = {},
    live: Mapping[int, Mapping[str, object]] = {},
    failures: tuple[Failure, ...] = (),
    outputs: Mapping[int, str] = {},
) -> Run:
    """A run in which the statement on a line had these values, one a moment; a list stands for several parts."""
    records = []
    for code in code_blocks(page):
        for statement in statements(code.source):
            line = code.line(statement.row)
            for occurrence, what in enumerate(values.get(line, ())):
                several = len(statement.sources) > 1
                parts = tuple(map(value_of, what)) if several and isinstance(what, list) else (value_of(what),)
                text = " ".join(part.text for part in parts) if statement.how == "print" else ""
                text = texts[line][occurrence] if line in texts else text
                end = code.line(statement.end_row)
                records.append(
                    Record(statement.how, code.number, line, end, occurrence, statement.sources, parts, text)
                )
    alive = {line: {name: value_of(what) for name, what in names.items()} for line, names in live.items()}
    return Run(tuple(records), failures, outputs, alive)


def judged(source: str, *whats: object, changed: Sequence[object] | None = None) -> Judged | None:
    """The one statement of a document of one line, or of a loop around it, with its values; others when reseeded."""
    page = document(source)
    line = 1 + source.startswith("for ")
    first = run_of(page, {line: whats})
    other = run_of(page, {line: changed}) if changed is not None else first
    found = list(judged_values(page, Runs(first, reseeded=other, repeated=first)))
    assert len(found) <= 1, found
    return found[0] if found else None
