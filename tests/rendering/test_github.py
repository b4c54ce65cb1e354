"""The report as workflow commands: one line each, on the claim's line, nothing in the text able to end one early."""

from __future__ import annotations

from dataclasses import replace

from gradcheck.rendering import render
from gradcheck.results import ClaimResult, Report


def lines(*claims: ClaimResult) -> list[str]:
    return render(Report(claims, (), {}, documents=("a.md",)), "github").splitlines()


def test_what_is_refuted_is_an_error_on_its_line() -> None:
    claim = ClaimResult("1", "docs/a,b:c.md", 7, 9, "50 % of `x`", "1\n::error::2", "2", "refuted", "equality")
    command, notice = lines(claim)
    properties = "file=docs/a%2Cb%3Ac.md,line=7,endLine=9,title=gradcheck%3A refuted"
    assert command.startswith(f"::error {properties}::refuted: 50 %25 of")
    assert "%0A::error::2%0A" in command
    assert notice == "::notice title=gradcheck::1 claim in 1 document: 1 refuted, 0 confirmed"


def test_what_changes_from_run_to_run_is_a_warning() -> None:
    command, _ = lines(ClaimResult("1", "a.md", 7, 7, "s", "1", "2", "not reproducible", "equality"))
    assert command.startswith("::warning file=a.md,line=7,endLine=7,")


def test_what_needs_no_attention_is_not_annotated() -> None:
    confirmed = ClaimResult("1", "a.md", 7, 7, "s", "1", "1", "confirmed", "")
    assert len(lines(confirmed, replace(confirmed, status="not checkable"))) == 1


def test_a_document_that_cannot_be_read_has_no_line() -> None:
    command, _ = lines(ClaimResult("1", "a.md", 0, 0, "the document can be read", "", "", "error", "binary"))
    assert command.startswith("::error file=a.md,title=")
