"""Check the gradients of any callable on tensors, in every mode asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from typing import Any

import torch

from gradcheck.checking.check import Finding, GradientCheck, worst_of
from gradcheck.checking.evaluation.graph import BackwardError, Graph, Pullback, recorded
from gradcheck.checking.evaluation.outputs import differentiable
from gradcheck.checking.evaluation.reference import Reference, reference
from gradcheck.checking.evaluation.torch_function import TorchFunction, torch_function
from gradcheck.checking.expectations.expectation import Call
from gradcheck.checking.expectations.expected import Asked
from gradcheck.checking.expectations.formula_asked import FormulaAsked
from gradcheck.checking.expectations.formula_oracle import FormulaOracle
from gradcheck.checking.expectations.symbolic_choice import Symbolic, chosen_symbolic
from gradcheck.checking.expectations.three_way import ThreeWay
from gradcheck.checking.isolation import RandomState, isolated
from gradcheck.checking.modes.beyond_reverse import (
    batched_findings,
    chosen_modes,
    forward_findings,
    second_order_findings,
)
from gradcheck.checking.modes.explore import elsewhere_findings
from gradcheck.checking.modes.grad_output import layout_findings
from gradcheck.checking.modes.reverse import ReverseCheck, entries, pullback
from gradcheck.checking.modes.state import raised_again, told_by_state
from gradcheck.checking.oracles import OracleUnsupported
from gradcheck.checking.recording import chosen_seed, record
from gradcheck.checking.reproduce import reproducing_call
from gradcheck.checking.tolerance import relative_tolerance
from gradcheck.results import Verdict


def check_gradients(
    fn: Any,
    *inputs: Any,
    wrt: Sequence[str] | str | None = None,
    kwargs: Mapping[str, Any] | None = None,
    modes: Sequence[str] | str = ("reverse",),
    order: int = 1,
    expected: Any = None,
    rtol: float | None = None,
    seed: int | None = None,
    symbolic: Symbolic | None = None,
) -> GradientCheck:
    """Check what autograd computes for `fn(*inputs, **kwargs)` at this point.

    `fn` is any callable on tensors, or an `nn.Module`, whose parameters are checked too; inputs and outputs may be
    nested in tuples, lists and dicts. `wrt` names the inputs and parameters to check, all of them unless given.
    `modes` adds to reverse mode: "forward", "second_order" (as `order=2` does), "batched", "noncontiguous" (always on
    for a backward that is not PyTorch's own), or "all" of them.
    `expected` is one more way to the derivative: a Jacobian (output axes, then input axes; a gradient where the output
    is one number), a sequence or a mapping of them for several inputs, a function of the same inputs that returns one,
    or a catalogue formula, by name too. On disagreement the finding says which of the three stands alone.
    `symbolic` holds the derivative against the formula of the function's own code, worked out by SymPy: always (True),
    never (False), or where something is not right or undecided and the point is small ("auto", unless pytest's
    `--gradcheck-symbolic` says otherwise). A code without a formula is listed as unchecked in this respect.
    `rtol` accepts a relative error of the gradient as a whole; it can widen an error bar, never narrow it.
    Probes along random directions hold autograd against finite differences with an error bar. The directions come from
    `seed` (0 unless given here or by pytest's `--gradcheck-seed`); torch's own generator stays as it is.
    Raises UsageError where the arguments cannot be used.

    >>> import torch
    >>> check_gradients(torch.sin, torch.tensor([0.5, 1.0], dtype=torch.float64)).verdict
    <Verdict.CORRECT: 'CORRECT'>
    """
    options = {"wrt": wrt, "modes": modes, "order": order, "expected": expected, "rtol": rtol, "symbolic": symbolic}
    with isolated() as state:
        return record(_checked(Call(fn, inputs, kwargs or {}), options, chosen_seed(seed), state))


def _checked(call: Call, options: Mapping[str, Any], seed: int, state: RandomState) -> GradientCheck:
    """One call checked as the options say, with the line that checks it again where there is something to say."""
    wanted, tolerance = chosen_modes(options["modes"], options["order"]), relative_tolerance(options["rtol"])
    function = torch_function(call.fn, call.inputs, call.kwargs, options["wrt"], state)
    asked = None if options["expected"] is None else Asked(options["expected"], call, function)
    formula = FormulaAsked(call, chosen_symbolic(options["symbolic"]))
    generator = torch.Generator().manual_seed(seed)
    found = _Check(function, generator, wanted, asked, formula, tolerance).result()
    if found.ok and not found.findings:
        return found
    return replace(found, reproduce=reproducing_call(call, options, seed))


@dataclass
class _Check:
    """One check at one point."""

    function: TorchFunction
    generator: torch.Generator
    modes: frozenset[str]
    asked: Asked | None
    formula: FormulaAsked
    rtol: float = 0.0
    evaluations: int = 0
    unchecked: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def result(self) -> GradientCheck:
        """Everything there is to say."""
        graph, drawn = self._without_what_asks_for_nothing(recorded(self.function))
        self.function, graph, left_out = differentiable(self.function, graph)
        base = [out.detach() for out in graph.outputs]
        self.unchecked += [*self.function.unchecked, *self.function.skipped, *left_out]
        verdicts: list[Verdict] = []
        findings: list[Finding] = []
        if entries(base) and entries(self.function.values):
            findings = list(self._findings(graph, reference(self.function, base), None if left_out else drawn))
            verdicts = [Verdict.CORRECT, *(finding.verdict for finding in findings)]
        else:
            self.unchecked.append("anything: there is no floating-point output, or no entry to differentiate by")
        return GradientCheck(
            worst_of(verdicts),
            tuple(findings),
            tuple(self.unchecked),
            self.evaluations,
            self.function.name,
            notes=tuple(self.notes),
        )

    def _findings(self, graph: Graph, ref: Reference, drawn: Pullback | None) -> Iterator[Finding]:
        """Reverse mode, the further modes, and where nothing is wrong so far other branches."""
        reverse = ReverseCheck(self.function, self.generator, rtol=self.rtol)
        found: list[Finding] = []
        try:
            found += told_by_state(list(reverse.findings(graph, ref, drawn)), self.function, graph)
            found = [*self._compared(found, graph, ref), *self._further(graph, ref)]
        except BackwardError as error:
            found.append(raised_again(self.function, error))
        self.evaluations += reverse.evaluations
        yield from found
        if all(finding.verdict is not Verdict.WRONG for finding in found):
            yield from elsewhere_findings(self.function, graph, self.generator, self.rtol)

    def _compared(self, found: list[Finding], graph: Graph, ref: Reference) -> Iterable[Finding]:
        """What reverse mode's check found, beside the expected derivative where there is one."""
        if self.asked is None:
            return self._beside_formula(found, graph, ref)
        expected = self.asked.expected(self.function, graph.outputs)
        silent = (name for name in expected.silent if name in {leaf.name for leaf in self.function.leaves})
        self.unchecked += [f"{name} against the expected derivative (nothing was expected of it)" for name in silent]
        return ThreeWay(graph, ref, expected, self.generator, self.rtol).findings(found)

    def _beside_formula(self, found: list[Finding], graph: Graph, ref: Reference) -> Iterable[Finding]:
        """What reverse mode's check found, beside the formula of the code where that is wanted."""
        if not self.formula.is_wanted(found, self.function):
            return found
        derivative = self.formula.derivative(self.function, graph.outputs)
        if isinstance(derivative, str):
            self.unchecked.append(derivative)
            return found
        self.notes += self.formula.names(derivative)
        oracle = FormulaOracle(ThreeWay(graph, ref, derivative, self.generator, self.rtol))
        decided = list(oracle.findings(found))
        self.unchecked += oracle.unchecked
        return decided

    def _without_what_asks_for_nothing(self, graph: Graph) -> tuple[Graph, Pullback | None]:
        """Inputs without requires_grad, beside others with it, are checked only if they get a gradient."""
        leaves = self.function.leaves
        optional = {leaf.name for leaf in leaves if not leaf.required and not leaf.is_parameter}
        if not optional or len(optional) == len(leaves):
            return graph, None
        drawn = pullback(self.function, graph, self.generator)
        if isinstance(drawn, Finding):
            return graph, None
        given = zip(leaves, drawn.gradient, strict=True)
        kept = [leaf.name not in optional or (g is not None and bool(g.any())) for leaf, g in given]
        silent = [leaf.name for leaf in compress(leaves, (not keep for keep in kept))]
        self.function = self.function.without(silent)
        self.unchecked += [f"{name} (it does not require grad, and gets no gradient)" for name in silent]
        reduced = replace(graph, leaves=list(compress(graph.leaves, kept)))
        return reduced, Pullback(drawn.v, list(compress(drawn.gradient, kept)))

    def _further(self, graph: Graph, ref: Reference) -> Iterator[Finding]:
        """The modes asked for beside reverse mode; what a function does not have is listed as unchecked."""
        further: dict[str, Callable[[], Iterator[Finding]]] = {
            "forward": lambda: forward_findings(self.function, ref, self.generator, self.rtol),
            "batched": lambda: batched_findings(self.function, graph, self.generator),
            "second_order": lambda: second_order_findings(self.function, graph, self.generator, self.rtol),
            "noncontiguous": lambda: layout_findings(self.function, graph, graph.pullback(self.generator)),
        }
        for mode, findings in further.items():
            if mode not in self.modes or (mode == "noncontiguous" and graph.has_custom_backward):
                self.unchecked += [f"{mode.replace('_', ' ')} (not asked for)"] if mode == "second_order" else []
                continue
            try:
                yield from findings()
            except OracleUnsupported as error:
                self.unchecked.append(f"{mode.replace('_', ' ')} ({error.reason})")
