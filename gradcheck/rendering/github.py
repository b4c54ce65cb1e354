"""The report as GitHub's workflow commands: an annotation on the line of each claim that needs attention."""

from __future__ import annotations

from collections.abc import Mapping

from gradcheck.rendering.sarif import message
from gradcheck.rendering.words import claims_headline
from gradcheck.results import ClaimResult, Report, Status

_COMMANDS: dict[Status, str] = {"refuted": "error", "error": "error", "not reproducible": "warning"}
"""The command for each status that is annotated; what is confirmed or not checkable stands in the report alone."""

_IN_TEXT = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTY = _IN_TEXT | {":": "%3A", ",": "%2C"}


def render(report: Report) -> str:
    """One workflow command a line, and a notice with the counts."""
    found = [_annotation(claim) for claim in report.claims if claim.status in _COMMANDS]
    return "\n".join([*found, f"::notice title=gradcheck::{_escaped(claims_headline(report), _IN_TEXT)}"]) + "\n"


def _annotation(claim: ClaimResult) -> str:
    place = {"file": claim.path, "line": claim.line, "endLine": max(claim.line, claim.end_line)}
    shown = {**place, "title": f"gradcheck: {claim.status}"}
    properties = ",".join(f"{name}={_escaped(str(value), _IN_PROPERTY)}" for name, value in shown.items() if value)
    return f"::{_COMMANDS[claim.status]} {properties}::{_escaped(message(claim), _IN_TEXT)}"


def _escaped(text: str, table: Mapping[str, str]) -> str:
    """The text as GitHub wants it in a command.

    >>> _escaped("50 %\\nof it", _IN_TEXT)
    '50 %25%0Aof it'
    """
    return "".join(table.get(character, character) for character in text)
