"""The report as GitHub-flavoured Markdown: refuted first, evidence folded away, math between `$$`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from gradcheck.computed import Computed
from gradcheck.rendering import computed_words, printed
from gradcheck.rendering.words import (
    OUTCOME_SYMBOLS,
    STATUS_SYMBOLS,
    by_status,
    by_topic,
    claims_headline,
    clean,
    formulas_headline,
    number,
    oracle_columns,
    oracle_title,
    outcome,
    place,
    reasons,
    tried,
    variable,
    verdict_word,
)
from gradcheck.results import ClaimResult, Evidence, FormulaResult, KinkResult, OracleResult, Report, Verdict

_CODE = re.compile(r"`[^`\n]+`")
_SPECIAL = re.compile(r"([\\`*_{}\[\]#$~|])")
_LEADING = re.compile(r"^(\s*)([-+](?=\s)|=(?==*\s*$)|\d+(?=[.)]\s))", flags=re.MULTILINE)


def render(report: Report) -> str:
    """The report as Markdown."""
    blocks = [
        "# Gradient report",
        f"**{escape(claims_headline(report))}**",
        escape(formulas_headline(report)),
        *_claims(report),
        *_formulas(report),
        *_computed(report),
        *environment(report.environment),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def escape(text: str) -> str:
    r"""The text with nothing in it that Markdown, its tables, its math or HTML would read; `code` stays code.

    >>> print(escape("`a_1` * a_1 < 2 | $3"))
    `a_1` \* a\_1 &lt; 2 \| \$3
    """
    text = clean(text)
    parts = _alternate(_CODE.split(text), _CODE.findall(text))
    return "".join(part if is_code else _escape_plain(part) for part, is_code in parts)


def _alternate(plain: Sequence[str], code: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """The parts of a text in order, each with whether it is code."""
    for at, part in enumerate(plain):
        yield part, False
        yield from ((span, True) for span in code[at : at + 1])


def cell(text: str) -> str:
    r"""The text inside a table's cell, where a pipe ends the cell even in code, and a line break ends the row.

    >>> print(cell("`a | b`"))
    `a \| b`
    """
    return re.sub(r"(?<!\\)\|", r"\\|", inline(text))


def inline(text: str) -> str:
    """The text on one line of Markdown, its own line breaks kept.

    >>> print(inline("[1]\\n[2]"))
    \\[1\\]<br>\\[2\\]
    """
    return "<br>".join(escape(text).strip().splitlines())


def _escape_plain(text: str) -> str:
    text = _SPECIAL.sub(r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
    return _LEADING.sub(_escape_list_mark, text)


def _escape_list_mark(match: re.Match[str]) -> str:
    """A line that would start a list or underline a heading: a backslash before the sign, or after the number."""
    space, mark = match.groups()
    return f"{space}{mark}\\" if mark.isdigit() else f"{space}\\{mark}"


def math(latex: str) -> str:
    """A displayed formula, in which nothing ends it early or opens an HTML tag."""
    safe = re.sub(r"<(?=[a-zA-Z/!?])", "< ", clean(latex).replace("$", r"\$"))
    lines = (line.strip() for line in safe.splitlines())
    return "$$\n" + "\n".join(line for line in lines if line) + "\n$$" if latex.strip() else ""


def _claims(report: Report) -> Iterator[str]:
    for status, claims in by_status(report.claims).items():
        yield f"## {STATUS_SYMBOLS[status]} {status.capitalize()} ({len(claims)})"
        for claim in claims:
            yield from _claim(claim)


def _claim(claim: ClaimResult) -> Iterator[str]:
    yield f"### {escape(claim.id)} · {claim.status}"
    yield "\n".join(f"> {line}" for line in escape(claim.statement).splitlines())
    yield escape(place(claim))
    yield math(claim.math)
    yield "\n".join(f"- **{escape(label)}:** {inline(text)}" for label, text in _findings(claim) if text)
    if claim.evidence:
        yield details(
            f"Evidence for {claim.id}", table(("Oracle", "Value", "Error bar"), map(_evidence, claim.evidence))
        )
    if claim.reproduce:
        yield "\n".join(["Reproduce:", "", *(f"    {line}" for line in clean(claim.reproduce).splitlines())])


def _findings(claim: ClaimResult) -> Iterator[tuple[str, str]]:
    diagnosis = claim.diagnosis
    yield "Stated", claim.stated
    yield "Actual", claim.actual
    yield "Decided by", claim.rule
    yield f"Diagnosis ({diagnosis.kind})" if diagnosis else "", diagnosis.text if diagnosis else ""
    yield "Remedy", diagnosis.remedy if diagnosis else ""
    yield "Suggestion", claim.suggestion


def _evidence(item: Evidence) -> tuple[str, ...]:
    return cell(oracle_title(item.oracle)), cell(item.value), cell(item.error_bar or "–")


def _formulas(report: Report) -> Iterator[str]:
    if not report.formulas:
        return
    yield "## Formulas"
    yield "Under each way to get the derivative: the verdict, then the worst error / its error bar."
    for formula in report.formulas:
        if not formula.ok or formula.deviations:
            yield from _failure(formula)
    yield from _refuted_as_printed(report)
    for topic, formulas in by_topic(report.formulas).items():
        yield f"### {escape(topic.capitalize())}"
        columns = oracle_columns(formulas)
        headers = ("Formula", "Variable", *(oracle_title(name) for name in columns), "Outcome")
        yield table(headers, [_formula_row(formula, columns) for formula in formulas])
        yield _kinks(formulas)
        yield from _definitions(formulas)


def _refuted_as_printed(report: Report) -> Iterator[str]:
    found = printed.refuted(report)
    if found:
        yield f"### Identities refuted as printed ({len(found)})"
    for formula, identity in found:
        lines = [f"- **{escape(label)}:** {inline(text)}" for label, text in printed.remarks(identity)]
        yield f"**{escape(formula.title)}**, with respect to {escape(f'`{formula.wrt}`')}. Printed:"
        yield math(identity.gradient)
        yield "Right:"
        yield math(formula.gradient)
        yield "\n".join([*lines, f"- **Source:** {escape(formula.source)}"])


def _failure(formula: FormulaResult) -> Iterator[str]:
    yield f"### {escape(variable(formula))}: {outcome(formula)}"
    yield "\n".join(f"- **{escape(label)}:** {inline(text)}" for label, text in reasons(formula))


def _formula_row(formula: FormulaResult, columns: Sequence[str]) -> tuple[str, ...]:
    word = outcome(formula)
    readings = (_reading(formula.oracles.get(name)) for name in columns)
    return (
        cell(formula.name),
        cell(f"`{formula.wrt}`") if formula.wrt else "",
        *readings,
        f"{OUTCOME_SYMBOLS[word]} {word}",
    )


def _reading(result: OracleResult | None) -> str:
    if result is None:
        return "not run"
    return f"{_verdict(result.verdict)}<br>{number(result.worst_error)} / {number(result.error_bar)}"


def _verdict(verdict: Verdict) -> str:
    return f"{OUTCOME_SYMBOLS[verdict_word(verdict)]} {verdict_word(verdict)}"


def _kinks(formulas: Iterable[FormulaResult]) -> str:
    rows = [_kink_row(formula, kink) for formula in formulas for kink in formula.kinks]
    headers = ("Formula", "Kink at", "Left slope", "Right slope", "Autograd picks", "Verdict")
    return table(headers, rows) if rows else ""


def _kink_row(formula: FormulaResult, kink: KinkResult) -> tuple[str, ...]:
    slopes = (number(slope, 6) for slope in (kink.left, kink.right, kink.chosen))
    return cell(formula.name), cell(kink.where), *slopes, _verdict(kink.verdict)


def _definitions(formulas: Sequence[FormulaResult]) -> Iterator[str]:
    for name in dict.fromkeys(formula.name for formula in formulas):
        results = [formula for formula in formulas if formula.name == name]
        source = f"Source: {escape(results[0].source)}" if results[0].source else ""
        derivatives = (part for result in results for part in _derivative(result))
        parts = [math(results[0].definition), *derivatives, source]
        contents = "definition and derivative" if any(result.gradient for result in results) else "definition"
        yield details(f"{results[0].title}: {contents}", "\n\n".join(part for part in parts if part))


def _derivative(result: FormulaResult) -> Iterator[str]:
    subject = f"With respect to {escape(f'`{result.wrt}`')}" if result.wrt else "The derivative"
    yield ", ".join(part for part in (subject, escape(tried(result))) if part) + (":" if result.gradient else ".")
    yield math(result.gradient)
    for identity in result.printed:
        yield f"{escape(identity.where).capitalize()}: {printed.verdict(identity)}."


def _computed(report: Report) -> Iterator[str]:
    if report.computed is None:
        return
    found = computed_words.traced(report)
    yield f"## {computed_words.TITLE} ({len(found)})"
    yield escape(computed_words.EXPLAINED if found else "" if report.computed else computed_words.NOTHING)
    for each in found:
        yield from _function(each)
    if reasons := computed_words.reasons(report):
        yield details(f"Not traced ({len(reasons)})", "\n".join(f"- {inline(reason)}" for reason in reasons))


def _function(computed: Computed) -> Iterator[str]:
    yield f"### {escape(f'`{computed.name}`')} · {escape(computed_words.where(computed))}"
    yield from (math(each.latex) for each in (*computed.formula, *computed.gradients))
    yield "\n".join(f"- {inline(remark)}" for remark in computed_words.remarks(computed))


def environment(versions: Mapping[str, str]) -> Iterator[str]:
    """What the results were computed with, as a table; nothing where it is not known."""
    if versions:
        yield "## Environment"
        yield table(("Part", "Version"), [(cell(name), cell(value)) for name, value in sorted(versions.items())])


def details(summary: str, body: str) -> str:
    """Markdown that is folded away under a line of plain text."""
    text = clean(summary).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<details><summary>{text}</summary>\n\n{body}\n\n</details>"


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are escaped already.

    >>> print(table(("a", "b"), [("1", "2")]))
    | a | b |
    | --- | --- |
    | 1 | 2 |
    """
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
