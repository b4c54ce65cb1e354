"""Hold a hand-written gradient against finite differences, and against the complex step where f allows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.checking.check import Entry, Finding, GradientCheck, Index, worst_of
from gradcheck.checking.diagnosis.diagnose import REMEDIES, at, diagnose
from gradcheck.checking.diagnosis.expressions import named_slip
from gradcheck.checking.kinks.around import Around
from gradcheck.checking.kinks.subgradient import ELSEWHERE, NO_GRADIENT, kinks
from gradcheck.checking.messages import told_apart
from gradcheck.checking.recording import record
from gradcheck.checking.subject import Subject, subject
from gradcheck.checking.verdict import Comparison, compare
from gradcheck.numeric import complex_step, difference
from gradcheck.numeric.complex_step import ComplexStepUnsupported
from gradcheck.numeric.estimate import Estimate
from gradcheck.results import Diagnosis, Verdict

Array = NDArray[Any]

SHOWN = 5
"""How many of the worst entries a finding lists."""

RULE = "a gradient is wrong where it differs from the finite difference by more than the error bar"
KINK_RULE = "at a kink any number between the slopes of the two sides is a valid subgradient"
SHAPE_RULE = "a gradient has its input's shape; a Jacobian has output axes, then input axes"
AGREEMENT_RULE = "the finite difference and the complex step must agree before either convicts"
NO_LIMIT = "each entry lies between the slopes of its two sides, but together they are far from the gradients around"
HELP = "Try another point, or a function in float64 with less noise and smaller outputs."


@dataclass(frozen=True)
class Measured:
    """One input's derivative as measured: by differences, by the complex step where f allows it, and what it cost."""

    differences: Estimate
    exact: Estimate | None

    @property
    def evaluations(self) -> int:
        return self.differences.evaluations + (self.exact.evaluations if self.exact else 0)

    @property
    def agree(self) -> bool:
        """Whether the complex step confirms the finite difference, or says nothing."""
        return self.exact is None or compare(self.exact.value, self.differences).verdict is not Verdict.WRONG


def check_gradient_function(f: Callable[..., Any], grad: Callable[..., Any], *inputs: Any) -> GradientCheck:
    """Check a hand-written gradient of `f` at one point; see `assert_gradient_function` for the arguments.

    >>> check = check_gradient_function(lambda x: (x**2).sum(), lambda x: x, np.array([1.0, 3.0]))
    >>> check.verdict, check.findings[0].kind
    (<Verdict.WRONG: 'WRONG'>, 'factor')
    """
    case = subject(f, grad, inputs)
    found, evaluations = _checked(case)
    findings = _seen_from_around(case, found)
    kept = [position for position in case.wrt if case.inputs[position].size]
    verdicts = [Verdict.CORRECT, *(finding.verdict for finding in findings)] if kept else []
    call = f"check_gradient_function({', '.join([_title(f, 'f'), _title(grad, 'grad'), *case.names])})"
    return record(GradientCheck(worst_of(verdicts), tuple(findings), case.unchecked, evaluations, case.name, call))


def _checked(case: Subject) -> tuple[list[Finding], int]:
    """What is found entry by entry at the point, and the number of evaluations."""
    findings: list[Finding] = []
    evaluations = 1
    for position, gradient in zip(case.wrt, case.gradient(*case.inputs), strict=True):
        if case.inputs[position].size:
            measured = _measure(case, position)
            findings += _findings(case, position, gradient, measured)
            evaluations += measured.evaluations
    return findings, evaluations


def _seen_from_around(case: Subject, findings: list[Finding]) -> list[Finding]:
    """The same, after a look at points around where a kink passed, or an entry may be wrong for want of a gradient."""
    wrong = [finding for finding in findings if finding.verdict is Verdict.WRONG]
    kinks = [finding for finding in findings if finding.kind == "kink"]
    around = Around.of(case) if wrong or kinks else None
    if around is None or set(wrong) & set(kinks):
        return findings
    if wrong:
        excused = replace(wrong[0], kind="kink", rule=KINK_RULE, text=NO_GRADIENT, remedy=ELSEWHERE)
        excused = replace(excused, verdict=Verdict.INCONCLUSIVE)
        return [*(one for one in findings if one not in wrong), excused] if around.excuse() else findings
    there = around.wrong_there()
    if there is not None:
        found = (one for one in _checked(there)[0] if one.verdict is Verdict.WRONG)
        return [replace(one, text=f"at points around, where there is no kink: {one.text}") for one in found] or findings
    if around.is_no_limit():
        return [replace(kinks[0], text=NO_LIMIT, remedy=REMEDIES["kink"], verdict=Verdict.WRONG)]
    return findings


def _title(function: Callable[..., Any], otherwise: str) -> str:
    name = getattr(function, "__name__", "")
    return name if name.isidentifier() else otherwise


def _measure(case: Subject, position: int) -> Measured:
    differences = difference.jacobian(case.function, case.inputs, position)
    try:
        exact = complex_step.jacobian(case.function, case.inputs, position)
    except ComplexStepUnsupported:
        exact = None
    return Measured(differences, exact)


