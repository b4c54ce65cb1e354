"""The committed report is the one that this code writes: the same claims and statuses, the same verdicts.

Writing it takes as long as a sixth of all other tests, so what compares the two is chosen by `-m published`;
`--fresh-report FOLDER` names a report that was just written, else it is written anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gradcheck.cli import main

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
def fresh(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a report written by this code."""
    named: Path | None = request.config.getoption("--fresh-report")
    folder = named or tmp_path_factory.mktemp("report")
    if named is None:
        assert main(["report", "--output", str(folder)]) == 0
    return folder


@pytest.mark.published
def test_running_again_gives_the_published_findings(published: dict[str, Any], fresh: Path) -> None:
    found = json.loads((fresh / "report.json").read_text(encoding="utf-8"))
    assert findings(found) == findings(published), "run `make report` and commit what it writes"


@pytest.mark.published
def test_running_again_gives_the_published_catalogue(fresh: Path) -> None:
    assert (PUBLISHED / "catalogue.md").read_bytes() == (fresh / "catalogue.md").read_bytes()


def test_the_other_forms_tell_the_same_claims(published: dict[str, Any]) -> None:
    for name in ("report.md", "report.html"):
        text = (PUBLISHED / name).read_text(encoding="utf-8")
        assert [each["id"] for each in published["claims"] if each["id"] not in text] == []


def test_the_published_report_names_no_machine(published: dict[str, Any]) -> None:
    assert all(not Path(each["path"]).is_absolute() for each in published["claims"])
    for path in PUBLISHED.iterdir():
        assert str(Path.home()) not in path.read_text(encoding="utf-8"), path.name
