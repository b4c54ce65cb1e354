"""Code that does not run is told once, at its line, with the reason."""

from __future__ import annotations

import pytest

from gradcheck.documents.document import Document, Passage
from gradcheck.documents.listings import judged_listings
from gradcheck.documents.records import Failure, Run, Runs

DOCUMENT = Document("a.md", "markdown", (Passage("code", "x = 1\nmissing\nprint(x)", (5, 6, 7)),))


def runs(*failures: Failure) -> Runs:
    return Runs(Run((), failures))


@pytest.mark.parametrize("kind", ["syntax", "raised", "time", "memory", "output", "exited", "refused"])
def test_each_kind_is_told_with_its_reason(kind: str) -> None:
    (found,) = judged_listings(DOCUMENT, runs(Failure(kind, 0, 6, 6, "NameError: name 'missing' is not defined")))
    assert (found.line, found.stated, found.judgement.status) == (6, "missing", "not checkable")
    assert "NameError" in found.judgement.rule
    assert found.judgement.diagnosis is not None
    assert found.judgement.diagnosis.kind == kind
    assert found.judgement.suggestion


def test_what_was_skipped_for_it_is_not_told_again() -> None:
    failures = Failure("raised", 0, 6, 6, "NameError"), Failure("skipped", 0, 7, 7, "after line 6")
    assert len(list(judged_listings(DOCUMENT, runs(*failures)))) == 1


@pytest.mark.parametrize(
    ("first", "then", "told"),
    [
        (("ModuleNotFoundError: No module named 'd2l'", ("d2l",)), "NameError: name 'd2l' is not defined", 1),
        (("ModuleNotFoundError: No module named 'd2l'", ("d2l",)), "ModuleNotFoundError: No module named 'd2l.x'", 1),
        (("NameError: name 'a' is not defined", ("b",)), "NameError: name 'a' is not defined", 1),
        (("NameError: name 'a' is not defined", ("b",)), "NameError: name 'b' is not defined", 1),
        (("NameError: name 'a' is not defined", ("b",)), "NameError: name 'c' is not defined", 2),
        (("ModuleNotFoundError: No module named 'd2l'", ()), "ModuleNotFoundError: No module named 'other'", 2),
        (("ValueError: x", ()), "ValueError: x", 2),
        (("AssertionError: no CUDA", ("a",)), "RuntimeError: not linked with support for cuda devices", 1),
    ],
)
def test_consequences_are_not_told_again(first: tuple[str, tuple[str, ...]], then: str, told: int) -> None:
    text, names = first
    failures = Failure("raised", 0, 6, 6, text, names), Failure("raised", 0, 7, 7, then)
    assert len(list(judged_listings(DOCUMENT, runs(*failures)))) == told


@pytest.mark.parametrize(("shown", "told"), [("NameError: name 'a' is not", 0), ("NameError: name 'b' is not", 1)])
def test_an_error_that_the_document_shows_is_no_defect(shown: str, told: int) -> None:
    output = Passage("output", f"Traceback (most recent call last):\n{shown} defined", (9, 10), of=0)
    document = Document("a.md", "markdown", (*DOCUMENT.passages, output))
    failure = Failure("raised", 0, 6, 6, "builtins.NameError: name 'a' is not defined\nmore")
    assert len(list(judged_listings(document, runs(failure)))) == told


def test_nothing_is_told_of_code_that_did_not_run() -> None:
    assert list(judged_listings(DOCUMENT, None)) == []
