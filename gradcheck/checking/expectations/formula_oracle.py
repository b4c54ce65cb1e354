"""What the formula of a function's own code says beside autograd and finite differences.

It convicts autograd where it agrees with the measurement, and acquits it where it agrees with autograd to rounding. It
never makes a verdict worse: a formula that both others contradict is dropped, and listed as unchecked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import torch

from gradcheck.checking.check import Finding
from gradcheck.checking.evaluation.products import widened
from gradcheck.checking.evaluation.torch_function import Tensors
from gradcheck.checking.expectations.infinite import WatchInfinite
from gradcheck.checking.expectations.three_way import ALONE_REMEDY, NOT_COMPARED, ThreeWay
from gradcheck.results import Verdict

RULE = (
    "of three ways to a derivative (autograd, finite differences, the formula of the code) the one that the other two"
    " contradict stands alone"
)
REMEDY = "`gradcheck backward` writes a right backward pass, made from the formula."
LAST_DIGITS = (
    "the last digits: autograd and the formula of the code differ by {apart:.0e} of the largest entry, less than finite"
    " differences tell"
)
CONTRADICTED = "against the formula of the code (autograd and finite differences both contradict it)"
OVERFLOWN = (
    "against the formula of the code (on its way a value is infinite, in double precision, which decides nothing)"
)
NOT_FINITE = "against the formula of the code (its derivative is no finite number here, in double precision)"
NOT_COMPUTED = "against the formula of the code (its derivative cannot be computed here: {said})"


@dataclass
class FormulaOracle:
    """The three ways at one point; `unchecked` gathers what the formula could not say."""

    three: ThreeWay
    unchecked: list[str] = field(default_factory=list)
    contradicted: str = CONTRADICTED

    def findings(self, reverse: Sequence[Finding]) -> Iterator[Finding]:
        """What reverse mode's check found, as the formula decides it."""
        if silent := self._silent():
            self.unchecked.append(silent)
            yield from reverse
            return
        verdict, v = self.three.judged()
        agree = self.three.agree(v)
        if all(finding.verdict is Verdict.CORRECT for finding in reverse):
            self._doubt(verdict, agree, v)
        for finding in reverse:
            yield self._decided(finding, verdict, agree, v)

    def _silent(self) -> str:
        """Why the formula says nothing here; "" where it does."""
        try:
            with WatchInfinite() as watch:
                found = self.three.expected.products(widened([torch.ones_like(o) for o in self.three.graph.outputs]))
        except Exception as error:  # a check is not to fail for one more way to the derivative
            return NOT_COMPUTED.format(said=next(iter(str(error).splitlines()), type(error).__name__))
        self.contradicted = OVERFLOWN if watch.met else CONTRADICTED
        return "" if all(bool(part.isfinite().all()) for part in found if part is not None) else NOT_FINITE

    def _doubt(self, verdict: Verdict, agree: bool, v: Tensors) -> None:
        """What is left to say where nothing is wrong."""
        if verdict is Verdict.WRONG:
            self.unchecked.append(self.contradicted)
        elif not agree:
            self.unchecked.append(LAST_DIGITS.format(apart=self.three.relative_distance(v)))

    def _decided(self, finding: Finding, verdict: Verdict, agree: bool, v: Tensors) -> Finding:
        if finding.verdict is Verdict.CORRECT or finding.kind in NOT_COMPARED:
            return finding
        if agree:
            return self._acquitted(finding)
        if finding.verdict is Verdict.WRONG and verdict is Verdict.CORRECT:
            beside = self.three.beside(finding, verdict, v)
            return replace(beside, rule=RULE, remedy=f"{finding.remedy} {REMEDY}")
        if verdict is Verdict.WRONG:
            self.unchecked.append(self.contradicted)
        return finding

    def _acquitted(self, finding: Finding) -> Finding:
        """Autograd and the formula agree to rounding: what was undecided is right, what was measured is doubtful."""
        if finding.verdict is Verdict.INCONCLUSIVE:
            told = "autograd and the formula of the code agree to rounding, which decides it"
            return replace(finding, verdict=Verdict.CORRECT, text=f"{finding.text}; {told}", rule=RULE, remedy="")
        told = "the measurement stands alone, autograd and the formula of the code agree to rounding"
        text = f"{told}; held against the measurement, {finding.text}"
        return replace(
            finding,
            kind="measurement_alone",
            verdict=Verdict.INCONCLUSIVE,
            text=text,
            rule=RULE,
            remedy=ALONE_REMEDY,
        )
