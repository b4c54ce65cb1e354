"""Whether a gradient's numbers are right and stand at other entries, at any size: one measurement serves all orders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count, islice

import numpy as np
import torch
from numpy.typing import NDArray

from gradcheck.checking.check import Finding
from gradcheck.checking.diagnosis.diagnose import REMEDIES, at
from gradcheck.checking.diagnosis.permutations import INPUT, Order, arrangements
from gradcheck.checking.evaluation.directions import cotangents, input_directions
from gradcheck.checking.evaluation.graph import Graph
from gradcheck.checking.evaluation.movement import Direction
from gradcheck.checking.evaluation.products import CHUNK, inner, widened
from gradcheck.checking.evaluation.reference import Reference
from gradcheck.checking.evaluation.torch_function import LARGE, Tensors
from gradcheck.checking.probing.locate import Place, along
from gradcheck.checking.probing.probe import ANALYTIC_ROUNDING, Probe, probe

PARTNERS = 4
"""How many entries that have the number measured at another one are tried for it."""


@dataclass(frozen=True)
class _Drawn:
    """A leaf's part of v·J, and its probe along a direction of that leaf."""

    v: Tensors
    product: torch.Tensor
    u: Direction
    found: Probe

    @classmethod
    def of(cls, graph: Graph, ref: Reference, leaf: int, generator: torch.Generator) -> _Drawn | None:
        v = cotangents(graph.outputs, generator)
        product = graph.backward_by(leaf, v)
        if product is None:
            return None
        drawn = input_directions([ref.function.values[leaf]], generator)[0]
        u = [drawn if number == leaf else None for number in range(len(graph.leaves))]
        gradient = [product if number == leaf else None for number in range(len(graph.leaves))]
        found = probe(ref.function, gradient, u, widened(v), ref.base, thorough=product.numel() <= LARGE)
        return cls(v, product.detach(), [drawn], found)

    def fits(self, order: Order) -> bool:
        """Whether the same numbers in another order are what was measured."""
        arranged = torch.from_numpy(np.ascontiguousarray(order(self.product.cpu().numpy()))).to(self.product.device)
        other = replace(self.found, analytic=inner([arranged], self.u))
        return other.error <= other.bar < self.found.error


def told_by_order(finding: Finding, graph: Graph, ref: Reference, leaf: int, generator: torch.Generator) -> Finding:
    """The finding, named after the order in which the gradient would be right, along two directions."""
    value = graph.leaves[leaf]
    if value.numel() < 2 or value.dtype is torch.bfloat16:
        return finding
    first = _Drawn.of(graph, ref, leaf, generator)
    if first is None or first.found.error <= first.found.bar:
        return finding
    entry = int(np.ravel_multi_index(finding.index, value.shape)) if finding.index else 0
    for how, order in (*arrangements(tuple(value.shape)), *_exchanges(first, ref, Place(leaf, entry))):
        if first.fits(order):
            again = _Drawn.of(graph, ref, leaf, generator)
            if again is not None and again.fits(order):
                return finding.renamed("permuted", f"{INPUT}: {how}", REMEDIES["permuted"])
    return finding


def _exchanges(drawn: _Drawn, ref: Reference, place: Place) -> Iterator[tuple[str, Order]]:
    """The entry exchanged with one that has the number measured at it."""
    measured = along(ref, place, drawn.v, thorough=drawn.product.numel() <= LARGE)
    true, bar = float(measured.value), float(measured.error_bar)
    rounding = ANALYTIC_ROUNDING * torch.finfo(drawn.product.dtype).eps * abs(true)
    shape = tuple(drawn.product.shape)
    near = islice(_entries_near(drawn.product, true, bar + rounding), PARTNERS)
    for partner in (other for other in near if other != place.entry):
        pair = sorted((place.entry, partner))
        places = (at(tuple(int(i) for i in np.unravel_index(entry, shape))) for entry in pair)
        yield f"those at {' and '.join(places)} are exchanged", _Exchange(*pair)


def _entries_near(tensor: torch.Tensor, number: float, distance: float) -> Iterator[int]:
    """The entries, counted flat, that are no farther from a number; a large tensor is never copied whole."""
    for start, piece in zip(count(step=CHUNK), tensor.reshape(-1).split(CHUNK), strict=False):
        for position in ((piece.real.double() - number).abs() <= distance).nonzero()[:, 0].tolist():
            yield start + position


@dataclass(frozen=True)
class _Exchange:
    """The order in which two entries, counted flat, have changed places."""

    first: int
    second: int

    def __call__(self, array: NDArray[np.float64]) -> NDArray[np.float64]:
        found = array.copy()
        found.flat[[self.first, self.second]] = found.flat[[self.second, self.first]]
        return found
