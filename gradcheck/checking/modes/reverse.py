"""Reverse mode at one point: probes decide, bisection finds the place, a block of the Jacobian the mistake."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch

from gradcheck.checking.check import Finding
from gradcheck.checking.diagnosis.block import entry_index
from gradcheck.checking.diagnosis.conditioning import Tested, conditioning_findings
from gradcheck.checking.diagnosis.diagnose import at
from gradcheck.checking.diagnosis.explain import RULE, Failure, explain
from gradcheck.checking.diagnosis.ratio import told_by_ratio
from gradcheck.checking.diagnosis.repairs import told_by_repair
from gradcheck.checking.evaluation.allocation import return_freed_memory
from gradcheck.checking.evaluation.directions import aligned, input_directions
from gradcheck.checking.evaluation.graph import Graph, Pullback
from gradcheck.checking.evaluation.movement import Whole
from gradcheck.checking.evaluation.products import widened
from gradcheck.checking.evaluation.reference import Reference, reference, rounding_response_along
from gradcheck.checking.evaluation.torch_function import LARGE, OUTSIDE_DOMAIN, Tensors, TorchFunction
from gradcheck.checking.functions import HELP, KINK_RULE
from gradcheck.checking.kinks.irregular import has_no_gradient, is_far_from_those_around
from gradcheck.checking.kinks.kinked import NEARBY, beside, outside, symmetric_like
from gradcheck.checking.kinks.subgradient import ELSEWHERE, NO_GRADIENT
from gradcheck.checking.modes.grad_output import invariance_findings, random_findings
from gradcheck.checking.probing.balanced import are_uneven, balanced
from gradcheck.checking.probing.locate import Place, kinked_entry, locate, with_output
from gradcheck.checking.probing.probe import Probe, decided_quickly, probe
from gradcheck.checking.tolerance import tolerance_findings, with_tolerance
from gradcheck.results import Verdict

PROBES = 2
"""A random direction, and one in which no terms cancel, which catches what the first nearly missed. Above `LARGE`
entries one has to do: its directions keep away from 0, and time matters."""

RESPONSE = 4.0
"""Multiple of what rounding the inputs changes in a gradient that counts as its own rounding error."""

NEARLY = 2.0
"""A first probe outside its bar by less than this factor gives way to one in another direction: bars are estimates."""

STAIRS = (
    "undecided: the gradient is 0 and the outputs do not move close to the point, but rise in small stairs farther"
    " away; that is right for a function that rounds, and wrong for arithmetic in a low precision"
)
AROUND = 0.03
"""How far, relative to each entry, points around a kink lie whose gradients say whether a backward pass is right."""

FAR_WRONG = 100.0
"""A probe there counts as wrong where it is outside its bar by this factor."""

STAIRS_HELP = "Check the function with the rounding taken out, or all of it in double precision."
NAN = float("nan")


@dataclass
class ReverseCheck:
    """One check of reverse mode at one point."""

    function: TorchFunction
    generator: torch.Generator
    evaluations: int = 0
    rtol: float = 0.0

    def findings(self, graph: Graph, ref: Reference, drawn: Pullback | None = None) -> Iterator[Finding]:
        """What there is to say of the gradient, the mistake first; `drawn` is a backward pass that was run already."""
        first = drawn or pullback(self.function, graph, self.generator)
        if isinstance(first, Finding):
            yield first
        elif (quickly := self._quickly(ref, first)) is Verdict.INCONCLUSIVE:
            yield Finding("inconclusive", "the point", (), 0.0, NAN, NAN, RULE, STAIRS, STAIRS_HELP, quickly)
        elif quickly is Verdict.CORRECT:
            yield from self._unseen(graph, ref)
            yield from invariance_findings(self.function, graph, first)
        else:
            yield from self._probed(graph, ref, first)

    def _quickly(self, ref: Reference, first: Pullback) -> Verdict | None:
        """What a few evaluations decide, if they do."""
        u = input_directions(ref.function.values, self.generator)
        decision = decided_quickly(ref.function, first.gradient, u, widened(first.v), ref.base)
        self.evaluations += decision.evaluations
        return decision.verdict

    def _probed(self, graph: Graph, ref: Reference, first: Pullback) -> Iterator[Finding]:
        """Probes with error bars, until enough have passed or one has failed."""
        count = 1 if entries(self.function.values) > LARGE else PROBES
        passed, doubts, drawn = 0, 0, first
        while passed < count:
            u = input_directions(ref.function.values, self.generator)
            u = aligned(u, drawn.gradient) if passed else u
            found = self._probe(graph, ref, drawn, u)
            verdict, failure = found.verdict, Failure(graph, ref, drawn.gradient, drawn.v)
            if found.at_kink:
                beyond = outside(self.function, ref, drawn, self.generator, self.rtol)
                if beyond is not None:
                    one = self._irregular(ref, drawn, u, found, beyond)
                    yield one or explain(failure, with_output(graph, ref, beyond, drawn.v))
                    return
                right = self._right_beside()
                wrong = [] if right else list(self._wrong_around())
                if wrong:
                    yield from wrong
                    return
                verdict = Verdict.CORRECT if right else verdict
            if verdict is Verdict.WRONG and (doubts or found.error > NEARLY * found.bar):
                one = self._irregular(ref, drawn, u, found)
                mistakes = [one] if one else list(self.mistake(failure, u))
                yield from mistakes
                if all(each.kind == "precision" for each in mistakes):  # which says nothing against the rest
                    yield from invariance_findings(self.function, graph, drawn)
                return
            if verdict is Verdict.WRONG:
                doubts += 1
            else:
                yield from () if passed else self._passed(ref, found, verdict, u, drawn)
                passed += count if found.is_tight and verdict is Verdict.CORRECT else 1
            drawn = graph.pullback(self.generator) if passed < count else drawn
        yield from self._unseen(graph, ref)
        yield from invariance_findings(self.function, graph, first)

    def _unseen(self, graph: Graph, ref: Reference) -> Iterator[Finding]:
        """A mistake at outputs that are too small beside others to be seen in one sum with them."""
        if not are_uneven(ref.base):
            return
        u = input_directions(ref.function.values, self.generator)
        drawn = balanced(graph, ref, u, self.generator)
        if drawn is None or decided_quickly(ref.function, drawn.gradient, u, drawn.v, ref.base).verdict:
            return
        found = self._probe(graph, ref, drawn, u)
        if found.verdict is Verdict.WRONG and not found.at_kink and found.error > NEARLY * found.bar:
            yield from self.mistake(Failure(graph, ref, drawn.gradient, drawn.v), u)

    def _passed(self, ref: Reference, found: Probe, verdict: Verdict, u: Whole, drawn: Pullback) -> Iterator[Finding]:
        """What a probe that did not fail leaves to be said."""
        yield from tolerance_findings(found)
        yield from conditioning_findings(self.function, Tested(drawn.gradient, u, drawn.v), found, self.generator)
        yield from self._remarks(ref, found, verdict, u, drawn.v)

    def mistake(self, failure: Failure, u: Whole) -> Iterator[Finding]:
        """Where it is, and what."""
        graph, ref = failure.graph, failure.reference
        if entries(self.function.values) > LARGE:
            return_freed_memory()
        place = locate(graph, ref, failure.gradient, u, failure.v)
        found = told_by_ratio(explain(failure, place), graph, ref, place.leaf, self.generator)
        found = told_by_repair(found, graph, ref, place.leaf, self.generator)
        yield with_tolerance(found, self.rtol)
        yield from random_findings(self.function, graph, Pullback(failure.v, failure.gradient))

    def _probe(self, graph: Graph, ref: Reference, drawn: Pullback, u: Whole) -> Probe:
        gradient, v = drawn.gradient, drawn.v
        found = replace(probe(ref.function, gradient, u, widened(v), ref.base), rtol=self.rtol)
        self.evaluations += found.measured.evaluations
        if not ref.promoted and (found.verdict is not Verdict.WRONG or not graph.repeats(v, gradient)):
            return found
        response = rounding_response_along(self.function, gradient, v, self.generator, u)
        return replace(found, rounding=found.rounding + RESPONSE * response)

    def _irregular(
        self, ref: Reference, drawn: Pullback, u: Whole, found: Probe, place: Place | None = None
    ) -> Finding | None:
        """What is said of a gradient that is right at points around, where there is none at the point itself."""
        if entries(self.function.values) > LARGE:  # `has_no_gradient` looks at smaller ones alone
            return None
        if not self._right_beside(AROUND) or not has_no_gradient(ref, drawn.v, self.generator, place):
            return None
        if is_far_from_those_around(self.function, drawn, u, self.generator):
            return None
        numbers = (found.analytic, float(found.measured.value), found.bar)
        return Finding("kink", "the point", (), *numbers, KINK_RULE, NO_GRADIENT, ELSEWHERE, Verdict.INCONCLUSIVE)

    def _right_beside(self, distance: float = NEARBY) -> bool:
        """Whether a probe passes at a point close by, where the kinks of this one are out of the way."""
        probed = self._beside(distance)
        return probed is not None and probed.found.verdict is Verdict.CORRECT

    def _beside(self, distance: float) -> _Beside | None:
        """A probe at such a point; None where the function refuses it."""
        near = ReverseCheck(beside(self.function, self.generator, distance)[0], self.generator, rtol=self.rtol)
        try:
            graph = Graph.of(near.function)
        except OUTSIDE_DOMAIN:
            return None
        ref = reference(near.function, [out.detach() for out in graph.outputs])
        moves = zip(self.function.values, input_directions(ref.function.values, self.generator), strict=True)
        u = [symmetric_like(x, part) if isinstance(part, torch.Tensor) else part for x, part in moves]
        drawn = graph.pullback(self.generator)
        return _Beside(near, Failure(graph, ref, drawn.gradient, drawn.v), u, near._probe(graph, ref, drawn, u))

    def _wrong_around(self) -> Iterator[Finding]:
        """The mistake at points around, where two of them have one: at a kink it may lie between the slopes."""
        both = [self._beside(AROUND) for _ in range(2)]
        first = both[0]
        if first is not None and all(one is not None and one.is_wrong for one in both):
            for finding in first.check.mistake(first.failure, first.u):
                yield replace(finding, text=f"at points around, where there is no kink: {finding.text}")

    def _remarks(self, ref: Reference, found: Probe, verdict: Verdict, u: Whole, v: Tensors) -> Iterator[Finding]:
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
            index = entry_index(place.entry, leaf.value.shape)
            where = f"{leaf.name}{at(index)}" if index else leaf.name
            text = f"kink at {where}: the slopes of the two sides differ, the gradient lies between them"
            yield Finding("kink", leaf.name, index, *numbers, KINK_RULE, text, "", Verdict.CORRECT)


@dataclass(frozen=True)
class _Beside:
    """A check at a point close by, and a probe there with what it would take to tell its mistake."""

    check: ReverseCheck
    failure: Failure
    u: Whole
    found: Probe

    @property
    def is_wrong(self) -> bool:
        """Whether the probe fails by far."""
        return self.found.verdict is Verdict.WRONG and self.found.error > FAR_WRONG * self.found.bar


def pullback(function: TorchFunction, graph: Graph, generator: torch.Generator) -> Pullback | Finding:
    """A backward pass with a random grad_output, or the finding that it raises."""
    try:
        return graph.pullback(generator)
    except Exception as error:
        text = f"the backward pass raises {error}"
        return Finding("backward_raises", function.leaves[0].name, (), NAN, NAN, NAN, RULE, text, "Run it on its own.")


def entries(tensors: Tensors) -> int:
    """How many entries they have together."""
    return sum(tensor.numel() for tensor in tensors)
