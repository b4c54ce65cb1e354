"""The JSON is valid, complete, and reads back as the report it was written from."""

from __future__ import annotations

import json
from dataclasses import replace
from math import inf, nan

import pytest

from gradcheck.errors import UsageError
from gradcheck.rendering import render
from gradcheck.rendering.json import report_from_dict, report_to_dict
from gradcheck.results import OracleResult, Report, Verdict

CLAIM_KEYS = {
    *("id", "path", "line", "end_line", "statement", "stated", "actual", "status", "rule", "diagnosis", "evidence"),
    *("suggestion", "reproduce", "math"),
}
FORMULA_KEYS = {
    *("name", "title", "topic", "wrt", "definition", "gradient", "sizes", "points", "oracles", "kinks", "diagnosis"),
    *("source", "error", "deviations", "edges", "remark", "printed"),
}


def not_a_number(constant: str) -> float:
    raise AssertionError(f"{constant} is not JSON")


def test_every_part_of_the_schema_is_there(report: Report) -> None:
    data = json.loads(render(report, "json"), parse_constant=not_a_number)
    assert set(data) == {"schema", "summary", "claims", "formulas", "environment", "documents"}
    assert data["schema"] == 1
    assert data["summary"]["refuted"] == 2
    assert data["summary"]["formulas failed"] == 3
    assert all(set(claim) == CLAIM_KEYS for claim in data["claims"])
    assert all(set(formula) == FORMULA_KEYS for formula in data["formulas"])


def test_keys_are_sorted(report: Report) -> None:
    text = render(report, "json")
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def test_numbers_are_short_and_non_finite_ones_are_strings(report: Report) -> None:
    formulas = {formula["name"]: formula for formula in report_to_dict(report)["formulas"]}
    assert formulas["softmax"]["oracles"]["reverse"]["worst_error"] == 1.23e-16
    assert formulas["relu"]["oracles"]["complex_step"]["worst_error"] == "nan"
    assert formulas["relu"]["oracles"]["complex_step"]["error_bar"] == "inf"


def test_reads_back_as_it_was_written(report: Report) -> None:
    text = render(report, "json")
    again = report_from_dict(json.loads(text))
    assert render(again, "json") == text
    assert again.claims == tuple(replace(claim, figures=()) for claim in report.claims)
    assert again.summary == report.summary


@pytest.mark.parametrize("value", [inf, -inf, nan, 0.0, -0.0, 1.5e-300])
def test_every_float_survives(report: Report, value: float) -> None:
    oracles = {"reverse": OracleResult(Verdict.WRONG, value, 1.0)}
    formula = replace(report.formulas[1], oracles=oracles)
    again = report_from_dict(report_to_dict(Report((), (formula,), {})))
    assert str(again.formulas[0].oracles["reverse"].worst_error) == str(value + 0.0)


def test_another_schema_is_refused(report: Report) -> None:
    with pytest.raises(UsageError, match="schema 1 is expected, this one says 2"):
        report_from_dict({**report_to_dict(report), "schema": 2})
