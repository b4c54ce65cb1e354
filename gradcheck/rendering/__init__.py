"""A report in the form a reader asks for: terminal text, Markdown, JSON or HTML."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from gradcheck.errors import UsageError
from gradcheck.rendering.files import write_atomically
from gradcheck.results import CheckReport, Report

__all__ = [
    "CHECK_FORMATS",
    "DOCUMENT_FORMATS",
    "FORMATS",
    "render",
    "render_catalogue",
    "render_checks",
    "write_atomically",
]

FORMATS: Mapping[str, str] = {
    "text": "gradcheck.rendering.terminal",
    "md": "gradcheck.rendering.markdown",
    "json": "gradcheck.rendering.json",
    "html": "gradcheck.rendering.html",
}
"""Each format's name and the module that renders it; a module is imported when its format is asked for."""

DOCUMENT_FORMATS: Mapping[str, str] = {
    **FORMATS,
    "sarif": "gradcheck.rendering.sarif",
    "github": "gradcheck.rendering.github",
}
"""The same for a report on documents, whose claims have their places in files."""

CHECK_FORMATS: Mapping[str, str] = {
    "md": "gradcheck.rendering.checks_markdown",
    "html": "gradcheck.rendering.checks_html",
    "json": "gradcheck.rendering.checks_json",
}
"""The same for the checks of a test run."""


def render(report: Report, format: str) -> str:
    """The report as text in one of `DOCUMENT_FORMATS`: "text", "md", "html", ... The same report gives the same bytes.

    Raises UsageError for any other format.

    >>> print(render(Report((), (), {}), "text").splitlines()[0])
    No claims found: this report judges no document.
    """
    if format not in DOCUMENT_FORMATS:
        raise UsageError(f"format: {format!r} is unknown; accepted are {', '.join(DOCUMENT_FORMATS)}")
    text: str = import_module(DOCUMENT_FORMATS[format]).render(report)
    return text


def render_catalogue(report: Report) -> str:
    """The report's formulas alone, as tables in Markdown.

    >>> print(render_catalogue(Report((), (), {})).splitlines()[0])
    # The catalogue
    """
    text: str = import_module("gradcheck.rendering.catalogue").render(report)
    return text


def render_checks(report: CheckReport, format: str) -> str:
    """The checks of a test run as text in one of `CHECK_FORMATS`. The same checks give the same bytes.

    Raises UsageError for any other format.

    >>> print(render_checks(CheckReport((), 0, {}), "md").splitlines()[2])
    **No checks: no test checked a gradient**
    """
    if format not in CHECK_FORMATS:
        raise UsageError(f"format: {format!r} is unknown; accepted are {', '.join(CHECK_FORMATS)}")
    text: str = import_module(CHECK_FORMATS[format]).render(report)
    return text
