"""What the code computes, in each form of a report: typeset, escaped, brief, and left out where it does not belong."""

from __future__ import annotations

import json

import pytest

from gradcheck.computed import Computed, Equation
from gradcheck.rendering import DOCUMENT_FORMATS, render
from gradcheck.rendering.computed_words import NOTHING
from gradcheck.rendering.json import report_from_dict
from gradcheck.results import Report

LOSS = Computed(
    "loss",
    3,
    5,
    "docs/a.md",
    ("p: n",),
    (Equation("f = ‖p‖² / n", r"f = \frac{1}{n} \left\lVert p \right\rVert^{2}"),),
    (Equation("∂f/∂p = 2 p / n", r"\frac{\partial f}{\partial p} = \frac{2}{n} p"),),
    "this is mean squared error (mse)",
    ("for <b> = '|'",),
)
OTHER = Computed("<script>", 9, 9, "docs/a.md", reason="it branches, line 9 (if x > 0 | y:)")


def report(*computed: Computed) -> Report:
    return Report((), (), {}, ("docs/a.md",), computed)


def test_the_terminal_is_told_in_a_few_lines() -> None:
    shown = render(report(LOSS, OTHER), "text")
    assert shown.split("WHAT THE CODE COMPUTES (1)\n")[1].splitlines()[2:] == [
        "loss: docs/a.md, lines 3–5",
        "  f = ‖p‖² / n",
        "  ∂f/∂p = 2 p / n",
        "  This is mean squared error (mse).",
        "  Arguments: p: n.",
        "  For <b> = '|'.",
        "",
        "Not traced:",
        "  `<script>` (a.md:9): it branches, line 9 (if x > 0 | y:)",
    ]


def test_a_page_typesets_the_formulas_and_folds_away_what_has_none() -> None:
    page = render(report(LOSS, OTHER), "html")
    section = page[page.index('<section aria-labelledby="computes"') :]
    assert section.count("<math") == 2
    assert "<details>\n    <summary>Not traced: 1 function</summary>" in section
    assert "&lt;script&gt;" in section
    assert "<script>" not in page
    assert "For &lt;b&gt; = &#39;|&#39;." in section


def test_markdown_has_displayed_formulas() -> None:
    shown = render(report(LOSS, OTHER), "md")
    assert "$$\nf = \\frac{1}{n}" in shown
    assert "- For &lt;b&gt; = '\\|'." in shown
    assert "<details><summary>Not traced (1)</summary>" in shown


def test_json_brings_it_back() -> None:
    whole = report(LOSS, OTHER)
    assert report_from_dict(json.loads(render(whole, "json"))) == whole


@pytest.mark.parametrize("format", sorted(DOCUMENT_FORMATS))
def test_a_report_that_was_not_asked_for_it_says_nothing_of_it(format: str) -> None:
    unasked = render(Report((), (), {}, ("docs/a.md",)), format)
    assert "compute" not in unasked.replace("Everything here was computed again", "").split("<body>")[-1]
    silent = format in ("sarif", "github")
    assert (render(report(LOSS, OTHER), format) == unasked) == silent


@pytest.mark.parametrize("format", ["text", "md", "html"])
def test_that_nothing_was_found_is_said(format: str) -> None:
    assert NOTHING in render(report(), format)
