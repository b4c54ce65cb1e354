"""The checks of a test run as JSON, schema 1: the same bytes for the same checks."""

from __future__ import annotations

import json
from typing import Any

from gradcheck.rendering.json import SCHEMA, plain
from gradcheck.results import CheckReport


def render(report: CheckReport) -> str:
    """The checks as JSON text: keys sorted, two spaces of indent, a newline at the end."""
    return json.dumps(checks_to_dict(report), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def checks_to_dict(report: CheckReport) -> dict[str, Any]:
    """The checks as JSON-ready data, with shortened floats; the non-finite ones are strings.

    >>> checks_to_dict(CheckReport((), 0, {}))["summary"]
    {'checks': 0, 'CORRECT': 0, 'WRONG': 0, 'INCONCLUSIVE': 0}
    """
    return {"schema": SCHEMA, "summary": report.summary, **plain(report)}
