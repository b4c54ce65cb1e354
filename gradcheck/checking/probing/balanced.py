"""A grad_output under which outputs of very different size count alike.

Beside an output of 1e12 the projection loses what one of 1e-12 does. Weighted by how far each output moves, none is
lost; those whose move drowns in their own rounding are left out. Only outputs that each depend on their own entry can
be weighted so: where a gradient is a difference of large terms, weights this uneven leave nothing but their rounding.
"""

from __future__ import annotations

import torch

from gradcheck.checking.evaluation.directions import cotangents, directions
from gradcheck.checking.evaluation.graph import Graph, Pullback
from gradcheck.checking.evaluation.line import Line
from gradcheck.checking.evaluation.movement import Direction
from gradcheck.checking.evaluation.reference import Reference
from gradcheck.checking.evaluation.torch_function import Tensors
from gradcheck.numeric.quick import FAR

UNSEEN = 1e-5
"""An output smaller than this beside the largest may be wrong by a fraction that a probe of all does not see."""

FEW = 10_000
"""Outputs are looked at one by one up to this many: of more, some are always that small."""

CLEAR = 1e6
"""An output has to move by this many units in its last place."""

LOWEST = 1e-60
"""Moves below this beside the largest are left out: their weights might overflow on the way back."""

HALVES = 2
"""How often the entries are parted in two, to see whether those of one half answer to the other."""


def are_uneven(outputs: Tensors) -> bool:
    """Whether some outputs, in double precision, are so small beside others that a probe of all does not see them."""
    if any(out.dtype is not torch.float64 for out in outputs) or not 1 < sum(out.numel() for out in outputs) <= FEW:
        return False
    sizes = torch.cat([out.detach().reshape(-1) for out in outputs]).abs()
    smallest, largest = float(torch.where(sizes > 0, sizes, torch.inf).min()), float(sizes.max())
    return smallest < UNSEEN * largest


def balanced(graph: Graph, ref: Reference, u: Direction, generator: torch.Generator) -> Pullback | None:
    """A backward pass with a random grad_output over each output's move along u; None where there is none such."""
    if not _are_separate(graph, generator):
        return None
    try:
        moved = Line(ref.function, u)(FAR)
    except ArithmeticError:
        return None
    moves = [(out - before).abs() for out, before in zip(moved, ref.base, strict=True)]
    largest = max(float(part.max()) for part in moves if part.numel())
    v = []
    for drawn, move, before in zip(directions(ref.base, generator), moves, ref.base, strict=True):
        clear = (move > CLEAR * torch.finfo(before.dtype).eps * before.abs()) & (move > LOWEST * largest)
        v.append(torch.where(clear, drawn * (largest / move), 0.0))
    if not all(bool(part.isfinite().all()) for part in v) or not any(bool(part.any()) for part in v):
        return None
    return Pullback(v, graph.backward(v))


def _are_separate(graph: Graph, generator: torch.Generator) -> bool:
    """Whether each entry of an output answers to the entries in its own place alone, as far as a few halves show."""
    shape = graph.outputs[0].shape
    if any(x.shape != shape for x in (*graph.leaves, *graph.outputs)):
        return False
    for _ in range(HALVES):
        half = (torch.rand(shape, generator=generator) < 0.5).to(graph.outputs[0].device)
        for side in (half, ~half):
            found = graph.backward([v * side for v in cotangents(graph.outputs, generator)])
            if any(part is not None and bool(part[~side].any()) for part in found):
                return False
    return True
