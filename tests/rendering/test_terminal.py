"""The terminal report fits its columns and says the worst first."""

from __future__ import annotations

import pytest

from gradcheck.rendering import render
from gradcheck.rendering.terminal import WIDTH, display_width, wrap
from gradcheck.results import Report


def test_the_headline_counts_every_status(report: Report) -> None:
    first = render(report, "text").splitlines()[0]
    assert first == "6 claims: 2 refuted, 1 confirmed, 1 not reproducible, 1 not checkable, 1 error"


def test_no_claims_is_said_loudly() -> None:
    assert render(Report((), (), {}), "text").startswith("No claims found")


def test_no_line_is_wider_than_the_terminal(report: Report) -> None:
    assert max(display_width(line) for line in render(report, "text").splitlines()) <= WIDTH


def test_refuted_claims_come_first_with_diagnosis_and_suggestion(report: Report) -> None:
    text = render(report, "text")
    places = [
        text.index(word) for word in ("✗ REFUTED", "A14", "B9", "! ERROR", "≠ NOT REPRO", "– NOT CHECK", "✓ CONF")
    ]
    assert places == sorted(places)
    assert "  diagnosis    factor: This is the gradient of half the stated loss: factor 1/2." in text
    assert "  suggestion   Multiply by 2, or halve the loss." in text


def test_every_formula_has_a_row_with_its_outcome(report: Report) -> None:
    text = render(report, "text")
    rows = {line.split()[0]: line.split()[-1] for line in text[text.rindex("FORMULAS") :].splitlines() if line.split()}
    assert rows["softmax"] == "holds"
    assert rows["relu"] == "undecided"
    assert rows["log_det"] == "error"
    assert rows["mean_squared_error_without_the_half"] == "wrong"


def test_control_characters_do_not_reach_the_terminal(report: Report) -> None:
    assert "\x1b" not in render(report, "text")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("a b", ["a b"]),
        ("one two three", ["one two", "three"]),
        ("unbreakable", ["unbreaka", "ble"]),
        ("梯度下降法", ["梯度下降", "法"]),
        ("id 梯度下降法", ["id 梯度", "下降法"]),
        ("[1, 2]\n  [3]", ["[1, 2]", "  [3]"]),
    ],
)
def test_wrapping(text: str, lines: list[str]) -> None:
    assert wrap(text, 8) == lines
