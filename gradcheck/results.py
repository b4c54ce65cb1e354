"""What was found: the one model that every renderer reads.

Results are plain frozen data. They know neither SymPy nor torch, so that a report can be rendered, compared
and stored without importing either. Text fields are plain Unicode with `code` in backticks; a formula stands
as LaTeX in a `math` field of its own, so that each renderer can typeset it in its own way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from gradcheck.computed import Computed

Status = Literal["confirmed", "refuted", "not reproducible", "not checkable", "error"]

STATUSES: tuple[Status, ...] = ("refuted", "error", "not reproducible", "not checkable", "confirmed")
"""Every status of a claim, in the order a report shows them: what needs the reader's attention comes first."""

OracleName = Literal["symbolic", "reverse", "forward", "finite_difference", "complex_step"]


class Verdict(str, Enum):
    """What a check decided. Only `CORRECT` is a pass."""

    CORRECT = "CORRECT"
    WRONG = "WRONG"
    INCONCLUSIVE = "INCONCLUSIVE"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Diagnosis:
    """The named mistake behind a disagreement: a stable `kind`, and a sentence a person understands."""

    kind: str
    text: str
    remedy: str = ""


@dataclass(frozen=True)
class Evidence:
    """What one independent oracle said, with its error bar where it measured."""

    oracle: str
    value: str
    error_bar: str | None = None


@dataclass(frozen=True)
class Series:
    """One labelled curve."""

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True)
class Figure:
    """Data for one plot; the renderer draws it."""

    title: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    log_y: bool = False


@dataclass(frozen=True)
class ClaimResult:
    """One statement of a document, judged.

    `path` is relative to the document's folder; `line` and `end_line` count from 1. `rule` says what decided,
    `reproduce` is a shell line that computes `actual` again. `math` is LaTeX without delimiters, or empty.
    """

    id: str
    path: str
    line: int
    end_line: int
    statement: str
    stated: str
    actual: str
    status: Status
    rule: str
    diagnosis: Diagnosis | None = None
    evidence: tuple[Evidence, ...] = ()
    suggestion: str = ""
    reproduce: str = ""
    math: str = ""
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class OracleResult:
    """One oracle held against the symbolic derivative over all sizes and points.

    `worst_error` and `error_bar` belong to the entry whose error is the largest multiple of its bar.
    """

    verdict: Verdict
    worst_error: float
    error_bar: float
    reason: str = ""


@dataclass(frozen=True)
class KinkResult:
    """A point where the one-sided slopes differ, what autograd picks there, and whether it lies between them."""

    where: str
    left: float
    right: float
    chosen: float
    verdict: Verdict


@dataclass(frozen=True)
class PrintedResult:
    """An identity as a source prints it, at the place `where`, judged; `gradient` is LaTeX.

    `needs` is a condition that the source leaves out, `under_condition` whether the identity holds there; `slip` says
    what is printed amiss.
    """

    where: str
    gradient: str
    verdict: Verdict
    diagnosis: Diagnosis | None = None
    needs: str = ""
    under_condition: Verdict | None = None
    slip: str = ""

    @property
    def refuted(self) -> bool:
        """Whether the identity does not hold as printed: a finding about the source, no failure."""
        return self.verdict is Verdict.WRONG

    @property
    def ok(self) -> bool:
        """Whether the identity could be judged, and what the project says of it is true."""
        excused = self.under_condition is Verdict.CORRECT if self.needs else True
        remarked = bool(self.needs or self.slip)
        return self.verdict is not Verdict.INCONCLUSIVE and excused and remarked == self.refuted


