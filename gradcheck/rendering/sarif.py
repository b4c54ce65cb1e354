"""The report as SARIF 2.1.0, which code hosts and editors read: one result a claim, its status as level and kind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from gradcheck.rendering.words import clean
from gradcheck.results import STATUSES, ClaimResult, Report, Status

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "gradcheckClaim/v1"

_LEVELS: dict[Status, tuple[str, str]] = {
    "refuted": ("error", "fail"),
    "error": ("error", "fail"),
    "not reproducible": ("warning", "fail"),
    "not checkable": ("none", "open"),
    "confirmed": ("none", "pass"),
}
"""For each status the level and the kind of its results; only a `fail` may have a level."""

_RULES: dict[Status, str] = {
    "refuted": "What the document states is not so.",
    "error": "A document or a claim could not be processed.",
    "not reproducible": "What the document states differs from run to run.",
    "not checkable": "What the document states cannot be judged; the message says why.",
    "confirmed": "What the document states is so.",
}


def render(report: Report) -> str:
    """The report as SARIF: keys sorted, two spaces of indent, a newline at the end."""
    return json.dumps(sarif_log(report), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def sarif_log(report: Report) -> dict[str, Any]:
    """The report's claims as a SARIF log, as JSON-ready data.

    >>> log = sarif_log(Report((ClaimResult("A1", "a.md", 3, 5, "s", "1", "2", "refuted", "equality"),), (), {}))
    >>> [(result["ruleId"], result["level"]) for result in log["runs"][0]["results"]]
    [('refuted', 'error')]
    """
    driver: dict[str, Any] = {
        "name": "gradcheck",
        "rules": [{"id": _rule_id(status), "shortDescription": {"text": _RULES[status]}} for status in STATUSES],
    }
    if "gradcheck" in report.environment:
        driver["version"] = report.environment["gradcheck"]
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(claim) for claim in report.claims],
        "artifacts": [{"location": {"uri": _uri(path)}} for path in report.documents],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(claim: ClaimResult) -> dict[str, Any]:
    level, kind = _LEVELS[claim.status]
    result: dict[str, Any] = {
        "ruleId": _rule_id(claim.status),
        "ruleIndex": STATUSES.index(claim.status),
        "level": level,
        "kind": kind,
        "message": {"text": message(claim)},
        "partialFingerprints": {FINGERPRINT: claim.id},
    }
    return {**result, "locations": [_location(claim)]} if claim.path else result


def message(claim: ClaimResult) -> str:
    """A claim and what was decided about it, in a few plain sentences on lines of their own.

    >>> print(message(ClaimResult("A1", "a.md", 3, 5, "`print(x)` prints", "1", "2", "refuted", "equality")))
    refuted: `print(x)` prints
    stated: 1
    actual: 2
    decided by: equality
    """
    return clean("\n".join(_sentences(claim)))


def _sentences(claim: ClaimResult) -> Iterator[str]:
    diagnosis = claim.diagnosis
    yield f"{claim.status}: {claim.statement}"
    told = {
        "stated": claim.stated,
        "actual": claim.actual,
        "decided by": claim.rule,
        "diagnosis": f"{diagnosis.kind}: {diagnosis.text}" if diagnosis else "",
        "suggestion": claim.suggestion,
    }
    yield from (f"{label}: {text}" for label, text in told.items() if text)


def _location(claim: ClaimResult) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(claim.path)}}
    if claim.line > 0:
        place["region"] = {"startLine": claim.line, "endLine": max(claim.line, claim.end_line)}
    return {"physicalLocation": place}


def _uri(path: str) -> str:
    return quote(path.replace("\\", "/"))


def _rule_id(status: Status) -> str:
    return status.replace(" ", "-")
