"""What is the same for every format: sessions told from scripts, outputs from code, damaged code repaired."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from gradcheck.documents.document import Passage
from gradcheck.documents.readers.lines import Lines
from gradcheck.documents.readers.outputs import linked, with_outputs
from gradcheck.documents.readers.sessions import is_session, session_passages
from gradcheck.documents.readers.tabs import in_its_tab
from gradcheck.documents.repair.imports import with_usual_imports
from gradcheck.documents.repair.repaired import with_repairs

_MAY_HAVE_PROMPTS = frozenset({"", "python", "console", "text", "output"})


def finished(passages: Iterable[Passage]) -> tuple[Passage, ...]:
    """The passages of a document as every reader gives them, out of those that one format's reader found."""
    told_apart = with_outputs(_with_sessions(_flush(in_its_tab(passage)) for passage in passages))
    return tuple(linked(with_usual_imports(tuple(with_repairs(told_apart)))))


def _with_sessions(passages: Iterable[Passage]) -> Iterator[Passage]:
    for passage in passages:
        if passage.kind == "code" and passage.language in _MAY_HAVE_PROMPTS and is_session(passage.text):
            lines = Lines(tuple(passage.text.split("\n")), passage.lines)
            yield from session_passages(lines, passage.language, passage.cell)
        else:
            yield passage


def _flush(passage: Passage) -> Passage:
    """Code without the white space that all its lines begin with."""
    if passage.kind != "code" or passage.text[:1] not in " \t":
        return passage
    return replace(passage, text=Lines.of(passage.text).dedented().text)