@dataclass(frozen=True)
class FormulaResult:
    """One formula with respect to one of its variables, held against every oracle.

    `definition` and `gradient` are LaTeX; `sizes` maps each dimension's name to its size, one mapping a size tried.
    `edges` names the special points tried, `remark` says what torch takes at kinks and beyond what was tried.
    `deviations` are findings about torch: what an oracle of its own gets wrong where all else agrees. `error` tells why
    the formula could not be checked at all; such a formula counts as failed.
    """

    name: str
    title: str
    topic: str
    wrt: str
    definition: str
    gradient: str
    sizes: tuple[Mapping[str, int], ...] = ()
    points: int = 0
    oracles: Mapping[str, OracleResult] = field(default_factory=dict)
    kinks: tuple[KinkResult, ...] = ()
    diagnosis: Diagnosis | None = None
    source: str = ""
    error: str = ""
    deviations: Mapping[str, str] = field(default_factory=dict)
    edges: tuple[str, ...] = ()
    remark: str = ""
    printed: tuple[PrintedResult, ...] = ()

    @property
    def ok(self) -> bool:
        """True where the formula could be checked and no oracle contradicts it or stays undecided.

        An oracle of torch that is known to deviate has no say.
        """
        oracles = (oracle for name, oracle in self.oracles.items() if name not in self.deviations)
        verdicts = [*(o.verdict for o in oracles), *(k.verdict for k in self.kinks)]
        decided = bool(verdicts) and all(verdict is Verdict.CORRECT for verdict in verdicts)
        return not self.error and decided and all(printed.ok for printed in self.printed)


@dataclass(frozen=True)
class Report:
    """Everything one run found; `documents` are the paths of those that were verified.

    `computed` says what the functions in their code compute, and is None where that was not asked for.
    """

    claims: tuple[ClaimResult, ...]
    formulas: tuple[FormulaResult, ...]
    environment: Mapping[str, str]
    documents: tuple[str, ...] = ()
    computed: tuple[Computed, ...] | None = None

    @property
    def summary(self) -> dict[str, int]:
        """How many claims of each status, how many formulas, and how many of those failed."""
        counts = Counter(claim.status for claim in self.claims)
        return {
            **{status: counts[status] for status in STATUSES},
            "formulas": len(self.formulas),
            "formulas failed": sum(not formula.ok for formula in self.formulas),
        }

    @property
    def ok(self) -> bool:
        """True where all that the project itself vouches for holds: every formula passes and nothing crashed.

        An article's refuted claim is a finding, not a failure.
        """
        summary = self.summary
        return not summary["formulas failed"] and not summary["error"]


@dataclass(frozen=True)
class CheckedEntry:
    """One entry of a gradient beside the measured one; `ratio` is the error as a multiple of the bar.

    `output` is the place of the output whose derivative it is, where there are several.
    """

    index: tuple[int, ...]
    analytic: float
    numeric: float
    error_bar: float
    ratio: float
    output: str = ""


@dataclass(frozen=True)
class CheckFinding:
    """Something that one check of a test run had to say about one place; `worst` lists the worst entries."""

    kind: str
    place: str
    index: tuple[int, ...]
    analytic: float
    numeric: float
    error_bar: float
    rule: str
    text: str
    remedy: str
    verdict: Verdict
    worst: tuple[CheckedEntry, ...] = ()


@dataclass(frozen=True)
class CheckResult:
    """One gradient that was checked while a test ran.

    `test` is the test's id, `subject` names the gradient, `message` is the whole text of a failing assertion,
    `unchecked` says what was not looked at, `evaluations` counts calls of the function.
    """

    test: str
    subject: str
    verdict: Verdict
    message: str
    findings: tuple[CheckFinding, ...] = ()
    unchecked: tuple[str, ...] = ()
    evaluations: int = 0


@dataclass(frozen=True)
class CheckReport:
    """Every check of one test run, ordered by test, and the seed of those that named none."""

    checks: tuple[CheckResult, ...]
    seed: int
    environment: Mapping[str, str]

    @property
    def summary(self) -> dict[str, int]:
        """How many checks in all, and of each verdict.

        >>> CheckReport((CheckResult("test_a", "f", Verdict.WRONG, ""),), 0, {}).summary
        {'checks': 1, 'CORRECT': 0, 'WRONG': 1, 'INCONCLUSIVE': 0}
        """
        counts = Counter(check.verdict for check in self.checks)
        return {"checks": len(self.checks), **{verdict.value: counts[verdict] for verdict in Verdict}}
