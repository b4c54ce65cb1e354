"""The door of the repairs: a document's code, readable again where only one reading is possible."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from gradcheck.documents.document import Passage, Repair
from gradcheck.documents.repair.characters import ENTITIES, Change, Texts, changed
from gradcheck.documents.repair.line_breaks import Numbered, with_comments_apart, with_statements_apart
from gradcheck.documents.repair.names import bound
from gradcheck.documents.repair.python import parses, tree, without_magics

LARGEST = 200_000
"""A passage of more characters is no listing that somebody typed."""

_LANGUAGES = frozenset(("", "python"))


def with_repairs(passages: Iterable[Passage]) -> Iterator[Passage]:
    """The passages, damaged Python among them repaired as far as that is certain, and each repair told.

    A passage that still does not parse is left as it stands.
    """
    known: frozenset[str] = frozenset()
    for passage in passages:
        if passage.kind not in ("code", "session") or passage.language not in _LANGUAGES:
            yield passage
            continue
        repaired = _repaired(passage, known)
        module = tree(repaired.text) or tree(without_magics(repaired.text))
        known |= bound(module) if module else frozenset()
        yield repaired


def _repaired(passage: Passage, known: frozenset[str]) -> Passage:
    if len(passage.text) > LARGEST:
        return passage
    lines, repairs = _decoded(passage)
    if not _parses(tuple(text for text, _ in lines)):
        lines, more = _readable(lines, known) or (_lines(passage), None)
        if more is None:
            return passage
        repairs += more
    lines, apart = with_comments_apart(lines)
    return _with(passage, lines, (*repairs, *apart)) if repairs or apart else passage


def _decoded(passage: Passage) -> tuple[tuple[Numbered, ...], tuple[Repair, ...]]:
    texts = tuple(passage.text.split("\n"))
    after = ENTITIES.apply(texts)
    return tuple(zip(after, passage.lines, strict=True)), _told((ENTITIES,), texts, after, passage.lines)


def _readable(
    lines: tuple[Numbered, ...], known: frozenset[str]
) -> tuple[tuple[Numbered, ...], tuple[Repair, ...]] | None:
    """A listing that parses, out of one that does not, or None."""
    texts = tuple(text for text, _ in lines)
    numbers = tuple(number for _, number in lines)
    after: Texts = texts
    made: tuple[Change, ...] = ()
    for after, made in changed(texts, _parses):
        if _parses(after):
            return tuple(zip(after, numbers, strict=True)), _told(made, texts, after, numbers)
    found = with_statements_apart(tuple(zip(after, numbers, strict=True)), known)
    return (found[0], (*_told(made, texts, after, numbers), *found[1])) if found else None


def _told(made: tuple[Change, ...], before: Texts, after: Texts, numbers: tuple[int, ...]) -> tuple[Repair, ...]:
    """One sentence for each kind of change, at the first line that was changed at all."""
    altered = [number for old, new, number in zip(before, after, numbers, strict=True) if old != new]
    return tuple(Repair(altered[0], change.told) for change in made) if altered else ()


def _parses(texts: Texts) -> bool:
    source = "\n".join(texts)
    return parses(source) or parses(without_magics(source))


def _lines(passage: Passage) -> tuple[Numbered, ...]:
    return tuple(zip(passage.text.split("\n"), passage.lines, strict=True))


def _with(passage: Passage, lines: tuple[Numbered, ...], repairs: tuple[Repair, ...]) -> Passage:
    text = "\n".join(text for text, _ in lines)
    numbers = tuple(number for _, number in lines)
    return replace(passage, text=text, lines=numbers, repairs=(*passage.repairs, *repairs))
