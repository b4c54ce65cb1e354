"""The catalogue as a table: every derivative in one row, math that no cell breaks, and no measured number."""

from __future__ import annotations

import re
from dataclasses import replace

from gradcheck.rendering import render_catalogue
from gradcheck.rendering.catalogue import HEADERS, inline_math
from gradcheck.results import Report

ROW = re.compile(r"^\| (?!---|Formula ).*\|$", re.MULTILINE)


def cells(row: str) -> list[str]:
    """The cells of one row; an escaped pipe ends none."""
    return re.split(r"(?<!\\)\|", row.strip("|"))


def test_every_derivative_has_one_row_with_every_cell(report: Report) -> None:
    rows = ROW.findall(render_catalogue(report))
    assert len(rows) == len(report.formulas)
    assert {len(cells(row)) for row in rows} == {len(HEADERS)}


def test_names_gradients_and_verdicts_are_there(report: Report) -> None:
    text = render_catalogue(report)
    assert r"$`s_i (\delta_{ij} - s_j)`$" in text
    assert "**✓ holds**" in text
    assert "**✗ wrong**" in text
    assert "LinAlgError" in text
    assert "`softmax` by `x`" in text


def test_edges_remarks_and_deviations_are_told(report: Report) -> None:
    softmax = replace(report.formulas[1], edges=("tied | logits",), remark="none", deviations={"reverse": "off by one"})
    row = ROW.findall(render_catalogue(replace(report, formulas=(softmax,))))[0]
    assert r"tied \| logits<br>none" in row
    assert "**≠ torch deviates**" in row
    assert "off by one" in row


def test_what_was_measured_does_not_change_it(report: Report) -> None:
    changed = tuple(
        replace(f, oracles={name: replace(o, worst_error=o.worst_error / 3) for name, o in f.oracles.items()})
        for f in report.formulas
    )
    assert render_catalogue(replace(report, formulas=changed, environment={})) == render_catalogue(report)


def test_math_stays_on_its_line_and_in_its_cell() -> None:
    assert inline_math("a \\\\\n b | c `d`") == r"$`a \\ b \vert c 'd'`$"
    assert inline_math("") == ""
