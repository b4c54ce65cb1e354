"""What is said of identities that a source prints: whether they hold, and what those that do not hold lack."""

from __future__ import annotations

from collections.abc import Iterator

from gradcheck.results import FormulaResult, PrintedResult, Report


def refuted(report: Report) -> list[tuple[FormulaResult, PrintedResult]]:
    """The identities that do not hold as printed, each with its formula."""
    return [(formula, printed) for formula in report.formulas for printed in formula.printed if printed.refuted]


def verdict(printed: PrintedResult) -> str:
    """Whether an identity holds as printed.

    >>> from gradcheck.results import Verdict
    >>> verdict(PrintedResult("eq. 1", "x", Verdict.WRONG))
    'refuted as printed'
    """
    words = {"WRONG": "refuted as printed", "CORRECT": "confirmed as printed", "INCONCLUSIVE": "undecided as printed"}
    return words[printed.verdict.value]


def remarks(printed: PrintedResult) -> list[tuple[str, str]]:
    """Why an identity does not hold, each remark with its label."""
    return list(_remarks(printed))


def _remarks(printed: PrintedResult) -> Iterator[tuple[str, str]]:
    if printed.slip:
        yield "Misprint", printed.slip
    if printed.needs:
        held = printed.under_condition is not None and printed.under_condition.value == "CORRECT"
        outcome = "holds" if held else "does not hold either"
        yield "Condition left out", f"{printed.needs}; with it the identity {outcome}"
    if printed.diagnosis and printed.diagnosis.kind != "other":
        yield f"Diagnosis ({printed.diagnosis.kind})", printed.diagnosis.text
