"""Three ways to one derivative: autograd, finite differences and an expected one. Say which of them stands alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from gradcheck.checking.check import Finding
from gradcheck.checking.diagnosis.block import entry_index
from gradcheck.checking.diagnosis.diagnose import at, diagnose
from gradcheck.checking.evaluation.directions import cotangents, entry_sizes, input_directions
from gradcheck.checking.evaluation.graph import Gradients, Graph
from gradcheck.checking.evaluation.products import widened
from gradcheck.checking.evaluation.reference import Reference
from gradcheck.checking.evaluation.torch_function import Tensors
from gradcheck.checking.expectations.entries import difference, entry_of, largest
from gradcheck.checking.expectations.expectation import Expected
from gradcheck.checking.probing.locate import Place, along, bisect, column_of, cotangent, with_output
from gradcheck.checking.probing.probe import probe
from gradcheck.numeric.estimate import Estimate
from gradcheck.results import Verdict

TRIES = 2
"""Probes of an expected derivative: one far outside its bar, or a second one outside, convicts it."""

NEARLY = 2.0
"""A probe outside its bar by less than this factor alone convicts nobody."""

EXACT_ULPS = 512.0
"""Units in the last place by which two exact ways to a derivative may differ."""

FACTORS = (1.0, -1.7)
"""Multiples of v that are looked at: a backward pass may be right for a v of 1, and round or misuse any other."""

VANISHING = 1e-2
"""A gradient smaller than this beside that of another leaf may be 0 but for rounding, which is of the other's size."""

LOOKED_AT = 4
"""How many entries are measured on their own before one is named."""

WHOLE = ("zero", "sign", "factor", "precision", "transposed")
"""Mistakes of an expected derivative that v·J shows whatever v is."""

NOT_COMPARED = ("layout", "random_backward", "backward_raises")
"""Findings about a backward pass that say nothing of the derivative."""

RULE = (
    "of three ways to a derivative (autograd, finite differences, the expected one) the one that the other two"
    " contradict stands alone"
)
EXPECTED_REMEDY = "Correct what was passed as expected; autograd and the function itself agree."
ALONE_REMEDY = (
    "Check the forward pass: it is not the function whose derivative was expected; or both derivatives share a mistake."
)
UNDECIDED_REMEDY = "Try another point, or a function in float64 with less noise and smaller outputs."


@dataclass(frozen=True)
class Values:
    """A derivative at one place, three ways, and what the place is called."""

    where: str
    autograd: float
    expected: float
    measured: float
    bar: float

    @property
    def written(self) -> str:
        """All of them as a sentence has them."""
        measured = f"measured {self.measured:.8g} +- {self.bar:.0e}"
        return f"{self.where} is expected to be {self.expected:.8g}, by autograd {self.autograd:.8g}, {measured}"


