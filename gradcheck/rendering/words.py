"""The words, order and numbers that every renderer shares, so that no two formats tell a different story."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping

from gradcheck.results import STATUSES, ClaimResult, FormulaResult, KinkResult, OracleResult, Report, Verdict

STATUS_SYMBOLS: Mapping[str, str] = {
    "refuted": "✗",
    "error": "!",
    "not reproducible": "≠",
    "not checkable": "–",
    "confirmed": "✓",
}
"""A mark for each status; it always stands beside the word, never in its place."""

OUTCOME_SYMBOLS: Mapping[str, str] = {
    "wrong": "✗",
    "error": "!",
    "undecided": "?",
    "not run": "–",
    "torch deviates": "≠",
    "holds": "✓",
}
"""A mark for what was decided about a formula, or by one oracle, in the order a report shows them."""

HEADLINE_ORDER = ("refuted", "confirmed", "not reproducible", "not checkable", "error")
"""The order of the counts in the headline; the first two always stand there, even at zero."""

ORACLE_TITLES: Mapping[str, str] = {
    "reverse": "Reverse mode",
    "forward": "Forward mode",
    "finite_difference": "Finite differences",
    "complex_step": "Complex step",
    "symbolic": "Symbolic",
}
"""The oracles in the order of their columns."""

_VERDICT_WORDS = {Verdict.CORRECT: "holds", Verdict.WRONG: "wrong", Verdict.INCONCLUSIVE: "undecided"}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    r"""The text without control characters, which could rewrite a terminal or reverse the reading order.

    >>> clean("a\x1b[31mred")
    'a�[31mred'
    """
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n"))


def number(value: float, digits: int = 2) -> str:
    """A float in few significant digits.

    >>> number(1.234e-13), number(0.5), number(float("nan"))
    ('1.2e-13', '0.5', 'nan')
    """
    return f"{value + 0.0:.{digits}g}"


def count(amount: int, noun: str) -> str:
    """An amount with its noun.

    >>> count(1, "claim"), count(3, "formula")
    ('1 claim', '3 formulas')
    """
    return f"{amount} {noun}{'' if amount == 1 else 's'}"


def status_words(status: str) -> str:
    """A status as symbol and word.

    >>> status_words("refuted")
    '✗ refuted'
    """
    return f"{STATUS_SYMBOLS[status]} {status}"


def place(claim: ClaimResult) -> str:
    """Where the claim stands, as a person says it; empty where it stands in no document.

    >>> place(ClaimResult("A1", "a.md", 3, 5, "", "", "", "confirmed", ""))
    'a.md, lines 3–5'
    """
    if not claim.path:
        return ""
    return f"{claim.path}, line" + (
        f" {claim.line}" if claim.line == claim.end_line else f"s {claim.line}–{claim.end_line}"
    )


def label(claim: ClaimResult, report: Report) -> str:
    """What a claim goes by in a list: its id, or its place where documents were verified, whose ids say nothing.

    >>> claim = ClaimResult("0a1b2c3d", "docs/a.md", 3, 5, "", "", "", "confirmed", "")
    >>> label(claim, Report((claim,), (), {}, documents=("docs/a.md",)))
    'a.md:3'
    """
    return f"{claim.path.rpartition('/')[2]}:{claim.line}" if report.documents else claim.id


def tried(formula: FormulaResult) -> str:
    """Where a derivative was held against the oracles, or for how many steps an update rule was followed.

    >>> tried(FormulaResult("relu", "ReLU", "", "x", "", "1", points=3, sizes=({"n": 2}, {"n": 4, "m": 3})))
    'at 3 points, for n = 2; m = 3, n = 4'
    >>> tried(FormulaResult("adam", "Adam", "", "theta", "", "", points=50))
    'followed for 50 steps'
    """
    points = (
        f"at {count(formula.points, 'point')}" if formula.gradient else f"followed for {count(formula.points, 'step')}"
    )
    sizes = "; ".join(
        ", ".join(f"{name} = {size}" for name, size in sorted(each.items())) for each in formula.sizes if each
    )
    return ", ".join(part for part in (points if formula.points else "", f"for {sizes}" if sizes else "") if part)


def verdict_word(verdict: Verdict) -> str:
    """What a verdict means for the formula held against an oracle.

    >>> verdict_word(Verdict.INCONCLUSIVE)
    'undecided'
    """
    return _VERDICT_WORDS[verdict]


def outcome(formula: FormulaResult) -> str:
    """One word for all that the oracles and the kinks said: the worst of it, or `not run` where nothing was tried.

    >>> outcome(FormulaResult("relu", "ReLU", "activations", "x", "", "", error="no module"))
    'error'
    """
    if formula.error:
        return "error"
    if formula.deviations and formula.ok:
        return "torch deviates"
    checks: list[OracleResult | KinkResult] = [*formula.oracles.values(), *formula.kinks]
    words = {verdict_word(check.verdict) for check in checks}
    return next((word for word in OUTCOME_SYMBOLS if word in words), "not run")


def ratio(result: OracleResult) -> float:
    """The worst error as a multiple of its error bar; infinite where an exact oracle disagrees at all.

    >>> ratio(OracleResult(Verdict.CORRECT, 1e-15, 1e-13))
    0.01
    """
    if result.error_bar == 0:
        return 0.0 if result.worst_error == 0 else math.inf
    return result.worst_error / result.error_bar


def multiple(result: OracleResult) -> str:
    """The worst error as a multiple of its error bar, in few characters; at most 1 is agreement.

    >>> multiple(OracleResult(Verdict.CORRECT, 1e-15, 1e-10)), multiple(OracleResult(Verdict.WRONG, 0.5, 0.0))
    ('<0.01', 'inf')
    """
    times = ratio(result)
    return "<0.01" if 0 < times < 0.01 else number(times)


def oracle_title(name: str) -> str:
    """An oracle's name as a heading; a name out of code stays as it is.

    >>> oracle_title("complex_step"), oracle_title("stated"), oracle_title("torch.optim")
    ('Complex step', 'Stated', 'torch.optim')
    """
    return ORACLE_TITLES.get(name) or (name if set("._") & set(name) else name[:1].upper() + name[1:])


def oracle_columns(formulas: Iterable[FormulaResult]) -> list[str]:
    """The oracles that any of the formulas was held against, the known ones first."""
    met = {name for formula in formulas for name in formula.oracles}
    return [name for name in ORACLE_TITLES if name in met] + sorted(met - set(ORACLE_TITLES))


def variable(formula: FormulaResult) -> str:
    """The formula with its variable, where it got as far as to have one.

    >>> variable(FormulaResult("relu", "ReLU", "activations", "x", "", ""))
    'relu with respect to x'
    """
    return f"{formula.name} with respect to {formula.wrt}" if formula.wrt else formula.name


def reasons(formula: FormulaResult) -> list[tuple[str, str]]:
    """What went wrong with a formula, each reason with its label: the error, the oracles' reasons, the kinks amiss."""
    diagnosis = formula.diagnosis
    found = [
        ("Error", formula.error),
        *(("Torch deviates", text) for text in dict.fromkeys(formula.deviations.values())),
        (f"Diagnosis ({diagnosis.kind})" if diagnosis else "", diagnosis.text if diagnosis else ""),
        ("Remedy", diagnosis.remedy if diagnosis else ""),
        *((oracle_title(name), formula.oracles[name].reason) for name in oracle_columns([formula])),
        *(("Kink", kink_sentence(kink)) for kink in formula.kinks if kink.verdict is not Verdict.CORRECT),
    ]
    return [(label, text) for label, text in found if text]


