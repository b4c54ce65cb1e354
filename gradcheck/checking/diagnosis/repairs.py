"""Name a mistake by repairing it: where the backward pass, changed in one way, gives what is measured, that is what it
lacks. A repair is tried on whole products v·J, whatever the sizes; it costs a backward pass, and one measurement serves
all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import torch

from gradcheck.checking.check import Finding
from gradcheck.checking.diagnosis.block import WHOLE
from gradcheck.checking.diagnosis.broadcast import broadcast_axes, told_by_mean
from gradcheck.checking.diagnosis.coupling import told_by_coupling
from gradcheck.checking.diagnosis.diagnose import REMEDIES
from gradcheck.checking.diagnosis.order import told_by_order
from gradcheck.checking.evaluation.directions import cotangents, dense, input_directions
from gradcheck.checking.evaluation.graph import Gradients, Graph
from gradcheck.checking.evaluation.large_direction import LargeDirection
from gradcheck.checking.evaluation.movement import Direction, Partial
from gradcheck.checking.evaluation.products import inner, norm_of_products, widened
from gradcheck.checking.evaluation.reference import Reference
from gradcheck.checking.evaluation.torch_function import OUTSIDE_DOMAIN, Tensors
from gradcheck.checking.probing.locate import Place, along
from gradcheck.checking.probing.measure import measure
from gradcheck.checking.probing.probe import ANALYTIC_ROUNDING
from gradcheck.numeric.estimate import Estimate
from gradcheck.results import Verdict

UNNAMED = ("other", "single_entry", "row", "column", "block")
"""Kinds that a repair overrules: it explains the whole gradient."""

CONJUGATE_REMEDY = "Multiply grad_output by the conjugate of the derivative: PyTorch's gradient is that of a real loss."
SAME = 1e-12
"""How near, relatively, a matrix must be to its transpose to count as symmetric."""

SYMMETRIC = (
    "the function reads one triangle of this symmetric matrix, and the gradient is shared evenly between both:"
    " right for changes that keep the matrix symmetric"
)

LOOKED_AT = 8
"""How many entries are looked at for one that is right."""

SAMPLED_TEXT = "the gradient is wrong at some of the entries looked at"

STANDS_OUT = 10.0
"""Multiple of the bar above which a measured derivative is there."""


@dataclass(frozen=True)
class Repair:
    """A change of a backward pass that would make it right, and the mistake it stands for.

    `possible` says whether it applies to a leaf and the outputs; `product` gives the repaired v·J for that leaf.
    """

    kind: str
    text: str
    remedy: str
    possible: Callable[[torch.Tensor, Tensors], bool]
    product: Callable[[Callable[[Tensors], torch.Tensor], Tensors], torch.Tensor]


def _square(leaf: torch.Tensor, _: Tensors) -> bool:
    return leaf.ndim > 1 and leaf.shape[-1] == leaf.shape[-2] > 1


def _square_like_output(leaf: torch.Tensor, outputs: Tensors) -> bool:
    return _square(leaf, outputs) and all(out.shape == leaf.shape for out in outputs)


def _complex(leaf: torch.Tensor, outputs: Tensors) -> bool:
    return leaf.is_complex() or any(out.is_complex() for out in outputs)


REPAIRS: tuple[Repair, ...] = (
    Repair(
        "conjugate",
        "the gradient lacks a complex conjugate",
        CONJUGATE_REMEDY,
        _complex,
        lambda backward, v: backward([part.conj().resolve_conj() for part in v]).conj(),
    ),
    Repair(
        "transposed",
        "the gradient is transposed",
        REMEDIES["transposed"],
        _square,
        lambda backward, v: backward(v).mT,
    ),
    Repair(
        "transposed",
        "the derivative that grad_output is multiplied by is transposed",
        REMEDIES["transposed"],
        _square_like_output,
        lambda backward, v: backward([part.mT for part in v]).mT,
    ),
)
"""What is tried, in this order."""


def told_by_repair(finding: Finding, graph: Graph, ref: Reference, leaf: int, generator: torch.Generator) -> Finding:
    """The finding, with the kind that a repair or the backward pass's structure proves."""
    subject = _Backward(graph, ref, leaf, generator)
    if finding.kind != "transposed" and subject.symmetric():
        _, _, place = finding.text.rpartition("; ")
        return replace(finding, kind="symmetric", text=f"{SYMMETRIC}; {place}", remedy="", verdict=Verdict.CORRECT)
    if finding.kind == "transposed" and graph.leaves[leaf].numel() > WHOLE and not subject.transposed():
        kind = "block" if subject.right_somewhere() else "other"
        finding = finding.renamed(kind, SAMPLED_TEXT, REMEDIES[kind])
    if finding.kind not in UNNAMED:
        return told_by_mean(finding, graph.leaves[leaf], graph.outputs)
    for repair in REPAIRS:
        if repair.possible(graph.leaves[leaf], graph.outputs) and subject.repaired(repair):
            return finding.renamed(repair.kind, repair.text, repair.remedy)
    entry = int(np.ravel_multi_index(finding.index, graph.leaves[leaf].shape)) if finding.index else 0
    found = _told_by_structure(finding, subject, entry)
    found = found if found.kind not in UNNAMED else told_by_coupling(found, graph, ref, leaf, generator)
    return found if found.kind not in UNNAMED else told_by_order(found, graph, ref, leaf, generator)


