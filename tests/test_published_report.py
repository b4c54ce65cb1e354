"""The committed report is the one that this code writes: the same claims and statuses, the same verdicts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import gradcheck
from gradcheck.rendering import render, render_catalogue
from gradcheck.results import Report

PUBLISHED = Path(__file__).resolve().parent.parent / "reports" / "published"

Findings = dict[str, dict[str, Any]]


def findings(report: dict[str, Any]) -> Findings:
    """What may not change unnoticed: each claim's status and diagnosis, and each verdict on each formula."""
    return {
        "claims": {each["id"]: (each["status"], (each["diagnosis"] or {}).get("kind")) for each in report["claims"]},
        "formulas": {
            f"{each['name']} by {each['wrt']}": {name: oracle["verdict"] for name, oracle in each["oracles"].items()}
            for each in report["formulas"]
        },
    }


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    report: dict[str, Any] = json.loads((PUBLISHED / "report.json").read_text(encoding="utf-8"))
    return report


@pytest.fixture(scope="module")
def fresh() -> Report:
    """What running again finds."""
    return gradcheck.report(jobs=2)


@pytest.mark.slow
def test_running_again_gives_the_published_findings(published: dict[str, Any], fresh: Report) -> None:
    found = json.loads(render(fresh, "json"))
    assert findings(found) == findings(published), "run `make report` and commit what it writes"


@pytest.mark.slow
def test_running_again_gives_the_published_catalogue(fresh: Report) -> None:
    assert (PUBLISHED / "catalogue.md").read_text(encoding="utf-8") == render_catalogue(fresh)


def test_the_other_forms_tell_the_same_claims(published: dict[str, Any]) -> None:
    for name in ("report.md", "report.html"):
        text = (PUBLISHED / name).read_text(encoding="utf-8")
        assert [each["id"] for each in published["claims"] if each["id"] not in text] == []


def test_the_published_report_names_no_machine(published: dict[str, Any]) -> None:
    assert all(not Path(each["path"]).is_absolute() for each in published["claims"])
    for path in PUBLISHED.iterdir():
        assert str(Path.home()) not in path.read_text(encoding="utf-8"), path.name
