"""A small block of a Jacobian around a place, as autograd has it and as measured: what a mistake is named from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod

import numpy as np
import torch
from numpy.typing import NDArray

from gradcheck.checking.check import Entry, Index
from gradcheck.checking.diagnosis.diagnose import at
from gradcheck.checking.evaluation.graph import Graph
from gradcheck.checking.evaluation.reference import Reference
from gradcheck.checking.evaluation.torch_function import LARGE
from gradcheck.checking.probing.locate import Place, column_of, cotangent
from gradcheck.checking.probing.probe import ANALYTIC_ROUNDING
from gradcheck.numeric.estimate import Estimate

WHOLE = 36
"""A leaf and outputs of at most this many entries are filled whole."""

SAMPLED = 5
"""How many further entries and outputs of a larger one are looked at beside the place."""

SAMPLED_OF_LARGE = 2
"""The same where every one costs many evaluations of a large function."""

DOUBLE = torch.finfo(torch.float64).eps
"""Gradients in this precision get no more than their bars."""

SHOWN = 5
"""How many entries a finding lists."""


@dataclass(frozen=True)
class Block:
    """Claimed and measured derivatives of some outputs by some entries of one leaf; the place's own among them."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    claimed: NDArray[np.float64]
    measured: Estimate
    whole: bool

    def at(self, place: Place) -> tuple[int, int]:
        """Row and column of the place in the block."""
        return self.rows.index(place.output), self.columns.index(place.entry)


def block_around(graph: Graph, reference: Reference, place: Place) -> Block:
    """The whole Jacobian of one leaf where it is small; else some rows and columns beside the place's."""
    shape = reference.function.values[place.leaf].shape
    outputs = sum(out.numel() for out in graph.outputs)
    whole = prod(shape) <= WHOLE and outputs <= WHOLE
    paired = outputs == prod(shape) and not whole
    columns = tuple(range(prod(shape))) if whole else _chosen_entries(place, tuple(shape), paired)
    rows = tuple(range(outputs)) if outputs <= WHOLE else columns if paired else _spread({place.output}, outputs)
    small = prod(shape) <= LARGE
    measured = [
        column_of(reference, Place(place.leaf, column), rows, thorough=small or column == place.entry)
        for column in columns
    ]
    estimate = Estimate(
        np.stack([found.value for found in measured], axis=1),
        np.stack([found.error_bar for found in measured], axis=1),
        sum(found.evaluations for found in measured),
        np.stack([np.zeros(len(rows)) if f.jump is None else f.jump for f in measured], axis=1),
    )
    claimed = np.stack([_row(graph, place.leaf, row, columns) for row in rows])
    return Block(rows, columns, claimed, _with_rounding(estimate, graph, place.leaf), whole)


def _with_rounding(estimate: Estimate, graph: Graph, leaf: int) -> Estimate:
    """Bars that cover the rounding of a gradient in low precision too."""
    precision = torch.finfo(graph.leaves[leaf].dtype).eps
    rounding = ANALYTIC_ROUNDING * precision * np.abs(estimate.value)
    return replace(estimate, error_bar=estimate.error_bar + rounding) if precision > DOUBLE else estimate


def _row(graph: Graph, leaf: int, row: int, columns: tuple[int, ...]) -> NDArray[np.float64]:
    found = graph.backward_by(leaf, cotangent(graph.outputs, [row]))
    if found is None:
        return np.zeros(len(columns))
    picked = found.detach().reshape(-1)[list(columns)]
    return np.asarray(picked.real.double().cpu().numpy())


def _chosen_entries(place: Place, shape: tuple[int, ...], paired: bool) -> tuple[int, ...]:
    """The entry, and some others; of a square matrix a principal submatrix, which shows a transposition.

    Where outputs and entries are as many (`paired`), the output's own position is among them.
    """
    if len(shape) == 2 and shape[0] == shape[1] and shape[0] > 1 and not paired:
        side = sorted({*divmod(place.entry, shape[1]), 0, shape[0] - 1})
        return tuple(i * shape[1] + j for i in side for j in side)
    return _spread({place.entry, place.output} if paired else {place.entry}, prod(shape))


def _spread(positions: set[int], count: int) -> tuple[int, ...]:
    stride = max(1, count // (SAMPLED if count <= LARGE else SAMPLED_OF_LARGE))
    return tuple(sorted({*positions, *range(stride // 2, count, stride)}))


def entry_index(entry: int, shape: torch.Size) -> Index:
    """The index of an entry counted flat."""
    return tuple(int(i) for i in np.unravel_index(entry, tuple(shape))) if len(shape) else ()


def _output_index(graph: Graph, position: int) -> str:
    """The place of an output counted over all of them; nothing for a function of one number."""
    sizes = [out.numel() for out in graph.outputs]
    if sum(sizes) == 1:
        return ""
    number = next(i for i in range(len(sizes)) if position < sum(sizes[: i + 1]))
    index = entry_index(position - sum(sizes[:number]), graph.outputs[number].shape)
    return f"{number if len(sizes) > 1 else ''}{at(index) if index else ''}"


def worst_entries(block: Block, shape: torch.Size, graph: Graph) -> tuple[Entry, ...]:
    """The entries of the block outside their bars, worst first."""
    error = np.where(np.isfinite(block.claimed), np.abs(block.claimed - block.measured.value), np.inf)
    with np.errstate(all="ignore"):
        ratio = np.where(error == 0, 0.0, error / block.measured.error_bar)
    order = np.argsort(-ratio, axis=None, kind="stable")[:SHOWN]
    entries = []
    for flat in order:
        row, column = divmod(int(flat), ratio.shape[1])
        if ratio[row, column] > 1:
            entries.append(
                Entry(
                    entry_index(block.columns[column], shape),
                    float(block.claimed[row, column]),
                    float(block.measured.value[row, column]),
                    float(block.measured.error_bar[row, column]),
                    float(ratio[row, column]),
                    _output_index(graph, block.rows[row]),
                )
            )
    return tuple(entries)
