"""The catalogue as tables, topic by topic: each formula, its gradient in LaTeX, the edges it was tried at, verdicts.

No number that was measured stands in it, so that every machine writes the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator

from gradcheck.rendering import printed
from gradcheck.rendering.markdown import cell, escape, table
from gradcheck.rendering.words import (
    OUTCOME_SYMBOLS,
    by_topic,
    clean,
    formulas_headline,
    oracle_columns,
    oracle_title,
    outcome,
    verdict_word,
)
from gradcheck.results import FormulaResult, Report

HEADERS = ("Formula", "Definition", "Gradient", "Edges", "Verdicts")

_INTRODUCTION = (
    "Each derivative was found symbolically for any sizes and held at three sizes, and at the edges, against every"
    " other way to get it. A kink is an edge where the slopes from the left and from the right differ."
)


def render(report: Report) -> str:
    """The report's formulas as Markdown tables."""
    blocks = ["# The catalogue", escape(formulas_headline(report)), _INTRODUCTION]
    for topic, formulas in by_topic(report.formulas).items():
        blocks += [f"## {escape(topic.capitalize())}", table(HEADERS, _rows(formulas))]
    return "\n\n".join(blocks) + "\n"


def inline_math(latex: str) -> str:
    r"""LaTeX on one line inside a cell: backticks keep Markdown's hands off it, and no pipe ends the cell.

    >>> print(inline_math(r"\left|{x}\right|"))
    $`\left\vert {x}\right\vert`$
    """
    line = " ".join(clean(latex).replace("`", "'").replace("|", r"\vert ").split())
    return f"$`{line}`$" if line else ""


def _rows(formulas: list[FormulaResult]) -> Iterator[tuple[str, ...]]:
    """One row a derivative; a definition stands in the first row of its formula alone."""
    shown: set[str] = set()
    for formula in formulas:
        definition = "" if formula.name in shown else inline_math(formula.definition)
        shown.add(formula.name)
        yield _name(formula), definition, inline_math(formula.gradient), _edges(formula), _verdicts(formula)


def _name(formula: FormulaResult) -> str:
    variable = f" by `{formula.wrt}`" if formula.wrt else ""
    return f"{cell(formula.title)}<br>{cell(f'`{formula.name}`{variable}')}"


def _edges(formula: FormulaResult) -> str:
    return "<br>".join(cell(line) for line in (*formula.edges, formula.remark) if line)


def _verdicts(formula: FormulaResult) -> str:
    """The outcome, what each oracle said, and why where it does not simply hold."""
    word = outcome(formula)
    said = (
        f"{OUTCOME_SYMBOLS[verdict_word(formula.oracles[name].verdict)]} {cell(oracle_title(name).lower())}"
        for name in oracle_columns([formula])
    )
    identities = (f"{identity.where}: {printed.verdict(identity)}" for identity in formula.printed)
    reasons = (formula.error, *formula.deviations.values(), *identities)
    lines = (cell(reason) for reason in dict.fromkeys(reasons) if reason)
    return "<br>".join((f"**{OUTCOME_SYMBOLS[word]} {word}**", ", ".join(said), *lines))
