"""Say what a check found, for a person: first what is wrong, where and by how much; then the evidence."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import fill

from tabulate import tabulate

from gradcheck.checking.check import Entry, Finding, GradientCheck
from gradcheck.checking.diagnosis.diagnose import at
from gradcheck.results import Verdict

WIDTH = 100
"""No line of a message is longer."""

POINT = "the point"
"""The place of a finding that is about no single input."""

HEADERS = ("output", "index", "gradient", "measured", "error bar", "error / bar")


def message(check: GradientCheck) -> str:
    """The whole message: one paragraph for each finding, the gravest first, then what was not checked."""
    order = (Verdict.WRONG, Verdict.INCONCLUSIVE, Verdict.CORRECT)
    findings = sorted(check.findings, key=lambda finding: order.index(finding.verdict))
    parts = [_finding(check, finding) for finding in findings] or [_headline(check)]
    if check.notes:
        parts.append("\n".join(map(_wrapped, check.notes)))
    if check.unchecked:
        parts.append("\n".join(_wrapped(f"not checked: {what}") for what in check.unchecked))
    if check.reproduce and not check.ok:
        parts.append(_wrapped(f"reproduce: {check.reproduce}"))
    return "\n\n".join(parts)


def _headline(check: GradientCheck) -> str:
    count = f"{check.evaluations} evaluation{'s' if check.evaluations != 1 else ''}"
    if check.verdict is Verdict.INCONCLUSIVE:
        return _wrapped(f"{check.verdict}: {check.subject}: nothing was checked ({count})")
    return _wrapped(f"{check.verdict}: {check.subject} ({count})")


def _finding(check: GradientCheck, finding: Finding) -> str:
    place = "at this point" if finding.place == POINT else f"with respect to {finding.place}"
    lines = [_wrapped(f"{finding.verdict}: {check.subject} {place}: {finding.text}")]
    lines += _evidence(finding)
    return "\n".join(lines)


def _evidence(finding: Finding) -> Iterator[str]:
    """The table of the worst entries, the rule and the remedy, as far as there are any."""
    if finding.worst:
        several = any(entry.output for entry in finding.worst)
        rows = [_row(entry)[0 if several else 1 :] for entry in finding.worst]
        table = tabulate(rows, HEADERS[0 if several else 1 :], disable_numparse=True, stralign="right")
        yield from ("", *(f"  {line}" for line in table.splitlines()), "")
    if finding.rule:
        yield _wrapped(f"rule: {finding.rule}")
    if finding.remedy:
        yield _wrapped(f"remedy: {finding.remedy}")


def _row(entry: Entry) -> tuple[str, ...]:
    numbers = told_apart(entry.analytic, entry.numeric, 8)
    return (entry.output, at(entry.index), *numbers, f"{entry.error_bar:.1e}", f"{entry.ratio:.2g}")


def told_apart(first: float, second: float, digits: int) -> tuple[str, str]:
    """Two numbers with at least so many digits, and with as many as it takes to tell them apart.

    >>> told_apart(0.25, 0.25000001, 3)
    ('0.25', '0.25000001')
    """
    for count in range(digits, 17):
        if f"{first:.{count}g}" != f"{second:.{count}g}":
            return f"{first:.{count}g}", f"{second:.{count}g}"
    return f"{first:.{digits}g}", f"{second:.{digits}g}"


def _wrapped(text: str) -> str:
    return fill(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
