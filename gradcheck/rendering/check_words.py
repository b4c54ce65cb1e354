"""The words, order and groups that the renderers of a test run's checks share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gradcheck.rendering.words import count
from gradcheck.results import CheckFinding, CheckReport, CheckResult, Verdict

VERDICT_WORDS: Mapping[Verdict, str] = {
    Verdict.WRONG: "wrong",
    Verdict.INCONCLUSIVE: "inconclusive",
    Verdict.CORRECT: "correct",
}
"""The word for each verdict, in the order a report shows them: what needs the reader's attention comes first."""

VERDICT_SYMBOLS: Mapping[Verdict, str] = {Verdict.WRONG: "✗", Verdict.INCONCLUSIVE: "?", Verdict.CORRECT: "✓"}
"""A mark for each verdict; it always stands beside the word, never in its place."""


@dataclass(frozen=True)
class Group:
    """Checks of one test that say the same of the same gradient, as a property-based test makes many of them.

    `last` is shown for all: the smallest counterexample is what such a test ends with.
    """

    last: CheckResult
    times: int
    evaluations: int


def checks_headline(report: CheckReport) -> str:
    """How many checks, and how many of each verdict; never a bare percentage.

    >>> checks_headline(CheckReport((CheckResult("test_a", "f", Verdict.WRONG, ""),), 0, {}))
    '1 check: 0 correct, 1 wrong'
    """
    summary = report.summary
    if not report.checks:
        return "no checks: no test checked a gradient"
    undecided = summary[Verdict.INCONCLUSIVE]
    counts = [f"{summary[Verdict.CORRECT]} correct", f"{summary[Verdict.WRONG]} wrong"]
    counts += [f"{undecided} inconclusive"] if undecided else []
    return f"{count(len(report.checks), 'check')}: {', '.join(counts)}"


def by_verdict(report: CheckReport) -> dict[Verdict, list[Group]]:
    """The groups of each verdict that occurs, wrong first, otherwise in the report's own order."""
    groups = grouped(report.checks)
    found = {verdict: [group for group in groups if group.last.verdict is verdict] for verdict in VERDICT_WORDS}
    return {verdict: group for verdict, group in found.items() if group}


def grouped(checks: Iterable[CheckResult]) -> list[Group]:
    """Put together what one test found again and again, in order of first appearance.

    >>> again = [CheckResult("test_a", "f", Verdict.CORRECT, "", evaluations=n) for n in (8, 9)]
    >>> [(group.times, group.evaluations) for group in grouped(again)]
    [(2, 17)]
    """
    alike: dict[object, list[CheckResult]] = {}
    for check in checks:
        kinds = tuple((finding.kind, finding.place) for finding in check.findings)
        alike.setdefault((check.test, check.subject, check.verdict, kinds), []).append(check)
    return [Group(each[-1], len(each), sum(check.evaluations for check in each)) for each in alike.values()]


def gravest_first(findings: Iterable[CheckFinding]) -> list[CheckFinding]:
    """The findings in the order of their verdicts, as the message has them."""
    order = list(VERDICT_WORDS)
    return sorted(findings, key=lambda finding: order.index(finding.verdict))


def entry(index: tuple[int, ...]) -> str:
    """An index as it is written in code.

    >>> entry((37, 41)), entry(())
    ('[37, 41]', '[]')
    """
    return f"[{', '.join(map(str, index))}]"


def finding_title(finding: CheckFinding) -> str:
    """What kind of finding this is, and about which input or parameter."""
    return f"{finding.kind.replace('_', ' ')}, with respect to {finding.place}"


def effort(group: Group) -> str:
    """What the group cost.

    >>> effort(Group(CheckResult("test_a", "f", Verdict.CORRECT, ""), 3, 24))
    '3 checks, 24 evaluations'
    """
    evaluations = count(group.evaluations, "evaluation")
    return evaluations if group.times == 1 else f"{count(group.times, 'check')}, {evaluations}"