def _told_by_structure(finding: Finding, subject: _Backward, entry: int) -> Finding:
    """What the backward pass makes of parts of grad_output, where it has a name."""
    if subject.exchanged():
        return finding.renamed("transposed", "the Jacobian is transposed", REMEDIES["transposed"])
    if (axis := subject.summed_too_little(entry)) is not None:
        text = f"the gradient lacks the sum over the axis that the input is broadcast along (axis {axis} of the output)"
        return finding.renamed("missing_sum", text, REMEDIES["missing_sum"])
    if subject.lacks_coupling():
        text = "the Jacobian has its diagonal only: the terms that couple different entries are missing"
        return finding.renamed("missing_coupling", text, REMEDIES["missing_coupling"])
    return finding


@dataclass(frozen=True)
class _Backward:
    """One leaf's part of a backward pass, and what it is held against."""

    graph: Graph
    ref: Reference
    leaf: int
    generator: torch.Generator

    def __call__(self, v: Tensors) -> torch.Tensor:
        given = [part.to(out.dtype) for part, out in zip(v, self.graph.outputs, strict=True)]
        part = self.graph.backward_by(self.leaf, given)
        return torch.zeros_like(self.graph.leaves[self.leaf]) if part is None else part.detach()

    def repaired(self, repair: Repair) -> bool:
        """Whether v·J so changed is what is measured, along two directions, and as it is is not."""
        drawn = (self._random(), self._random())
        return all(self._agrees(repair.product(self, v), v, instead_of=self(v)) for v in drawn)

    def symmetric(self) -> bool:
        """Whether the function reads one triangle of a symmetric matrix, and its gradient is the symmetric one."""
        leaf = self.graph.leaves[self.leaf].detach()
        if leaf.is_complex() or not _square(leaf, []) or not torch.equal(leaf, leaf.mT):
            return False
        v = self._random()
        product = self(v)
        even = float((product - product.mT).abs().max()) <= SAME * float(product.abs().max())
        return even and self._reads_one_triangle() and all(self._agrees_symmetrically(product, v) for _ in range(2))

    def _reads_one_triangle(self) -> bool:
        """Whether one triangle can change with no effect on any output."""
        return any(self._unmoved(side) for side in (torch.triu, torch.tril))

    def _unmoved(self, side: Callable[..., torch.Tensor]) -> bool:
        function = self.ref.function
        values, unchanged = ([x.clone() for x in function.values] for _ in range(2))
        matrix = values[self.leaf]
        off_diagonal = side(torch.ones_like(matrix), 1 if side is torch.triu else -1)
        values[self.leaf] = matrix + off_diagonal * matrix.abs().max()
        with torch.no_grad(), suppress(*OUTSIDE_DOMAIN):
            return all(torch.equal(a, b) for a, b in zip(function(values), function(unchanged), strict=True))
        return False

    def _agrees_symmetrically(self, product: torch.Tensor, v: Tensors) -> bool:
        moved = self._dense_drawn()
        u = self._alone(moved + moved.mT)
        return self._error(product, u, measure(self.ref.function, u, v, self.ref.base)) <= 1

    def transposed(self) -> bool:
        """Whether the gradient, the slopes or the whole Jacobian would be right if they were transposed."""
        leaf, outputs = self.graph.leaves[self.leaf], self.graph.outputs
        repairs = (repair for repair in REPAIRS if repair.kind == "transposed" and repair.possible(leaf, outputs))
        return any(self.repaired(repair) for repair in repairs) or self.exchanged()

    def exchanged(self) -> bool:
        """Whether the backward pass multiplies by the Jacobian where it should by its transpose."""
        leaf, outputs = self.graph.leaves[self.leaf], self.graph.outputs
        if len(outputs) != 1 or outputs[0].numel() != leaf.numel() or _complex(leaf, outputs):
            return False
        return all(self._exchanged(self._random()) for _ in range(2))

    def _exchanged(self, v: Tensors) -> bool:
        """Whether v·J u is what the backward pass gives for u, times v, and not what it gives for v, times u."""
        output, moved = self.graph.outputs[0], self._dense_drawn()
        u = self._alone(moved)
        measured = measure(self.ref.function, u, v, self.ref.base)
        weighted = self([moved.reshape(output.shape)]) * v[0].reshape(moved.shape) / moved
        return self._error(weighted, u, measured) <= 1 < self._error(self(v), u, measured)

    def right_somewhere(self) -> bool:
        """Whether v·J is right at some entries that have a derivative."""
        v, leaf = self._random(), self.graph.leaves[self.leaf]
        claimed = self(v).reshape(-1)
        for entry in range(0, leaf.numel(), max(1, leaf.numel() // LOOKED_AT)):
            measured = along(self.ref, Place(self.leaf, entry), v)
            value, bar = float(measured.value), float(measured.error_bar)
            rounding = ANALYTIC_ROUNDING * torch.finfo(claimed.dtype).eps * abs(value)
            if abs(value) > STANDS_OUT * bar and abs(float(claimed[entry].real) - value) <= bar + rounding:
                return True
        return False

    def summed_too_little(self, entry: int) -> int | None:
        """The output's axis along which the leaf is broadcast, while one slice of grad_output counts for an entry."""
        if len(self.graph.outputs) != 1:
            return None
        (first,) = self.graph.outputs
        for axis in broadcast_axes(self.graph.leaves[self.leaf], first):
            v = self._random()
            for kept in (0, first.shape[axis] - 1):
                rest = [_without(v[0], axis, kept)]
                inside = [v[0] - rest[0]]
                silent = not self(rest).any() and self(v).any()
                agrees = silent and not self._agrees(self(rest), rest) and self._agrees(self(inside), inside)
                if agrees and self._reaches(entry, inside):
                    return axis
        return None

    def _reaches(self, entry: int, v: Tensors) -> bool:
        """Whether an entry has a derivative under a grad_output."""
        measured = along(self.ref, Place(self.leaf, entry), v)
        return abs(float(measured.value)) > STANDS_OUT * float(measured.error_bar)

    def lacks_coupling(self) -> bool:
        """Whether claimed derivatives link each entry to its own output alone, and measured ones link others."""
        leaf, outputs = self.graph.leaves[self.leaf], self.graph.outputs
        if len(outputs) != 1 or outputs[0].shape != leaf.shape or leaf.numel() < 2 or leaf.is_complex():
            return False
        v = self._random()
        half = torch.rand(leaf.shape, generator=self.generator).to(leaf.device) < 0.5
        if self([v[0] * half])[~half].any() or self([v[0] * ~half])[half].any():
            return False
        u = self._alone(self._dense_drawn() * ~half)
        measured = measure(self.ref.function, u, widened([v[0] * half]), self.ref.base)
        return abs(float(measured.value)) > STANDS_OUT * float(measured.error_bar)

    def _random(self) -> Tensors:
        return widened(cotangents(self.graph.outputs, self.generator))

    def _drawn(self) -> torch.Tensor | LargeDirection:
        """A random direction of the leaf."""
        return input_directions(self.ref.function.values, self.generator)[self.leaf]

    def _dense_drawn(self) -> torch.Tensor:
        return dense(self._drawn(), self.graph.leaves[self.leaf].shape)

    def _alone(self, moved: torch.Tensor | Partial) -> Direction:
        """The direction in which the leaf moves, and nothing else."""
        return [moved if number == self.leaf else None for number in range(len(self.ref.function.values))]

    def _agrees(self, product: torch.Tensor, v: Tensors, instead_of: torch.Tensor | None = None) -> bool:
        """Whether a product v·J is what is measured along a random direction, and another one is not."""
        u = self._alone(self._drawn())
        measured = measure(self.ref.function, u, v, self.ref.base)
        found = self._error(product, u, measured) <= 1
        return found and (instead_of is None or self._error(instead_of, u, measured) > 1)

    def _error(self, product: torch.Tensor, u: Direction, measured: Estimate) -> float:
        """How far a product v·J lies from what was measured, in bars."""
        gradient: Gradients = [product if number == self.leaf else None for number in range(len(u))]
        precision = max(torch.finfo(x.dtype).eps for x in (product, *self.graph.outputs))
        rounding = ANALYTIC_ROUNDING * precision * norm_of_products(gradient, u)
        bar = float(measured.error_bar) + rounding
        error = abs(inner(gradient, u) - float(measured.value))
        return error / bar if bar else float("inf") if error else 0.0


def _without(v: torch.Tensor, axis: int, kept: int) -> torch.Tensor:
    """The tensor with one slice along an axis set to 0."""
    found = v.clone()
    found.select(axis, kept).zero_()
    return found
