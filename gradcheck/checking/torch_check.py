"""Check the gradients of any callable on tensors: probes decide, bisection finds the place, a block the mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from gradcheck.checking.check import Finding, GradientCheck, worst_of
from gradcheck.checking.explain import RULE, Failure, explain
from gradcheck.checking.explore import FEW, elsewhere, has_custom_backward
from gradcheck.checking.functions import HELP, KINK_RULE
from gradcheck.checking.grad_output import layout_findings, random_findings
from gradcheck.checking.isolation import isolated
from gradcheck.checking.kinked import OUTSIDE_DOMAIN, beside, outside
from gradcheck.checking.locate import kinked_entry, locate, with_output
from gradcheck.checking.modes import (
    batched_findings,
    chosen_modes,
    cotangents,
    forward_findings,
    gradient_function,
)
from gradcheck.checking.oracles import OracleUnsupported
from gradcheck.checking.outputs import differentiable
from gradcheck.checking.probe import (
    Gradients,
    Graph,
    Probe,
    input_directions,
    norm_of_products,
    probe,
    widened,
)
from gradcheck.checking.ratio import told_by_ratio
from gradcheck.checking.recording import chosen_seed, record
from gradcheck.checking.reference import Reference, reference, rounding_response
from gradcheck.checking.torch_function import Tensors, TorchFunction, torch_function
from gradcheck.errors import UsageError
from gradcheck.results import Verdict

PROBES = 2
"""Independent pairs of directions; one would do, a second catches what the first nearly missed."""

MANY = 100_000
"""Above this many entries one probe has to do: its directions keep away from 0, and time matters."""

RESPONSE = 4.0
"""Multiple of what rounding the inputs changes in a gradient that counts as its own rounding error."""

NEARLY = 2.0
"""A first probe outside its bar by less than this factor gives way to one in another direction: bars are estimates."""

NO_BRANCH = ("layout", "precision")
"""What a function shows in branches tried for it without being wrong there: a saturated float32 gradient is 0."""

NAN = float("nan")


def check_gradients(
    fn: Any,
    *inputs: Any,
    wrt: Sequence[str] | str | None = None,
    kwargs: Mapping[str, Any] | None = None,
    modes: Sequence[str] | str = ("reverse",),
    order: int = 1,
    seed: int | None = None,
) -> GradientCheck:
    """Check what autograd computes for `fn(*inputs, **kwargs)` at this point.

    `fn` is any callable on tensors, or an `nn.Module`, whose parameters are checked too; inputs and outputs may be
    nested in tuples, lists and dicts. `wrt` names the inputs and parameters to check, all of them unless given.
    `modes` adds to reverse mode: "forward", "second_order" (as `order=2` does), "batched", or "all" of them.
    Probes along random directions hold autograd against finite differences with an error bar. The directions come from
    `seed` (0 unless given here or by pytest's `--gradcheck-seed`); torch's own generator stays as it is.
    Raises UsageError where the arguments cannot be used.

    >>> import torch
    >>> check_gradients(torch.sin, torch.tensor([0.5, 1.0], dtype=torch.float64)).verdict
    <Verdict.CORRECT: 'CORRECT'>
    """
    with isolated() as state:
        wanted = chosen_modes(modes, order)
        function = torch_function(fn, inputs, kwargs or {}, wrt, state)
        return record(_Reverse(function, torch.Generator().manual_seed(chosen_seed(seed)), wanted).check())


@dataclass
class _Reverse:
    """One check of reverse mode at one point."""

    function: TorchFunction
    generator: torch.Generator
    modes: frozenset[str] = frozenset()
    evaluations: int = 0
    unchecked: list[str] = field(default_factory=list)

    def check(self) -> GradientCheck:
        """Everything there is to say."""
        self._leave_out_what_asks_for_nothing()
        self.function, graph, left_out = differentiable(self.function, _recorded(self.function))
        base = [out.detach() for out in graph.outputs]
        self.unchecked += [*self.function.unchecked, *self.function.skipped, *left_out]
        verdicts: list[Verdict] = []
        findings: list[Finding] = []
        if _entries(base) and _entries(self.function.values):
            ref = reference(self.function, base)
            findings = [*self._findings(graph, ref), *self._further(graph, ref)]
            if all(finding.verdict is not Verdict.WRONG for finding in findings):
                findings += self._in_other_branches(graph)
            verdicts = [Verdict.CORRECT, *(finding.verdict for finding in findings)]
        else:
            self.unchecked.append("anything: there is no floating-point output, or no entry to differentiate by")
        return GradientCheck(
            worst_of(verdicts), tuple(findings), tuple(self.unchecked), self.evaluations, self.function.name
        )

    def _leave_out_what_asks_for_nothing(self) -> None:
        """Inputs without requires_grad, beside others with it, are checked only if they get a gradient."""
        optional = [leaf for leaf in self.function.leaves if not leaf.required and not leaf.is_parameter]
        if not optional or len(optional) == len(self.function.leaves):
            return
        graph = _recorded(self.function)
        gradient = _backward(self.function, graph, cotangents(graph, self.generator))
        if isinstance(gradient, Finding):
            return
        given = {leaf.name: g for leaf, g in zip(self.function.leaves, gradient, strict=True)}
        silent = [leaf.name for leaf in optional if (g := given[leaf.name]) is None or not g.any()]
        self.function = self.function.without(silent)
        self.unchecked += [f"{name} (it does not require grad, and gets no gradient)" for name in silent]

    def _in_other_branches(self, graph: Graph) -> list[Finding]:
        """What is wrong with a hand-written backward where the given inputs do not lead."""
        if not has_custom_backward(graph) or _entries(self.function.values) > FEW:
            return []
        for how, function in elsewhere(self.function):
            moved = _Reverse(function, self.generator)
            with suppress(*OUTSIDE_DOMAIN, UsageError):
                there = _recorded(function)
                ref = reference(function, [out.detach() for out in there.outputs])
                wrong = [
                    f for f in moved._findings(there, ref) if f.verdict is Verdict.WRONG and f.kind not in NO_BRANCH
                ]
                if wrong:
                    text = f"right at this point, wrong with its inputs {how}, in a branch that they never enter"
                    return [replace(wrong[0], kind="boundary", text=f"{text}: {wrong[0].text}")]
        return []

    def _further(self, graph: Graph, ref: Reference) -> Iterator[Finding]:
        """The modes asked for beside reverse mode; what a function does not have is listed as unchecked."""
        further: dict[str, Callable[[], Iterator[Finding]]] = {
            "forward": lambda: forward_findings(self.function, ref, self.generator),
            "batched": lambda: batched_findings(self.function, graph, self.generator),
            "second_order": lambda: self._second_order(graph),
        }
        for mode, findings in further.items():
            if mode not in self.modes:
                self.unchecked += [f"{mode.replace('_', ' ')} (not asked for)"] if mode == "second_order" else []
                continue
            try:
                yield from findings()
            except OracleUnsupported as error:
                self.unchecked.append(f"{mode.replace('_', ' ')} ({error.reason})")

    def _second_order(self, graph: Graph) -> Iterator[Finding]:
        """The same check of the gradient; what it finds is wrong in second order only."""
        second = _Reverse(gradient_function(self.function, cotangents(graph, self.generator)), self.generator)
        try:
            graph = Graph.of(second.function)
        except RuntimeError as error:
            raise OracleUnsupported(str(error).splitlines()[0]) from error
        for finding in second._findings(graph, reference(second.function, [out.detach() for out in graph.outputs])):
            kind = "second_order" if finding.verdict is Verdict.WRONG else finding.kind
            yield replace(finding, kind=kind, text=f"second order: {finding.text}")
        self.evaluations += second.evaluations

    def _findings(self, graph: Graph, ref: Reference) -> Iterator[Finding]:
        count = 1 if _entries(self.function.values) > MANY else PROBES
        passed, doubts = 0, 0
        while passed < count:
            u, v = input_directions(ref.function.values, self.generator), cotangents(graph, self.generator)
            gradient = _backward(self.function, graph, v)
            if isinstance(gradient, Finding):
                yield gradient
                return
            found = self._probe(graph, ref, gradient, u, v)
            verdict = found.verdict
            if found.at_kink:
                beyond = outside(self.function, ref, gradient, v, self.generator)
                if beyond is not None:
                    yield explain(Failure(graph, ref, gradient, v), with_output(graph, ref, beyond, v))
                    return
                verdict = Verdict.CORRECT if self._right_beside() else verdict
            if verdict is Verdict.WRONG and found.error <= NEARLY * found.bar and not doubts:
                doubts += 1
                continue
            if verdict is Verdict.WRONG:
                place = locate(graph, ref, gradient, u, v)
                finding = explain(Failure(graph, ref, gradient, v), place)
                yield told_by_ratio(finding, graph, ref, place.leaf, self.generator)
                yield from random_findings(self.function, graph, v)
                return
            passed += 1
            if passed == 1:
                yield from self._remarks(ref, found, verdict, u, v)
                yield from layout_findings(self.function, graph, gradient, v)

    def _probe(self, graph: Graph, ref: Reference, gradient: Gradients, u: Tensors, v: Tensors) -> Probe:
        found = probe(ref.function, gradient, u, widened(v), ref.base)
        self.evaluations += found.measured.evaluations
        if not ref.promoted and (found.verdict is not Verdict.WRONG or not _repeats(graph, gradient, v)):
            return found
        response = rounding_response(self.function, gradient, v, self.generator)
        return replace(found, rounding=found.rounding + RESPONSE * norm_of_products(response, u))

    def _right_beside(self) -> bool:
        """Whether a probe passes at a point close by, where the kinks of this one are out of the way."""
        near = _Reverse(beside(self.function, self.generator)[0], self.generator)
        try:
            graph = Graph.of(near.function)
        except OUTSIDE_DOMAIN:
            return False
        ref = reference(near.function, [out.detach() for out in graph.outputs])
        u, v = input_directions(ref.function.values, self.generator), cotangents(graph, self.generator)
        return near._probe(graph, ref, graph.backward(v), u, v).verdict is Verdict.CORRECT

    def _remarks(self, ref: Reference, found: Probe, verdict: Verdict, u: Tensors, v: Tensors) -> Iterator[Finding]:
        """A probe that passed at a kink, or could not decide."""
        numbers = (found.analytic, float(found.measured.value), found.bar)
        if verdict is Verdict.INCONCLUSIVE:
            text = (
                f"undecided: along a random direction the error bar is {found.bar:.1e}, the derivative {numbers[1]:.6g}"
            )
            yield Finding("inconclusive", "the point", (), *numbers, RULE, text, HELP, Verdict.INCONCLUSIVE)
        if found.at_kink:
            place = kinked_entry(ref, u, v)
            leaf = self.function.leaves[place.leaf]
            index = (
                tuple(int(i) for i in torch.unravel_index(torch.tensor(place.entry), leaf.value.shape))
                if leaf.value.ndim
                else ()
            )
            text = (
                f"kink at {leaf.name}{list(index)}: the slopes of the two sides differ, the gradient lies between them"
            )
            yield Finding("kink", leaf.name, index, *numbers, KINK_RULE, text, "", Verdict.CORRECT)


def _recorded(function: TorchFunction) -> Graph:
    """The function's graph at the point; UsageError where it raises or is not finite."""
    try:
        graph = Graph.of(function)
    except UsageError:
        raise
    except Exception as error:
        raise UsageError(f"fn raises at the point: {type(error).__name__}: {error}") from error
    for number, out in enumerate(graph.outputs):
        if not torch.isfinite(out).all():
            raise UsageError(
                f"fn must be finite at the point; output {number} holds {out[~torch.isfinite(out)][0].item()}"
            )
    return graph


def _backward(function: TorchFunction, graph: Graph, v: Tensors) -> Gradients | Finding:
    try:
        return graph.backward(v)
    except Exception as error:
        text = f"the backward pass raises {type(error).__name__}: {str(error).splitlines()[0]}"
        return Finding("backward_raises", function.leaves[0].name, (), NAN, NAN, NAN, RULE, text, "Run it on its own.")


def _repeats(graph: Graph, gradient: Gradients, v: Tensors) -> bool:
    """Whether a second backward pass gives the same finite gradient: then what moves it is the input's rounding."""
    pairs = zip(graph.backward(v), gradient, strict=True)
    return all(a is b or (a is not None and b is not None and torch.equal(a, b)) for a, b in pairs)


def _entries(tensors: Sequence[torch.Tensor]) -> int:
    return sum(tensor.numel() for tensor in tensors)
