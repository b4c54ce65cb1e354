"""The report for a terminal: at most 100 columns, what needs attention first, tables for the rest."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from tabulate import tabulate

from gradcheck.computed import Computed
from gradcheck.rendering import computed_words, printed
from gradcheck.rendering.words import (
    OUTCOME_SYMBOLS,
    by_status,
    by_topic,
    claims_headline,
    clean,
    formulas_headline,
    multiple,
    oracle_columns,
    outcome,
    reasons,
    status_words,
    variable,
    verdict_word,
)
from gradcheck.results import ClaimResult, FormulaResult, OracleResult, PrintedResult, Report

WIDTH = 100

_IN_FULL = ("refuted", "error", "not reproducible")
_LABEL_WIDTH = 11
_SHORT_TITLES = {"finite_difference": "measured", "complex_step": "complex"}
_LEAST_NAME_WIDTH = 12


def render(report: Report) -> str:
    """The report as plain text. Columns of numbers give the worst error as a multiple of its error bar."""
    headlines = filter(None, (claims_headline(report), formulas_headline(report)))
    parts = [*headlines, *_claims(report), *_formulas(report), *_computed(report)]
    return clean("\n".join(line.rstrip() for part in parts for line in [*part.splitlines(), ""]))


def _claims(report: Report) -> Iterator[str]:
    for status, claims in by_status(report.claims).items():
        yield _heading(f"{status_words(status).upper()} ({len(claims)})")
        if status in _IN_FULL:
            yield from (_claim(claim) for claim in claims)
        else:
            yield _claim_table(claims)


def _claim(claim: ClaimResult) -> str:
    diagnosis = claim.diagnosis
    lines = [
        *wrap(f"{claim.id}  {claim.statement}", WIDTH),
        *_labelled("at", f"{claim.path}:{claim.line}" if claim.path else ""),
        *_labelled("stated", claim.stated),
        *_labelled("actual", claim.actual),
        *_labelled("decided by", claim.rule),
        *_labelled("diagnosis", f"{diagnosis.kind}: {diagnosis.text}" if diagnosis else ""),
        *_labelled("remedy", diagnosis.remedy if diagnosis else ""),
        *_labelled("suggestion", claim.suggestion),
        *_labelled("reproduce", _shell_lines(claim.reproduce)),
    ]
    return "\n".join(lines)


def _claim_table(claims: Sequence[ClaimResult]) -> str:
    id_width = max(display_width(claim.id) for claim in claims)
    room = WIDTH - id_width - 2
    rows = [(claim.id, "\n".join([*wrap(claim.statement, room), *_reason(claim, room)])) for claim in claims]
    return _table(rows, ("id", "claim"))


def _reason(claim: ClaimResult, room: int) -> list[str]:
    """What a claim in a table is judged by: its value where it is confirmed, else why it cannot be judged."""
    reason = claim.actual if claim.status == "confirmed" else claim.rule
    return wrap(f"= {reason}" if claim.status == "confirmed" else reason, room)[:3] if reason else []


def _formulas(report: Report) -> Iterator[str]:
    failed = [formula for formula in report.formulas if not formula.ok]
    if failed:
        yield _heading(f"FORMULAS THAT DO NOT HOLD ({len(failed)})")
        yield from (_failure(formula) for formula in failed)
    deviating = [formula for formula in report.formulas if outcome(formula) == "torch deviates"]
    if deviating:
        yield _heading(f"WHERE TORCH DEVIATES ({len(deviating)})")
        yield from (_failure(formula) for formula in deviating)
    found = printed.refuted(report)
    if found:
        yield _heading(f"IDENTITIES REFUTED AS PRINTED ({len(found)})")
        yield from (_refuted(formula, identity) for formula, identity in found)
    if report.formulas:
        yield _heading("FORMULAS")
        yield "Worst error as a multiple of its error bar, for each way to get the derivative; – is not run."
        yield from (_topic_table(topic, formulas) for topic, formulas in by_topic(report.formulas).items())


def _topic_table(topic: str, formulas: Sequence[FormulaResult]) -> str:
    columns = oracle_columns(formulas)
    headers = ("wrt", *(_SHORT_TITLES.get(name, name) for name in columns), "kinks", "")
    rows = [_formula_row(formula, columns) for formula in formulas]
    taken = sum(2 + max(map(display_width, column)) for column in zip(headers, *rows, strict=True))
    room = max(WIDTH - taken, _LEAST_NAME_WIDTH)
    named = [(_fit(formula.name, room), *row) for formula, row in zip(formulas, rows, strict=True)]
    return _table(named, (_fit(topic.upper(), room), *headers))


def _formula_row(formula: FormulaResult, columns: Sequence[str]) -> tuple[str, ...]:
    cells = [_cell(formula.oracles.get(name)) for name in columns]
    word = outcome(formula)
    return (formula.wrt, *cells, str(len(formula.kinks) or ""), f"{OUTCOME_SYMBOLS[word]} {word}")


def _cell(result: OracleResult | None) -> str:
    return f"{OUTCOME_SYMBOLS[verdict_word(result.verdict)]} {multiple(result)}" if result else "–"


def _fit(text: str, width: int) -> str:
    return "\n".join(wrap(text, width))


def _refuted(formula: FormulaResult, identity: PrintedResult) -> str:
    lines = wrap(f"{formula.name}: {formula.title}", WIDTH)
    for label, text in printed.remarks(identity):
        lines += _hanging(f"{label}: {text}")
    return "\n".join(lines)


def _failure(formula: FormulaResult) -> str:
    lines = wrap(f"{variable(formula)}: {outcome(formula)}", WIDTH)
    for label, text in reasons(formula):
        lines += _hanging(f"{label}: {text}")
    return "\n".join(lines)


def _computed(report: Report) -> Iterator[str]:
    if report.computed is None:
        return
    found = computed_words.traced(report)
    yield _heading(f"{computed_words.TITLE.upper()} ({len(found)})")
    yield from map(_function, found)
    if reasons := computed_words.reasons(report):
        yield "\n".join(["Not traced:", *(line for each in reasons for line in _hanging(each))])
    if not report.computed:
        yield computed_words.NOTHING


def _function(computed: Computed) -> str:
    equations = (each.text for each in (*computed.formula, *computed.gradients))
    told = [line for text in (*equations, *computed_words.remarks(computed)) for line in _hanging(text)]
    return "\n".join([*wrap(f"{computed.name}: {computed_words.where(computed)}", WIDTH), *told])


def _hanging(text: str) -> list[str]:
    first, *rest = wrap(text, WIDTH - 4)
    return [f"  {first}", *(f"    {line}" for line in rest)]


def _heading(text: str) -> str:
    return f"{text}\n{'─' * display_width(text)}"


def _table(rows: Sequence[Sequence[str]], headers: Sequence[str]) -> str:
    # tabulate pads headers by two columns each, which 100 columns cannot spare: they go in as a row with its rule.
    columns = zip(headers, *rows, strict=True)
    rule = ["─" * max(display_width(line) for cell in column for line in cell.split("\n")) for column in columns]
    return tabulate([headers, rule, *rows], tablefmt="plain", disable_numparse=True)


def _shell_lines(command: str) -> str:
    """One command over several lines that a shell takes as one, also within double quotes."""
    return " \\\n".join(wrap(command, WIDTH - _LABEL_WIDTH - 6)) if "\n" not in command else command


def _labelled(label: str, text: str) -> list[str]:
    """The text beside its label, wrapped under itself; nothing where there is no text."""
    if not text:
        return []
    lines = wrap(text, WIDTH - _LABEL_WIDTH - 4)
    first, *rest = lines or [""]
    return [f"  {label:<{_LABEL_WIDTH}}  {first}", *(f"{'':<{_LABEL_WIDTH + 4}}{line}" for line in rest)]


def wrap(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` columns; a wide character, such as a Chinese one, counts as two.

    Lines break at spaces where they can, and keep the breaks and the leading spaces that the text has.

    >>> wrap("one two three", 7)
    ['one two', 'three']
    """
    return [line for paragraph in text.splitlines() for line in _wrap_line(paragraph, width)]


def _wrap_line(text: str, width: int) -> Iterable[str]:
    while display_width(text) > width:
        end = _columns(text, width)
        space = text.rfind(" ", 0, end + 1)
        # A line broken before its middle looks like a mistake: Chinese text and long names break anywhere.
        cut = space if space > end // 2 else end
        yield text[:cut].rstrip()
        text = text[cut:].lstrip()
    yield text


def _columns(text: str, width: int) -> int:
    """How many of the text's first characters fit in `width` columns, at least one."""
    used = 0
    for index, character in enumerate(text):
        used += display_width(character)
        if used > width:
            return max(index, 1)
    return len(text)


def display_width(text: str) -> int:
    """The columns that the text takes on a terminal.

    >>> display_width("ab"), display_width("梯度")
    (2, 4)
    """
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
