"""Name the mistake behind a failed probe: a small block of the Jacobian around the place, filled and diagnosed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod

import numpy as np
import torch
from numpy.typing import NDArray

from gradcheck.checking.check import Finding
from gradcheck.checking.diagnosis.block import SHOWN, Block, block_around, entry_index, worst_entries
from gradcheck.checking.diagnosis.diagnose import LOW_PRECISION, REMEDIES, at, diagnose
from gradcheck.checking.diagnosis.expressions import named_slip
from gradcheck.checking.evaluation.directions import cotangents
from gradcheck.checking.evaluation.graph import Gradients, Graph
from gradcheck.checking.evaluation.reference import Reference
from gradcheck.checking.functions import KINK_RULE
from gradcheck.checking.messages import told_apart
from gradcheck.checking.modes.grad_output import LINEAR_REMEDY, LINEAR_RULE
from gradcheck.checking.probing.locate import Place, along
from gradcheck.results import Diagnosis, Verdict

LOCAL = ("permuted", "wrong_coupling", "single_entry", "row", "column", "block", "other")
"""Kinds that speak of positions; in a sample these are told anew."""

RULE = "a gradient is wrong where it differs from the finite difference by more than the error bar"

DETACHED = Diagnosis(
    "none",
    "autograd gives no gradient at all (None): the path from the input to the output is detached",
    "Look for .detach(), .data, .item(), NumPy or torch.no_grad() on the way, or a backward that returns None.",
)
NOT_LINEAR = Diagnosis(
    "misuses_grad_output",
    "the backward pass misuses grad_output: it is right for single outputs, but not linear in grad_output",
    LINEAR_REMEDY,
)
IGNORES = Diagnosis(
    "ignores_grad_output",
    "the backward pass ignores grad_output: another one gives the same gradient",
    "Multiply the local derivative by grad_output.",
)
ROUNDED = Diagnosis("precision", "the gradient is right to float32 precision only", REMEDIES["precision"])
LITTLE = Diagnosis(
    "other",
    "the gradient is wrong as a whole, at no single entry by more than its error bar",
    REMEDIES["other"],
)
OTHER_SEED = 1_000_003
"""Seed of a grad_output unlike the one that failed: a check's own seed would draw that one again."""

LINEAR_ULPS = 64.0
"""Units in the last place of the largest entry by which a linear backward pass may fail to be additive."""
ROUNDED_ULPS = LOW_PRECISION / np.finfo(np.float64).eps
"""The same for one that goes through float32 on its way."""


@dataclass(frozen=True)
class Failure:
    """A failed probe: the recorded function, what it was held against, v·J, and v."""

    graph: Graph
    reference: Reference
    gradient: Gradients
    v: list[torch.Tensor]


def explain(failure: Failure, place: Place) -> Finding:
    """The finding about a wrong gradient at a place."""
    graph, reference = failure.graph, failure.reference
    leaf = reference.function.leaves[place.leaf]
    block = block_around(graph, reference, place)
    diagnosis = _diagnosis(failure, place, block)
    row, column = block.at(place)
    claimed, measured = float(block.claimed[row, column]), float(block.measured.value[row, column])
    bar = float(block.measured.error_bar[row, column])
    index = entry_index(place.entry, leaf.value.shape)
    where = f"{leaf.name}{list(index)}" if index else leaf.name
    output = _output_name(reference, place.output)
    text = f"{diagnosis.text}; the derivative of {output} by {where} {_numbers(claimed, measured, bar)}"
    if diagnosis in (NOT_LINEAR, IGNORES, LITTLE, ROUNDED):
        claimed, measured, bar = _along_v(failure, place)
        numbers = _numbers(claimed, measured, bar)
        text = f"{diagnosis.text}; with a random grad_output the gradient at {where} {numbers}"
    return Finding(
        diagnosis.kind,
        leaf.name,
        index,
        claimed,
        measured,
        bar,
        LINEAR_RULE if diagnosis in (NOT_LINEAR, IGNORES) else KINK_RULE if diagnosis.kind == "kink" else RULE,
        text,
        diagnosis.remedy,
        Verdict.WRONG,
        worst_entries(block, leaf.value.shape, graph),
    )


def _numbers(claimed: float, measured: float, bar: float) -> str:
    first, second = told_apart(claimed, measured, 6)
    return f"is {first}, measured {second} +- {bar:.0e}"


def _along_v(failure: Failure, place: Place) -> tuple[float, float, float]:
    """The entry of the failed gradient v·J, what was measured for it, and the bar."""
    found = failure.gradient[place.leaf]
    claimed = 0.0 if found is None else float(found.detach().reshape(-1)[place.entry].real)
    measured = along(failure.reference, place, failure.v)
    return claimed, float(measured.value), float(measured.error_bar)


def _diagnosis(failure: Failure, place: Place, block: Block) -> Diagnosis:
    if failure.gradient[place.leaf] is None:
        return DETACHED
    if _ignores_grad_output(failure):
        return IGNORES
    bar = block.measured.error_bar + 1e-9 * np.abs(block.measured.value)
    if np.all(np.abs(block.claimed - block.measured.value) <= bar):
        excess = _nonlinearity(failure)
        return LITTLE if excess <= LINEAR_ULPS else ROUNDED if excess <= ROUNDED_ULPS else NOT_LINEAR
    return _named(failure.graph, failure.reference, place, block)


