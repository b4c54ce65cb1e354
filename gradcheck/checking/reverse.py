"""Reverse mode at one point: probes decide, bisection finds the place, a block of the Jacobian the mistake."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch

from gradcheck.checking.check import Finding
from gradcheck.checking.conditioning import Tested, conditioning_findings
from gradcheck.checking.directions import LARGE, cotangents, input_directions
from gradcheck.checking.explain import RULE, Failure, explain
from gradcheck.checking.functions import HELP, KINK_RULE
from gradcheck.checking.grad_output import layout_findings, random_findings
from gradcheck.checking.graph import Gradients, Graph
from gradcheck.checking.kinked import OUTSIDE_DOMAIN, beside, outside
from gradcheck.checking.locate import kinked_entry, locate, with_output
from gradcheck.checking.probe import Probe, probe
from gradcheck.checking.products import norm_of_products, widened
from gradcheck.checking.ratio import told_by_ratio
from gradcheck.checking.reference import Reference, reference, rounding_response
from gradcheck.checking.torch_function import Tensors, TorchFunction
from gradcheck.results import Verdict

PROBES = 2
"""Independent pairs of directions; one would do, a second catches what the first nearly missed. Above `LARGE` entries
one has to do: its directions keep away from 0, and time matters."""

RESPONSE = 4.0
"""Multiple of what rounding the inputs changes in a gradient that counts as its own rounding error."""

NEARLY = 2.0
"""A first probe outside its bar by less than this factor gives way to one in another direction: bars are estimates."""

NAN = float("nan")


@dataclass
class ReverseCheck:
    """One check of reverse mode at one point."""

    function: TorchFunction
    generator: torch.Generator
    evaluations: int = 0

    def findings(self, graph: Graph, ref: Reference) -> Iterator[Finding]:
        """What there is to say of the gradient, the mistake first."""
        count = 1 if entries(self.function.values) > LARGE else PROBES
        passed, doubts = 0, 0
        while passed < count:
            u, v = input_directions(ref.function.values, self.generator), cotangents(graph.outputs, self.generator)
            gradient = backward(self.function, graph, v)
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
                yield from conditioning_findings(self.function, Tested(gradient, u, v), found, self.generator)
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
        near = ReverseCheck(beside(self.function, self.generator)[0], self.generator)
        try:
            graph = Graph.of(near.function)
        except OUTSIDE_DOMAIN:
            return False
        ref = reference(near.function, [out.detach() for out in graph.outputs])
        u, v = input_directions(ref.function.values, self.generator), cotangents(graph.outputs, self.generator)
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


def backward(function: TorchFunction, graph: Graph, v: Tensors) -> Gradients | Finding:
    """v·J, or the finding that the backward pass raises."""
    try:
        return graph.backward(v)
    except Exception as error:
        text = f"the backward pass raises {type(error).__name__}: {str(error).splitlines()[0]}"
        return Finding("backward_raises", function.leaves[0].name, (), NAN, NAN, NAN, RULE, text, "Run it on its own.")


def _repeats(graph: Graph, gradient: Gradients, v: Tensors) -> bool:
    """Whether a second backward pass gives the same finite gradient: then what moves it is the input's rounding."""
    pairs = zip(graph.backward(v), gradient, strict=True)
    return all(a is b or (a is not None and b is not None and torch.equal(a, b)) for a, b in pairs)


def entries(tensors: Tensors) -> int:
    """How many entries they have together."""
    return sum(tensor.numel() for tensor in tensors)
