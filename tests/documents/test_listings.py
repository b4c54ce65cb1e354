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


def test_nothing_is_told_of_code_that_did_not_run() -> None:
    assert list(judged_listings(DOCUMENT, None)) == []
