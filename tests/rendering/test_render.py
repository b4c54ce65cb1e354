"""What holds for every format: all claims and statuses are there, and the same report gives the same bytes."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest

from gradcheck.errors import UsageError
from gradcheck.rendering import FORMATS, render
from gradcheck.results import Report


@pytest.mark.parametrize("format", FORMATS)
def test_every_claim_and_status_is_shown(report: Report, format: str) -> None:
    text = render(report, format)
    for claim in report.claims:
        assert re.search(rf"\b{claim.id}\b", text)
        assert claim.status in text.lower()
    for formula in report.formulas:
        shown = (formula.name[:28], formula.title)
        assert any(name in unescape(text).replace("\\", "") for name in shown)


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_report_gives_the_same_bytes(report: Report, format: str) -> None:
    reordered = tuple(replace(f, oracles=dict(sorted(f.oracles.items(), reverse=True))) for f in report.formulas)
    again = Report(report.claims, reordered, dict(sorted(report.environment.items(), reverse=True)))
    assert render(again, format) == render(report, format)


@pytest.mark.parametrize("format", FORMATS)
def test_another_status_is_another_report(report: Report, format: str) -> None:
    changed = tuple(replace(claim, status="confirmed") for claim in report.claims)
    assert render(replace(report, claims=changed), format) != render(report, format)


@pytest.mark.parametrize("format", ["text", "md", "html"])
def test_refuted_claims_come_first(report: Report, format: str) -> None:
    text = render(report, format)
    places = [text.index(claim.statement[:18].replace("`", "")) for claim in report.claims[1:3]]
    confirmed = text.index("at x = 3 is 6.")
    assert max(places) < confirmed


@pytest.mark.parametrize("format", FORMATS)
def test_an_empty_report_renders(format: str) -> None:
    assert render(Report((), (), {}), format).endswith("\n") or format == "html"


def test_an_unknown_format_names_the_accepted_ones(report: Report) -> None:
    with pytest.raises(UsageError, match=r"format: 'pdf' is unknown; accepted are text, md, json, html, sarif, github"):
        render(report, "pdf")
