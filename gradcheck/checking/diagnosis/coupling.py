"""Whether the terms that couple different entries are right but for one factor, at any size.

With grad_output at some entries and a step in the others, no entry's own term is left in v·J u.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch

from gradcheck.checking.check import Finding
from gradcheck.checking.diagnosis.diagnose import REMEDIES
from gradcheck.checking.diagnosis.factors import name_factor
from gradcheck.checking.evaluation.directions import cotangents, input_directions
from gradcheck.checking.evaluation.graph import Graph
from gradcheck.checking.evaluation.products import inner, widened
from gradcheck.checking.evaluation.reference import Reference
from gradcheck.checking.evaluation.torch_function import LARGE
from gradcheck.checking.probing.measure import measure

STANDS_OUT = 100.0
"""Multiple of the bar above which the coupling terms are there."""

DRAWS = 3
"""Ways to part the entries in two."""


def told_by_coupling(finding: Finding, graph: Graph, ref: Reference, leaf: int, generator: torch.Generator) -> Finding:
    """The finding, named after the one factor between the coupling terms and the true ones, where there is one."""
    value = graph.leaves[leaf]
    paired = len(graph.outputs) == 1 and graph.outputs[0].shape == value.shape
    if not paired or value.is_complex() or not 2 < value.numel() <= LARGE:
        return finding
    ratios = list(_ratios(graph, ref, leaf, generator))
    low, high = max((c - bar for c, bar in ratios), default=0.0), min((c + bar for c, bar in ratios), default=0.0)
    if len(ratios) < DRAWS or low > high:
        return finding
    factor = name_factor((low + high) / 2, (high - low) / 2, {})
    how = "with the wrong sign" if low <= -1 <= high else factor.text if factor.named else ""
    text = f"the terms that couple different entries are wrong, {how}"
    return finding.renamed("wrong_coupling", text, REMEDIES["wrong_coupling"]) if how else finding


def _ratios(graph: Graph, ref: Reference, leaf: int, generator: torch.Generator) -> Iterator[tuple[float, float]]:
    """The claimed coupling over the measured one, and the error bar of that, for each way to part the entries."""
    value, (output,) = graph.leaves[leaf], graph.outputs
    for _ in range(DRAWS):
        half = (torch.rand(value.shape, generator=generator) < 0.5).to(value.device)
        (v,) = cotangents([output], generator)
        drawn = input_directions([ref.function.values[leaf]], generator)[0]
        part = graph.backward([v * half])[leaf]
        if part is None or not isinstance(drawn, torch.Tensor):
            return
        moved = drawn * ~half
        u = [moved if number == leaf else None for number in range(len(graph.leaves))]
        measured = measure(ref.function, u, widened([v * half]), ref.base)
        true, bar = float(measured.value), float(measured.error_bar)
        if abs(true) > STANDS_OUT * bar:
            ratio = inner([part], [moved]) / true
            yield ratio, (1 + abs(ratio)) * (bar / abs(true) + torch.finfo(output.dtype).eps)
