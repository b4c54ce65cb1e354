"""Whether a check is to ask for the formula of a function's code, and that formula's derivative."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TypeAlias

from gradcheck.checking.check import Finding
from gradcheck.checking.expected import Call, Expected
from gradcheck.checking.torch_function import LARGE, Tensors, TorchFunction
from gradcheck.errors import UsageError
from gradcheck.results import Verdict

Symbolic: TypeAlias = Literal["auto"] | bool
CHOICES: tuple[Symbolic, ...] = ("auto", True, False)

_defaults: list[Symbolic] = ["auto"]


def chosen_symbolic(symbolic: Symbolic | None) -> Symbolic:
    """The choice that was made, or else the default; UsageError for what is none."""
    if symbolic is None:
        return _defaults[-1]
    if symbolic not in CHOICES:
        raise UsageError(f'symbolic must be "auto", True or False; got {symbolic!r}')
    return symbolic


@contextmanager
def default_symbolic(symbolic: Symbolic) -> Iterator[None]:
    """Make `symbolic` the default within the block.

    >>> with default_symbolic(False):
    ...     chosen_symbolic(None), chosen_symbolic("auto")
    (False, 'auto')
    """
    _defaults.append(symbolic)
    try:
        yield
    finally:
        _defaults.pop()


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

    def derivative(self, function: TorchFunction, outputs: Tensors) -> Expected | str:
        """The formula's derivative; or, where the code has no formula, a line that says why."""
        from gradcheck.checking.traced_formula import traced_derivative
        from gradcheck.symbolic.graphs.refusals import NotTraceable

        try:
            return traced_derivative(self.call, function, outputs)
        except NotTraceable as error:
            return f"against the formula of the code ({error.problem})"