def _named(graph: Graph, reference: Reference, place: Place, block: Block) -> Diagnosis:
    shape = tuple(reference.function.values[place.leaf].shape)
    outputs = tuple(graph.outputs[0].shape) if len(graph.outputs) == 1 else (len(block.rows),)
    sizes = _sizes(place.leaf, reference, graph)
    if block.whole:
        whole = (*outputs, *shape)
        found = diagnose(block.claimed.reshape(whole), block.measured.reshape(*whole), len(outputs), sizes)
        values = (x.detach().double() for x in (graph.leaves[place.leaf], *graph.outputs)) if _is_real(graph) else ()
        if len(pair := [x.cpu().numpy() for x in values]) == 2:
            found = named_slip(found, block.claimed.reshape(whole), block.measured.reshape(*whole), *pair)
        return _named_block(found, block)
    side = _square_side(block, shape)
    if side:
        square = (len(block.rows), side, side)
        return _sampled(diagnose(block.claimed.reshape(square), block.measured.reshape(*square), 1, sizes), block)
    return _sampled(diagnose(block.claimed, block.measured, 1, sizes), block)


def _is_real(graph: Graph) -> bool:
    return not any(x.is_complex() for x in (*graph.leaves, *graph.outputs))


def _sampled(found: Diagnosis, block: Block) -> Diagnosis:
    """A diagnosis from a sample: what it says of positions inside the sample is told as counts."""
    if found.kind not in LOCAL:
        return found
    wrong = np.abs(block.claimed - block.measured.value) > block.measured.error_bar + 1e-12
    columns, rows = int(wrong.any(axis=0).sum()), int(wrong.any(axis=1).sum())
    rest = "block" if _confined(block, wrong) else "other"
    kind = "single_entry" if wrong.sum() == 1 else "column" if columns == 1 else "row" if rows == 1 else rest
    text = f"the gradient is wrong at {int(wrong.sum())} of {wrong.size} entries looked at"
    return replace(found, kind=kind, text=text, remedy=REMEDIES[kind])


def _confined(block: Block, wrong: NDArray[np.bool_]) -> bool:
    """Whether some input entries are wrong wherever they have a derivative, and others right where they have one."""
    present = np.abs(block.measured.value) > block.measured.error_bar
    columns = wrong.any(axis=0)
    return bool((wrong | ~present)[:, columns].all() and present[:, ~columns].any())


def _named_block(found: Diagnosis, block: Block) -> Diagnosis:
    """What no detector recognised in a whole Jacobian may still be some input entries' derivatives."""
    wrong = ~(np.abs(block.claimed - block.measured.value) <= block.measured.error_bar + 1e-12)
    if found.kind != "other" or not _confined(block, wrong):
        return found
    columns = ", ".join(str(column) for column in np.flatnonzero(wrong.any(axis=0))[:SHOWN])
    text = f"only the derivatives with respect to some input entries are wrong (counted flat: {columns})"
    return Diagnosis("block", text, REMEDIES["block"])


def _nonlinearity(failure: Failure) -> float:
    """Units in the last place by which the gradient for a sum of two grad_outputs is not the sum of theirs."""
    other = cotangents(failure.graph.outputs, torch.Generator().manual_seed(OTHER_SEED))
    both = failure.graph.backward([a + b for a, b in zip(failure.v, other, strict=True)])
    parts = zip(both, failure.gradient, failure.graph.backward(other), strict=True)
    return max((_excess(*part) for part in parts), default=0.0)


def _excess(both: torch.Tensor | None, first: torch.Tensor | None, second: torch.Tensor | None) -> float:
    if both is None or first is None or second is None or not both.numel():
        return 0.0
    largest = max(float(part.abs().max()) for part in (both, first, second))
    apart = float((both - first - second).abs().max())
    return apart / (torch.finfo(both.dtype).eps * largest) if apart else 0.0


def _ignores_grad_output(failure: Failure) -> bool:
    there = any(part is not None and bool(part.any()) for part in failure.gradient)
    scaled = ([factor * part for part in failure.v] for factor in (3, 0.01))
    return there and all(failure.graph.repeats(v, failure.gradient) for v in scaled)


def _square_side(block: Block, shape: tuple[int, ...]) -> int:
    side = round(len(block.columns) ** 0.5)
    if block.rows == block.columns:
        return 0
    return side if len(shape) == 2 and shape[0] == shape[1] and side * side == len(block.columns) else 0


def _sizes(leaf: int, reference: Reference, graph: Graph) -> dict[str, int]:
    """Numbers that a factor may come from: of the leaf, of the output, and for a loss of the other leaves."""
    shape = tuple(graph.leaves[leaf].shape)
    outputs = sum(out.numel() for out in graph.outputs)
    sizes = {"the number of entries": prod(shape), "the number of outputs": outputs}
    sizes |= _axes("", shape)
    if len(graph.outputs) == 1:
        sizes |= _axes(" of the output", tuple(graph.outputs[0].shape))
    for number, other in enumerate(reference.function.leaves if outputs == 1 else ()):
        sizes |= _axes(f" of {other.name}", tuple(other.value.shape)) if number != leaf else {}
    return {name: size for name, size in sizes.items() if size > 2}


def _axes(whose: str, shape: tuple[int, ...]) -> dict[str, int]:
    return {f"the length of axis {axis}{whose}": length for axis, length in enumerate(shape)} if len(shape) > 1 else {}


def _output_name(reference: Reference, position: int) -> str:
    """The output at a position counted over all outputs, as a person writes it."""
    for output in reference.function.evaluate(reference.function.values):
        shape = output.value.shape
        if position < output.value.numel():
            name = "the output" if output.name == "output" else output.name
            index = entry_index(position, shape)
            return f"{name} at {at(index)}" if index else name
        position -= output.value.numel()
    return "the output"