def kink_sentence(kink: KinkResult) -> str:
    """A kink in words.

    >>> print(kink_sentence(KinkResult("x = 0", 0.0, 1.0, 2.0, Verdict.WRONG)))
    x = 0: slopes 0 from the left and 1 from the right, autograd picks 2: wrong
    """
    slopes = f"slopes {number(kink.left, 6)} from the left and {number(kink.right, 6)} from the right"
    return f"{kink.where}: {slopes}, autograd picks {number(kink.chosen, 6)}: {verdict_word(kink.verdict)}"


def by_status(claims: tuple[ClaimResult, ...]) -> dict[str, list[ClaimResult]]:
    """The claims of each status that occurs, refuted first, otherwise in the report's own order."""
    groups = {status: [claim for claim in claims if claim.status == status] for status in STATUSES}
    return {status: group for status, group in groups.items() if group}


def by_topic(formulas: tuple[FormulaResult, ...]) -> dict[str, list[FormulaResult]]:
    """The formulas of each topic in order of first appearance; within a topic those that fail come first."""
    topics: dict[str, list[FormulaResult]] = {}
    for formula in formulas:
        topics.setdefault(formula.topic or "other", []).append(formula)
    return {topic: sorted(group, key=lambda formula: formula.ok) for topic, group in topics.items()}


def claims_headline(report: Report) -> str:
    """How many claims, and how many of each status: never a bare percentage.

    >>> claims_headline(Report((), (), {}, documents=("a.md", "b.md")))
    'NO CLAIMS FOUND in 2 documents: nothing was verified.'
    """
    if not report.claims:
        return no_claims(report)
    counts = (f"{amount} {status}" for status, amount in status_counts(report).items())
    return f"{claims_total(report)}: {', '.join(counts)}"


def claims_total(report: Report) -> str:
    """How many claims, and in how many documents where documents were verified."""
    total = count(len(report.claims), "claim")
    return f"{total} in {count(len(report.documents), 'document')}" if report.documents else total


def no_claims(report: Report) -> str:
    """What is said of a report without claims: loudly where documents were read in vain."""
    if not report.documents:
        return "No claims found: this report judges no document."
    return f"NO CLAIMS FOUND in {count(len(report.documents), 'document')}: nothing was verified."


def status_counts(report: Report) -> dict[str, int]:
    """How many claims of each status, in the headline's order."""
    summary = report.summary
    return {word: summary[word] for word in HEADLINE_ORDER if summary[word] or word in HEADLINE_ORDER[:2]}


def formulas_headline(report: Report) -> str:
    """How many gradients of how many formulas, and how many of each outcome; empty where documents were verified."""
    if not report.formulas:
        return "" if report.documents else "No formulas checked."
    outcomes = [outcome(formula) for formula in report.formulas]
    names = len({formula.name for formula in report.formulas})
    # "1 hold" or "17 holds" would each be wrong for some number; the claims' word fits all.
    words = {word: "confirmed" if word == "holds" else word for word in OUTCOME_SYMBOLS if word in outcomes}
    counts = [f"{outcomes.count(word)} {shown}" for word, shown in words.items()]
    return f"{count(len(outcomes), 'derivative')} of {count(names, 'formula')}: {', '.join(counts)}"
