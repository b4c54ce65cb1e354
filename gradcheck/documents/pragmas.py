"""What the author's pragmas make of the judged statements: some are not judged, some are wrong on purpose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from gradcheck.articles.claims import Judgement
from gradcheck.documents.document import Pragma
from gradcheck.documents.judged import Judged

LISTING = "the listing runs"
"""The statement that a listing which is wrong on purpose may fail, too."""

_TOLD = "the document says that this is wrong, and it is: "


def obeyed(found: Sequence[Judged], pragmas: Iterable[Pragma], complete: bool = True) -> list[Judged]:
    """The judged statements without those to be skipped; what is said to be wrong, and is, is confirmed.

    A pragma that says so of what is right is refuted itself, and one of what could not be decided cannot be checked;
    neither is said where what was found is not `complete`, since only some kinds of claims were looked for.

    >>> from gradcheck.articles.claims import Judgement
    >>> claim = Judged(3, 3, "`print(x)` prints", "1", Judgement("refuted", "2", "shape and count must match"))
    >>> obeyed([claim], [Pragma(1, "wrong", 3, 4)])[0].judgement.status
    'confirmed'
    >>> obeyed([claim], [Pragma(1, "skip", 3, 4)])
    []
    """
    judged = list(found)
    for pragma in pragmas:
        if pragma.word == "skip":
            judged = [each for each in judged if not _is_about(pragma, each)]
        elif pragma.word == "wrong" and pragma.first:
            meant = [each for each in judged if _is_about(pragma, each)]
            wrong = [each for each in meant if _is_wrong(each)]
            judged = [_confirmed(each) if each in wrong else each for each in judged]
            judged += () if wrong or not complete else _not_wrong(pragma, meant)
    return judged


def _is_about(pragma: Pragma, judged: Judged) -> bool:
    return pragma.first <= judged.line <= pragma.last


def _is_wrong(judged: Judged) -> bool:
    """Whether a statement is refuted, or a listing that raises an error: what a mistake comes to."""
    found = judged.judgement
    raises = judged.statement == LISTING and found.diagnosis is not None and found.diagnosis.kind == "raised"
    return found.status == "refuted" or raises


def _confirmed(judged: Judged) -> Judged:
    found = judged.judgement
    told = replace(found, status="confirmed", rule=_TOLD + found.rule, suggestion="")
    return replace(judged, statement=f"wrong on purpose: {judged.statement}", judgement=told, replacement="")


def _not_wrong(pragma: Pragma, meant: Sequence[Judged]) -> Iterator[Judged]:
    """The pragma itself as a statement, which is not so."""
    open_ones = [each for each in meant if each.judgement.status != "confirmed"]
    if meant and not open_ones:
        judgement = Judgement(
            "refuted", "right", "said to be wrong, but it is right", suggestion="take the comment out"
        )
    elif open_ones:
        judgement = Judgement("not checkable", "", f"said to be wrong, but not decided: {open_ones[0].judgement.rule}")
    else:
        judgement = Judgement("not checkable", "", "said to be wrong, but nothing is found there that could be checked")
    yield Judged(pragma.line, pragma.line, f"lines {pragma.first} to {pragma.last} are wrong", "wrong", judgement)
