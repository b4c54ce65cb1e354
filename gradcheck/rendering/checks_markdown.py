"""The checks of a test run as GitHub-flavoured Markdown: wrong gradients first, correct ones in one table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradcheck.rendering.check_words import (
    VERDICT_SYMBOLS,
    VERDICT_WORDS,
    Group,
    by_verdict,
    checks_headline,
    effort,
    entry,
    finding_title,
    gravest_first,
)
from gradcheck.rendering.markdown import cell, details, environment, escape, inline, table
from gradcheck.rendering.words import clean, number
from gradcheck.results import CheckedEntry, CheckFinding, CheckReport, Verdict

COLUMNS = ("Index", "Gradient", "Measured", "Error bar", "Error / bar")


def render(report: CheckReport) -> str:
    """The checks as Markdown."""
    headline = checks_headline(report)
    blocks = ["# Gradient checks", f"**{headline[0].upper()}{headline[1:]}**", f"Seed {report.seed}."]
    for verdict, groups in by_verdict(report).items():
        blocks.append(f"## {VERDICT_SYMBOLS[verdict]} {VERDICT_WORDS[verdict].capitalize()}")
        blocks += _correct(groups) if verdict is Verdict.CORRECT else _failures(groups)
    blocks += environment(report.environment)
    return "\n\n".join(block for block in blocks if block) + "\n"


def _failures(groups: Sequence[Group]) -> Iterator[str]:
    for group in groups:
        check = group.last
        yield f"### {escape(f'`{check.test}`')}"
        yield f"{escape(check.subject)} · {effort(group)}"
        for finding in gravest_first(check.findings):
            yield from _finding(finding)
        yield "\n".join(f"- **Not checked:** {inline(what)}" for what in check.unchecked)
        yield details(f"Message of {check.test}", _quoted(check.message))


def _finding(finding: CheckFinding) -> Iterator[str]:
    lines = [
        (f"{VERDICT_WORDS[finding.verdict].capitalize()} ({finding_title(finding)})", finding.text),
        ("Decided by", finding.rule),
        ("Remedy", finding.remedy),
    ]
    yield "\n".join(f"- **{escape(label)}:** {inline(text)}" for label, text in lines if text)
    if finding.worst:
        yield table(COLUMNS, map(_row, finding.worst))


def _row(worst: CheckedEntry) -> tuple[str, ...]:
    readings = (number(worst.analytic, 8), number(worst.numeric, 8), number(worst.error_bar), number(worst.ratio))
    return cell(entry(worst.index)), *readings


def _correct(groups: Sequence[Group]) -> Iterator[str]:
    headers = ("Test", "Gradient", "Effort", "Remarks", "Not checked")
    yield table(headers, map(_correct_row, groups))


def _correct_row(group: Group) -> tuple[str, ...]:
    check = group.last
    remarks, unchecked = (cell("\n".join(texts)) for texts in ([f.text for f in check.findings], check.unchecked))
    return cell(f"`{check.test}`"), cell(check.subject), effort(group), remarks, unchecked


def _quoted(text: str) -> str:
    return "\n".join(f"    {line}" for line in clean(text).splitlines())