@dataclass(frozen=True)
class ThreeWay:
    """A function's graph, what it is measured with, and its expected derivative."""

    graph: Graph
    reference: Reference
    expected: Expected
    generator: torch.Generator
    rtol: float = 0.0

    def findings(self, reverse: Sequence[Finding]) -> Iterator[Finding]:
        """What reverse mode's check found, seen beside the expected derivative."""
        wrong = next((f for f in reverse if f.verdict is Verdict.WRONG and f.kind not in NOT_COMPARED), None)
        verdict, v = self.judged()
        if wrong is not None:
            yield self.beside(wrong, verdict, v)
            yield from (finding for finding in reverse if finding is not wrong)
            return
        if verdict is Verdict.WRONG:
            yield self._expected_alone(v)
        elif verdict is Verdict.INCONCLUSIVE and not self.agree(v):
            yield self._undecided(v)
        yield from reverse

    def judged(self) -> tuple[Verdict, Tensors]:
        """Whether the expected derivative agrees with finite differences, and the v that decided."""
        verdict, v = Verdict.INCONCLUSIVE, self._cotangents()
        for doubts in range(TRIES):
            v = self._cotangents()
            gradient = self.expected.products(v)
            drawn = input_directions(self.reference.function.values, self.generator)
            u = [None if g is None else d for g, d in zip(gradient, drawn, strict=True)]
            found = replace(probe(self.reference.function, gradient, u, v, self.reference.base), rtol=self.rtol)
            if found.at_kink:
                return (Verdict.WRONG if self._confirmed(v) else Verdict.CORRECT), v
            verdict = found.verdict
            if verdict is not Verdict.WRONG:
                return verdict, v
            if doubts or found.error > NEARLY * found.bar:
                return verdict, v
        return verdict, v

    def _cotangents(self) -> Tensors:
        """A random v; 1 for a function of one number, so that v·J is the gradient itself."""
        outputs = self.graph.outputs
        if len(outputs) == 1 and outputs[0].numel() == 1:
            return widened([torch.ones_like(outputs[0])])
        return widened(cotangents(outputs, self.generator))

    def _autograd(self, v: Tensors) -> Gradients:
        return self.graph.backward([part.to(out.dtype) for part, out in zip(v, self.graph.outputs, strict=True)])

    def _apart(self, v: Tensors) -> list[tuple[int, torch.Tensor]]:
        """Each leaf of which something is expected, by how far autograd's v·J lies from it, entry by entry."""
        pairs = enumerate(zip(self._autograd(v), self.expected.products(v), strict=True))
        return [(i, difference(a, e)) for i, (a, e) in pairs if e is not None]

    def agree(self, v: Tensors) -> bool:
        """Whether autograd and the expected derivative are the same but for rounding, for a multiple of v too."""
        return all(self._agree([factor * part for part in v]) for factor in FACTORS)

    def _agree(self, v: Tensors) -> bool:
        expected = self.expected.products(v)
        vanishing = VANISHING * largest(expected)
        for number, apart in self._apart(v):
            part = expected[number]
            if part is None or not part.numel():
                continue
            relative = max(EXACT_ULPS * self._precision(number, part), self.rtol)
            if not float(apart.max()) <= relative * max(float(part.abs().max()), vanishing):
                return False
        return True

    def relative_distance(self, v: Tensors) -> float:
        """How far autograd's v·J lies from the expected one, relative to the largest entry of its leaf."""
        expected = self.expected.products(v)
        floor = VANISHING * largest(expected) or 1.0
        parts = [(apart, expected[number]) for number, apart in self._apart(v)]
        sizes = ((float(a.max()), float(part.abs().max())) for a, part in parts if part is not None and part.numel())
        return max((apart / max(size, floor) for apart, size in sizes), default=0.0)

    def _precision(self, number: int, part: torch.Tensor) -> float:
        return max(torch.finfo(dtype).eps for dtype in (part.dtype, self.graph.leaves[number].dtype))

    def _candidates(self, v: Tensors) -> list[Place]:
        """The entries where autograd and the expected derivative differ most, moves of the inputs considered."""
        ranked = []
        for number, apart in self._apart(v):
            weighted = (apart * entry_sizes(self.graph.leaves[number].detach())).reshape(-1)
            top = weighted.nan_to_num(nan=torch.inf).topk(min(LOOKED_AT, weighted.numel()))
            ranked += [(float(x), Place(number, int(i))) for x, i in zip(top.values, top.indices, strict=True) if x > 0]
        return [place for _, place in sorted(ranked, key=lambda pair: -pair[0])[:LOOKED_AT]]

    def _confirmed(self, v: Tensors) -> Place | None:
        """An entry at which the expected derivative lies outside the bar of that entry alone."""
        for place in self._candidates(v):
            part, found = self.expected.products(v)[place.leaf], along(self.reference, place, v)
            assert part is not None
            relative = max(EXACT_ULPS * self._precision(place.leaf, part), self.rtol)
            error, value = abs(entry_of(part, place.entry) - float(found.value)), abs(float(found.value))
            if not error <= float(found.error_bar) + relative * value:
                return place
        return None

    def _expected_alone(self, v: Tensors) -> Finding:
        place = self._confirmed(v) or next(iter(self._candidates(v)), Place(0, 0))
        place = Place(place.leaf, place.entry, self._row(place, v))
        values, name = self._values(place), self.expected.name
        mistake = self._mistake(place.leaf, v)
        return self._finding(
            "expected",
            place,
            values,
            f"{name} stands alone{mistake}, autograd and the finite difference agree: {values.written}",
        )

    def _undecided(self, v: Tensors) -> Finding:
        place = next(iter(self._candidates(v)), Place(0, 0))
        values = self._values(Place(place.leaf, place.entry, self._row(place, v)))
        text = f"autograd and {self.expected.name} differ, and the error bar is too wide to tell which is wrong: "
        found = self._finding("expected", place, values, text + values.written)
        return replace(found, verdict=Verdict.INCONCLUSIVE, remedy=UNDECIDED_REMEDY)

    def _finding(self, kind: str, place: Place, values: Values, text: str) -> Finding:
        name, index = self._named(place)
        numbers = (values.expected, values.measured, values.bar)
        return Finding(kind, name, index, *numbers, RULE, text, EXPECTED_REMEDY)

    def _mistake(self, leaf: int, v: Tensors) -> str:
        """What is wrong with the expected v·J, held against autograd's, where that has a name."""
        claimed, true = self.expected.products(v)[leaf], self._autograd(v)[leaf]
        if claimed is None or true is None or claimed.is_complex():
            return ""
        exact = true.detach().double().cpu().numpy()
        bar = EXACT_ULPS * self._precision(leaf, claimed) * np.max(np.abs(exact), initial=0.0)
        estimate = Estimate(exact, np.full_like(exact, bar), 0)
        found = diagnose(claimed.double().numpy(), estimate)
        told = found.kind in WHOLE or (found.kind != "other" and not self._several)
        return f" ({found.text.replace('the gradient', 'it', 1)})" if told else ""

    def beside(self, wrong: Finding, verdict: Verdict, v: Tensors) -> Finding:
        """A finding about autograd, with what the expected derivative says of it."""
        names = [leaf.name for leaf in self.reference.function.leaves]
        if wrong.place not in names:
            return wrong
        leaf = names.index(wrong.place)
        if self.expected.products(v)[leaf] is None:
            return replace(wrong, text=f"{wrong.text}; nothing was expected of {wrong.place}")
        if verdict is Verdict.CORRECT:
            return replace(wrong, text=f"{wrong.text}; {self._alone(wrong, leaf, v)}", rule=RULE)
        values = self._values(self._place(wrong, leaf, v))
        if verdict is Verdict.WRONG and self.agree(v):
            text = f"the measurement stands alone, autograd and {self.expected.name} agree: {values.written}"
            kind, remedy = "measurement_alone", ALONE_REMEDY
            mistake = wrong.text.partition("; ")[0]
            text = f"{text}; held against the measurement, {mistake}"
            return replace(wrong, kind=kind, text=text, rule=RULE, remedy=remedy)
        reason = "no two of the three agree" if verdict is Verdict.WRONG else f"{self.expected.name} is undecided"
        return replace(wrong, text=f"{wrong.text}; {reason}: {values.written}")

    def _alone(self, wrong: Finding, leaf: int, v: Tensors) -> str:
        values = self._values(self._place(wrong, leaf, v))
        agree = f"autograd stands alone, {self.expected.name} agrees with what was measured"
        return f"{agree}: {values.where} is expected to be {values.expected:.8g}"

    def _place(self, wrong: Finding, leaf: int, v: Tensors) -> Place:
        shape = self.graph.leaves[leaf].shape
        entry = int(np.ravel_multi_index(wrong.index, tuple(shape))) if wrong.index else 0
        return with_output(self.graph, self.reference, Place(leaf, entry), v)

    def _row(self, place: Place, v: Tensors) -> int:
        """The output in which autograd and the expected derivative differ most by one entry: both are exact."""

        def mismatch(first: int, last: int) -> float:
            masks = cotangent(self.graph.outputs, range(first, last))
            part = [mask.to(whole.dtype) * whole for mask, whole in zip(masks, v, strict=True)]
            pair = self._autograd(part)[place.leaf], self.expected.products(part)[place.leaf]
            return entry_of(pair[0], place.entry) - entry_of(pair[1], place.entry)

        return bisect(mismatch, sum(out.numel() for out in self.graph.outputs))

    def _values(self, place: Place) -> Values:
        row = widened(cotangent(self.graph.outputs, [place.output]))
        measured = column_of(self.reference, place, [place.output])
        pair = self._autograd(row)[place.leaf], self.expected.products(row)[place.leaf]
        name, index = self._named(place)
        output = f"the derivative of {self._output(place.output)} by " if self._several else ""
        entry = f"{name}{at(index)}" if index else name
        where = f"{output}{entry}" if output else f"the gradient at {entry}"
        numbers = (entry_of(pair[0], place.entry), entry_of(pair[1], place.entry))
        return Values(where, *numbers, float(measured.value[0]), float(measured.error_bar[0]))

    @property
    def _several(self) -> bool:
        return sum(out.numel() for out in self.graph.outputs) > 1

    def _output(self, position: int) -> str:
        """The output at a position counted over all of them, by its number where there are several."""
        outputs, number = self.graph.outputs, 0
        while position >= outputs[number].numel():
            position -= outputs[number].numel()
            number += 1
        name = f"output {number}" if len(outputs) > 1 else "the output"
        index = entry_index(position, outputs[number].shape)
        return f"{name} at {at(index)}" if index else name

    def _named(self, place: Place) -> tuple[str, tuple[int, ...]]:
        leaf = self.reference.function.leaves[place.leaf]
        return leaf.name, entry_index(place.entry, leaf.value.shape)
