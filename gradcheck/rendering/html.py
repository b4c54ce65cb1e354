"""The report as one self-contained HTML page that reads without scripts and asks nothing of the network."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain, count

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from gradcheck.computed import Computed
from gradcheck.rendering import computed_words, printed, words
from gradcheck.rendering.latex_lines import aligned
from gradcheck.rendering.mathml import mathml
from gradcheck.rendering.plots import figure_svg
from gradcheck.results import ClaimResult, FormulaResult, Report

SHAPES: Mapping[str, str] = {
    "holds": "confirmed",
    "correct": "confirmed",
    "wrong": "refuted",
    "inconclusive": "undecided",
    "not run": "not-checkable",
    "torch deviates": "not-reproducible",
}
"""The shapes that formulas and checks share with claims; any other status or outcome has the shape of its own name."""

_CODE = re.compile(r"`([^`\n]+)`")
_CODE_OF_LINES = re.compile(r"`([^`]+)`")
"""The one code of a text that has no other; in a text with more, two lines may each have a lone backtick."""


@dataclass(frozen=True)
class ShownClaim:
    """A claim with its place on the page and its figures drawn."""

    claim: ClaimResult
    anchor: str
    plots: tuple[Markup, ...]


@dataclass(frozen=True)
class ShownFormula:
    """A formula with its place on the page and its result for each variable."""

    name: str
    anchor: str
    results: tuple[FormulaResult, ...]


@dataclass(frozen=True)
class ShownTopic:
    """The formulas of one topic, and the oracles that any of them was held against."""

    formulas: tuple[ShownFormula, ...]
    columns: tuple[str, ...]
    kinked: tuple[FormulaResult, ...]


def render(report: Report) -> str:
    """The report as HTML."""
    page = templates().get_template("report.html.j2")
    return page.render(
        report=report,
        counts=words.status_counts(report),
        claims=_shown_claims(report),
        topics=_shown_topics(report),
        failed=[formula for formula in report.formulas if not formula.ok],
        deviating=[formula for formula in report.formulas if words.outcome(formula) == "torch deviates"],
        refuted=printed.refuted(report),
        functions=_shown_functions(report),
    )


def prose(text: str) -> Markup:
    """Text made safe, with `code` in backticks set as code, of several lines where a text has just one.

    >>> print(prose("`x` < 1"))
    <code>x</code> &lt; 1
    """
    parts = (_CODE_OF_LINES if text.count("`") == 2 else _CODE).split(words.clean(text))
    return Markup().join(escape(part) if at % 2 == 0 else _code(part) for at, part in enumerate(parts))


def math(latex: str, display: str = "block") -> Markup:
    """LaTeX as MathML, or the LaTeX itself as code where it cannot be read."""
    element = mathml(words.clean(latex), display)
    return _code(words.clean(latex)) if element is None else Markup(element)


def lines(latex: str) -> Markup:
    """LaTeX as MathML, a long equation in several rows."""
    return math(aligned(latex))


def slug(text: str) -> str:
    """The text as it can stand in an id, in a class and after `#`.

    >>> slug("not reproducible")
    'not-reproducible'
    """
    return re.sub(r"[^\w.]+", "-", text).strip("-")


def shape(word: str) -> str:
    """The shape that stands beside a status or an outcome.

    >>> shape("holds"), shape("not checkable")
    ('confirmed', 'not-checkable')
    """
    return SHAPES.get(word, slug(word))


def anchors(kind: str, names: Iterable[str]) -> list[str]:
    """An id for each name, no two the same.

    >>> anchors("claim", ["A1", "A 1", "A-1"])
    ['claim-A1', 'claim-A-1', 'claim-A-1-2']
    """
    taken: dict[str, None] = {}
    for name in names:
        anchor = f"{kind}-{slug(name)}"
        copies = (f"{anchor}-{number}" for number in count(2))
        taken[next(copy for copy in chain([anchor], copies) if copy not in taken)] = None
    return list(taken)


@cache
def templates() -> Environment:
    """The page templates, with the filters that they use."""
    loader = PackageLoader("gradcheck.rendering", "templates")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.update(words=words, printed=printed, computed_words=computed_words)
    environment.filters.update(prose=prose, math=math, lines=lines, slug=slug, shape=shape, clean=words.clean)
    return environment


def _shown_claims(report: Report) -> dict[str, list[ShownClaim]]:
    groups = words.by_status(report.claims)
    names = iter(anchors("claim", (claim.id for group in groups.values() for claim in group)))
    return {status: [_shown_claim(claim, next(names)) for claim in group] for status, group in groups.items()}


def _shown_functions(report: Report) -> list[tuple[str, Computed]]:
    """The functions with a formula, each with its place on the page."""
    found = computed_words.traced(report)
    return list(zip(anchors("computes", (each.name for each in found)), found, strict=True))


def _shown_claim(claim: ClaimResult, anchor: str) -> ShownClaim:
    plots = (figure_svg(figure, f"{anchor}-figure-{at}") for at, figure in enumerate(claim.figures, 1))
    return ShownClaim(claim, anchor, tuple(Markup(plot) for plot in plots))


def _shown_topics(report: Report) -> dict[str, ShownTopic]:
    return {topic: _shown_topic(topic, results) for topic, results in words.by_topic(report.formulas).items()}


def _shown_topic(topic: str, results: list[FormulaResult]) -> ShownTopic:
    names = list(dict.fromkeys(result.name for result in results))
    places = zip(names, anchors(f"formula-{slug(topic)}", names), strict=True)
    return ShownTopic(
        tuple(ShownFormula(name, anchor, tuple(r for r in results if r.name == name)) for name, anchor in places),
        tuple(words.oracle_columns(results)),
        tuple(result for result in results if result.kinks),
    )


def _code(text: str) -> Markup:
    return Markup('<code class="rows">{}</code>' if "\n" in text else "<code>{}</code>").format(text)
