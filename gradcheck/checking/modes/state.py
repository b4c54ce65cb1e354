"""State in a backward pass: written into grad_output, read from where a later forward pass overwrites it, or gone
when it runs again. What looks like a wrong derivative then has another name.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch

from gradcheck.checking.check import Finding
from gradcheck.checking.diagnosis.explain import RULE
from gradcheck.checking.evaluation.directions import cotangents, entry_sizes
from gradcheck.checking.evaluation.graph import Graph
from gradcheck.checking.evaluation.torch_function import OUTSIDE_DOMAIN, TorchFunction
from gradcheck.results import Verdict

SUSPECT = ("misuses_grad_output", "ignores_grad_output", "layout", "other", "block", "factor")
"""Kinds that such state may look like."""

AWAY = 0.37
"""How far away, relative to each entry, the forward pass is run between two backward passes."""

NAN = float("nan")
MUTATED_TEXT = "the backward pass writes into grad_output, which autograd may hand on to others"
MUTATED_REMEDY = "Work on a copy: grad_output * y in place of grad_output.mul_(y)."
STALE_TEXT = (
    "the backward pass uses what a later forward pass has overwritten: after another evaluation the same grad_output"
    " gives another gradient"
)
STALE_REMEDY = "Save tensors with ctx.save_for_backward, not on a class, a module or a global name."
ONCE_REMEDY = "Keep what backward needs: retain_graph=True and second derivatives run it again."


def told_by_state(found: list[Finding], function: TorchFunction, graph: Graph) -> Iterator[Finding]:
    """The findings, the first that state accounts for under its own name, the others that it may account for left out.

    A backward pass that PyTorch wrote is not suspected.
    """
    suspect = next((f for f in found if f.verdict is Verdict.WRONG and f.kind in SUSPECT), None)
    named = suspect and graph.has_custom_backward and _named(suspect, function, graph)
    if not named:
        yield from found
        return
    yield named
    yield from (finding for finding in found if finding.kind not in SUSPECT)


def raised_again(function: TorchFunction, error: Exception) -> Finding:
    """That a backward pass raises which ran before."""
    text = f"the backward pass raises when it runs a second time: {error}"
    return Finding("backward_raises", function.leaves[0].name, (), NAN, NAN, NAN, RULE, text, ONCE_REMEDY)


def _named(finding: Finding, function: TorchFunction, graph: Graph) -> Finding | None:
    v = cotangents(graph.outputs, torch.Generator().manual_seed(0))
    before = [part.clone() for part in v]
    first = graph.backward(v)
    if any(not torch.equal(a, b) for a, b in zip(v, before, strict=True)):
        return finding.renamed("mutates_grad_output", MUTATED_TEXT, MUTATED_REMEDY)
    if not graph.repeats(before, first):
        return None
    _run_elsewhere(function)
    if graph.repeats(before, first):
        return None
    return finding.renamed("stale", STALE_TEXT, STALE_REMEDY)


def _run_elsewhere(function: TorchFunction) -> None:
    try:
        with torch.no_grad():
            function([(x + AWAY * entry_sizes(x)).to(x.dtype) for x in function.values])
    except OUTSIDE_DOMAIN:
        return
