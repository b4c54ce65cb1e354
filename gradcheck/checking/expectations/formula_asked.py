"""Whether a check is to ask for the formula of a function's code, and that formula's derivative."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gradcheck.checking.check import Finding
from gradcheck.checking.evaluation.torch_function import LARGE, Tensors, TorchFunction
from gradcheck.checking.expectations.expectation import Call, Expected
from gradcheck.checking.expectations.symbolic_choice import Symbolic
from gradcheck.results import Verdict


@dataclass(frozen=True)
class FormulaAsked:
    """What was asked of the formula, for which call."""

    call: Call
    symbolic: Symbolic

    def is_wanted(self, found: Sequence[Finding], function: TorchFunction) -> bool:
        """Always or never, as asked; by itself where something is not right and the point is small."""
        if self.symbolic != "auto":
            return bool(self.symbolic)
        small = sum(value.numel() for value in function.values) <= LARGE
        return small and any(finding.verdict is not Verdict.CORRECT for finding in found)

    def names(self, derivative: Expected) -> tuple[str, ...]:
        """What of the catalogue the function is, in sentences; where the formula was asked for in so many words."""
        from gradcheck.checking.expectations.traced_formula import TracedDerivative

        if self.symbolic is not True or not isinstance(derivative, TracedDerivative):
            return ()
        return derivative.recognised()

    def derivative(self, function: TorchFunction, outputs: Tensors) -> Expected | str:
        """The formula's derivative; or, where the code has no formula, a line that says why."""
        from gradcheck.checking.expectations.traced_formula import traced_derivative
        from gradcheck.symbolic.graphs.refusals import NotTraceable

        try:
            return traced_derivative(self.call, function, outputs)
        except NotTraceable as error:
            where = f"; {error.place}" if error.place else ""
            return f"against the formula of the code ({error.problem}{where})"
        except Exception as error:  # a check is not to fail for one more way to the derivative
            said = next(iter(str(error).splitlines()), type(error).__name__)
            return f"against the formula of the code ({said})"
