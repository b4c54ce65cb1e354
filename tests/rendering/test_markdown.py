"""The Markdown keeps hostile text as text and its tables whole."""

from __future__ import annotations

import re

import pytest

from gradcheck.rendering import render
from gradcheck.rendering.markdown import cell, escape, math
from gradcheck.results import ClaimResult, FormulaResult, Report


def cells(row: str) -> int:
    return len(re.findall(r"(?<!\\)\|", row)) - 1


def test_every_table_row_has_as_many_cells_as_its_header(report: Report) -> None:
    blocks = [block.splitlines() for block in render(report, "md").split("\n\n") if block.startswith("| ")]
    assert len(blocks) > 5
    for header, *rows in blocks:
        assert {cells(row) for row in rows} == {cells(header)}


def test_no_markup_comes_from_the_text(report: Report) -> None:
    text = render(report, "md")
    outside_code = re.sub(r"`[^`\n]*`|^    .*$", "", text, flags=re.MULTILINE)
    assert set(re.findall(r"<[a-zA-Z/!?][^>]*>", outside_code)) == {
        "<details>",
        "</details>",
        "<summary>",
        "</summary>",
        "<br>",
    }


def test_a_claim_of_no_document_has_no_place() -> None:
    claim = ClaimResult("x", "", 0, 0, "claims that could not be loaded", "", "", "error", "the module stopped")
    found = Report((claim,), (), {})
    assert "line 0" not in render(found, "md")
    assert ":0" not in render(found, "text")


def test_an_update_rule_is_followed_for_steps_and_has_no_derivative() -> None:
    adam = FormulaResult("adam", "Adam", "", "theta", "m", "", sizes=({"n": 4},), points=50)
    text = render(Report((), (adam,), {}), "md")
    assert "<summary>Adam: definition</summary>" in text
    assert "With respect to `theta`, followed for 50 steps, for n = 4." in text


def test_math_stands_between_dollars(report: Report) -> None:
    assert "\n$$\n\\frac{d}{dx} x^{2} = 2 x\n$$\n" in render(report, "md")
    assert math("a $$ b\n\nc") == "$$\na \\$\\$ b\nc\n$$"
    assert math("a<b") == "$$\na< b\n$$"
    assert math("") == ""


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a*b*c", r"a\*b\*c"),
        ("`a*b`", "`a*b`"),
        ("- item", r"\- item"),
        ("-3", "-3"),
        ("1. first", r"1\. first"),
        ("0.5", "0.5"),
        ("# x", r"\# x"),
        ("<b> & ~x~", r"&lt;b&gt; &amp; \~x\~"),
    ],
)
def test_escaping(text: str, escaped: str) -> None:
    assert escape(text) == escaped


def test_a_cell_is_one_line() -> None:
    assert cell("a | b\n`c | d`") == r"a \| b<br>`c \| d`"
