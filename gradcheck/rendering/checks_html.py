"""The checks of a test run as one self-contained HTML page, in the look of the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gradcheck.rendering import check_words
from gradcheck.rendering.check_words import VERDICT_WORDS, Group
from gradcheck.rendering.html import anchors, templates
from gradcheck.results import CheckReport, Verdict


@dataclass(frozen=True)
class ShownGroup:
    """A group of checks with its place on the page."""

    group: Group
    anchor: str


def render(report: CheckReport) -> str:
    """The checks as HTML."""
    groups = check_words.by_verdict(report)
    page = templates().get_template("checks.html.j2")
    return page.render(
        report=report,
        check_words=check_words,
        counts=_counts(report),
        failures={VERDICT_WORDS[key]: _shown(group) for key, group in groups.items() if key is not Verdict.CORRECT},
        correct=groups.get(Verdict.CORRECT, []),
    )


def _counts(report: CheckReport) -> Mapping[str, int]:
    """How many checks of each verdict, as the headline has them."""
    summary = report.summary
    shown = (verdict for verdict in Verdict if summary[verdict] or verdict is not Verdict.INCONCLUSIVE)
    return {VERDICT_WORDS[verdict]: summary[verdict] for verdict in shown}


def _shown(groups: Iterable[Group]) -> list[ShownGroup]:
    shown = list(groups)
    places = anchors("check", (group.last.test for group in shown))
    return [ShownGroup(group, anchor) for group, anchor in zip(shown, places, strict=True)]
