"""Whether one number relates a whole gradient to the true one: along random directions their ratio is the same.

A block of a Jacobian shows some entries; the ratio of v·J u to what is measured sees all of them at once. Where it
is constant the mistake is a factor, a sign or a zero; where it is not, it lies at some entries only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch

from gradcheck.checking.check import Finding
from gradcheck.checking.diagnosis.diagnose import REMEDIES
from gradcheck.checking.diagnosis.factors import name_factor
from gradcheck.checking.evaluation.directions import input_directions
from gradcheck.checking.evaluation.graph import Graph
from gradcheck.checking.evaluation.products import inner, norm_of_products, widened
from gradcheck.checking.evaluation.reference import Reference
from gradcheck.checking.evaluation.torch_function import LARGE
from gradcheck.checking.probing.locate import Place, along
from gradcheck.checking.probing.measure import Projection
from gradcheck.checking.probing.probe import ANALYTIC_ROUNDING

TRIES = 4
"""Directions; three must have a derivative that stands out of its bar, except along the only line there is."""

QUICK_TRIES = 3
"""Directions along which a ratio is looked at without an error bar first: a sweep costs as much as several of them."""

STANDS_OUT = 10.0
"""Multiple of the bar above which a derivative along a direction has a ratio worth comparing."""

MARGIN = 8.0
"""Factor on the bar of a ratio: a gradient's own rounding, where its terms cancel, is more than its size says."""

BLURRED = 0.2
"""A ratio known no better than this overrules nothing."""

LOOKED_AT = 8
"""How many entries are looked at for one that is right."""

VARIES = 0.5
"""Ratios are off by one factor where what they are off by differs by less than this fraction."""

PARTIAL = ("single_entry", "row", "column", "block", "other", "misuses_grad_output")
"""Kinds that a constant ratio overrules."""

WHOLE = ("factor", "sign", "zero")
"""Kinds that a ratio which is not constant overrules."""


def told_by_ratio(finding: Finding, graph: Graph, ref: Reference, leaf: int, generator: torch.Generator) -> Finding:
    """The finding, with the kind that the ratio over the whole leaf proves where it contradicts the one named."""
    if finding.kind not in (*PARTIAL, *WHOLE):
        return finding
    if finding.kind in PARTIAL and graph.leaves[leaf].numel() > LARGE and _plainly_varies(graph, ref, leaf, generator):
        return finding
    ratios: list[tuple[float, float]] = []
    for ratio in _ratios(graph, ref, leaf, generator):
        ratios.append(ratio)
        low, high = max(c - bar for c, bar in ratios), min(c + bar for c, bar in ratios)
        if low > high:
            return _somewhere(finding) if finding.kind in WHOLE else finding
    if len(ratios) < 3 or low <= 1 <= high or high - low > BLURRED or finding.kind in WHOLE:
        return finding
    if finding.kind != "misuses_grad_output" and _spares_one(graph, ref, leaf, (low + high) / 2 - 1, generator):
        return finding
    return _everywhere(finding, low, high)


def _ratios(graph: Graph, ref: Reference, leaf: int, generator: torch.Generator) -> Iterator[tuple[float, float]]:
    """The ratio along each direction that has one, with its error bar."""
    precision = max(torch.finfo(x.dtype).eps for x in (graph.leaves[leaf], *graph.outputs))
    for _ in range(TRIES):
        claimed, size, projection = _drawn(graph, ref, leaf, generator)
        measured = projection.measure()
        value, bar = float(measured.value), float(measured.error_bar)
        if abs(value) > STANDS_OUT * bar:
            rounding = ANALYTIC_ROUNDING * precision * (size + abs(value))
            yield claimed / value, MARGIN * (bar * (1 + abs(claimed / value)) + rounding) / abs(value)


def _drawn(graph: Graph, ref: Reference, leaf: int, generator: torch.Generator) -> tuple[float, float, Projection]:
    """v·J u along a random direction of the leaf alone, what its terms amount to, and what can be measured of it."""
    u = input_directions([ref.function.values[leaf]], generator)
    drawn = replace(graph, leaves=[graph.leaves[leaf]]).pullback(generator)
    only = [u[0] if number == leaf else None for number in range(len(graph.leaves))]
    projection = Projection.of(ref.function, only, widened(drawn.v), ref.base)
    return inner(drawn.gradient, u), norm_of_products(drawn.gradient, u), projection


def _plainly_varies(graph: Graph, ref: Reference, leaf: int, generator: torch.Generator) -> bool:
    """Whether the ratios along a few directions, without error bars, are off in ways that no one factor is."""
    off: list[float] = []
    for _ in range(QUICK_TRIES):
        claimed, _, projection = _drawn(graph, ref, leaf, generator)
        value = projection.quickly().value
        off += [claimed / value - 1] if value else []
        if len(off) > 1 and max(off) - min(off) > VARIES * max(map(abs, off)):
            return True
    return False


def _spares_one(graph: Graph, ref: Reference, leaf: int, off: float, generator: torch.Generator) -> bool:
    """Whether an entry's derivative is right: a large one that is `off` may hide it along every direction."""
    drawn, count = graph.pullback(generator), graph.leaves[leaf].numel()
    found = drawn.gradient[leaf]
    if found is None or count > LARGE:
        return False
    for entry in range(0, count, max(1, count // LOOKED_AT)):
        measured = along(ref, Place(leaf, entry), drawn.v)
        expected, error = abs(off * float(measured.value)), abs(_entry(found, entry) - float(measured.value))
        if expected > STANDS_OUT * max(float(measured.error_bar), error):
            return True
    return False


def _entry(part: torch.Tensor, entry: int) -> float:
    return float(part.detach().reshape(-1)[entry].real)


def _everywhere(finding: Finding, low: float, high: float) -> Finding:
    if low <= 0 <= high:
        return finding.renamed("zero", "the gradient is zero everywhere", REMEDIES["zero"])
    if low <= -1 <= high:
        return finding.renamed("sign", "the gradient has the wrong sign", REMEDIES["sign"])
    factor = name_factor((low + high) / 2, (high - low) / 2, {})
    return finding.renamed("factor", f"the gradient is {factor.text}", REMEDIES["factor"])


def _somewhere(finding: Finding) -> Finding:
    text = "the gradient is wrong at some entries, each in the same way, and right at others"
    return finding.renamed("block", text, REMEDIES["block"])