def _findings(case: Subject, position: int, gradient: Array, measured: Measured) -> Iterator[Finding]:
    """What there is to say about one input's gradient; nothing where it is right and smooth."""
    place, estimate = case.names[position], measured.differences
    output_ndim = estimate.value.ndim - case.inputs[position].ndim
    claimed = _of_shape(np.asarray(gradient, dtype=np.float64), estimate)
    if claimed.shape != estimate.value.shape:
        diagnosis = diagnose(claimed, estimate, output_ndim, case.sizes)
        nan = float("nan")
        yield Finding(diagnosis.kind, place, (), nan, nan, nan, SHAPE_RULE, diagnosis.text, diagnosis.remedy)
        return
    found = Judged(place, claimed, estimate, _judge(claimed, measured))
    if found.comparison.verdict is Verdict.INCONCLUSIVE:
        yield found.undecided(RULE if measured.agree else AGREEMENT_RULE)
    elif found.comparison.verdict is Verdict.WRONG:
        point, output = case.inputs[position], case.function(*case.inputs)
        diagnosis = diagnose(claimed, estimate, output_ndim, case.sizes)
        yield found.wrong(named_slip(diagnosis, claimed, estimate, point, output))
    else:
        yield from found.passed_kinks()


@dataclass(frozen=True)
class Judged:
    """One input's gradient with its measured counterpart and the verdict, to be told as findings."""

    place: str
    claimed: Array
    estimate: Estimate
    comparison: Comparison

    def undecided(self, rule: str) -> Finding:
        """Why nothing could be decided, and what would help."""
        numbers = self._numbers(self.comparison.index)
        reason = self.comparison.reason
        return Finding("inconclusive", self.place, *numbers, rule, reason, HELP, Verdict.INCONCLUSIVE, self._worst())

    def wrong(self, diagnosis: Diagnosis) -> Finding:
        """What is wrong, where and by how much."""
        index, claimed, value, bar = numbers = self._numbers(self.comparison.index)
        rule = KINK_RULE if diagnosis.kind == "kink" else RULE
        shown, measured = told_apart(claimed, value, 6)
        text = f"{diagnosis.text}; at {at(index)} it is {shown}, measured {measured} +- {bar:.0e}"
        return Finding(diagnosis.kind, self.place, *numbers, rule, text, diagnosis.remedy, Verdict.WRONG, self._worst())

    def passed_kinks(self) -> Iterator[Finding]:
        """One finding for all kinks of an input, about the first."""
        found = kinks(self.claimed, self.estimate)
        if found:
            first, others = found[0], f" ({len(found)} kinks in all)" if len(found) > 1 else ""
            text = (
                f"kink at {first.where}: the slopes are {first.left:.6g} and {first.right:.6g}, "
                f"the gradient has {first.chosen:.6g}, a valid subgradient{others}"
            )
            numbers = self._numbers(self.comparison.kinks[0])
            yield Finding("kink", self.place, *numbers, KINK_RULE, text, "", Verdict.CORRECT)

    def _numbers(self, index: Index) -> tuple[Index, float, float, float]:
        """An entry's index, claimed and measured value, and error bar."""
        return (
            index,
            float(self.claimed[index]),
            float(self.estimate.value[index]),
            float(self.estimate.error_bar[index]),
        )

    def _worst(self) -> tuple[Entry, ...]:
        """The entries outside their bars, largest multiples first; at least the one that decided."""
        first = self.comparison.index
        with np.errstate(all="ignore"):
            error = np.where(np.isfinite(self.claimed), np.abs(self.claimed - self.estimate.value), np.inf)
            ratio = np.where(error == 0, 0.0, error / self.estimate.error_bar)
        order = np.argsort(-ratio.ravel(), kind="stable")[: SHOWN + 1]
        places = [tuple(int(i) for i in np.unravel_index(flat, ratio.shape)) for flat in order]
        chosen = [first, *(place for place in places if place != first and ratio[place] > 1)][:SHOWN]
        return tuple(Entry(*self._numbers(place), float(ratio[place])) for place in chosen)


def _of_shape(claimed: Array, estimate: Estimate) -> Array:
    """A gradient of a function with one output may carry that output's axes of length 1."""
    shape = estimate.value.shape
    lengths = [n for n in claimed.shape if n != 1]
    leading = claimed.shape[: claimed.ndim - len(shape)]
    redundant = set(leading) == {1} and claimed.shape[len(leading) :] == shape
    return claimed.reshape(shape) if redundant and lengths == [n for n in shape if n != 1] else claimed


def _judge(claimed: Array, measured: Measured) -> Comparison:
    """The differences' verdict, unless the complex step contradicts them, or decides where their bars are too wide."""
    found = compare(claimed, measured.differences)
    if found.verdict is Verdict.CORRECT:
        return found
    if not measured.agree:
        reason = f"the complex step and the finite difference disagree at {at(found.index)}"
        return replace(found, verdict=Verdict.INCONCLUSIVE, reason=reason)
    if found.verdict is Verdict.INCONCLUSIVE and measured.exact is not None:
        exact = compare(claimed, measured.exact)
        return exact if exact.verdict is Verdict.CORRECT else found
    return found
