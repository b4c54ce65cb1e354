"""The ways of differentiating beyond one backward pass: forward mode, a second derivative, batched backward passes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import torch
from torch.autograd import forward_ad

from gradcheck.checking.check import Finding
from gradcheck.checking.diagnosis.block import entry_index
from gradcheck.checking.diagnosis.explain import RULE
from gradcheck.checking.evaluation.directions import cotangents, dense, directions, input_directions
from gradcheck.checking.evaluation.graph import Gradients, Graph
from gradcheck.checking.evaluation.movement import Direction, Partial
from gradcheck.checking.evaluation.products import inner, norm_of_products, widened
from gradcheck.checking.evaluation.reference import Reference, reference
from gradcheck.checking.evaluation.torch_function import Output, Tensors, TorchFunction
from gradcheck.checking.modes.reverse import ReverseCheck
from gradcheck.checking.oracles import OracleUnsupported
from gradcheck.checking.probing.locate import descend
from gradcheck.checking.probing.measure import measure
from gradcheck.errors import UsageError
from gradcheck.results import Verdict

MODES = ("reverse", "forward", "second_order", "batched", "noncontiguous")
"""What can be asked for beside reverse mode, which is always checked."""

TOLERANCE_ULPS = 512.0
NAN = float("nan")
FORWARD_REMEDY = "Look at jvp(): it must return the derivative of forward() along the tangents."
BATCHED_RULE = "a batch of backward passes gives what the same passes give one by one"
BATCHED_REMEDY = "Look at vmap(), or set generate_vmap_rule; a backward must not depend on the number of its axes."


def chosen_modes(modes: Sequence[str] | str, order: int) -> frozenset[str]:
    """The modes asked for; UsageError names what is accepted.

    >>> sorted(chosen_modes("all", 1)) == sorted(MODES)
    True
    """
    asked = (modes,) if isinstance(modes, str) else tuple(modes)
    wanted = MODES if asked == ("all",) else asked
    for mode in wanted:
        if mode not in MODES:
            raise UsageError(f"modes: {mode!r} is unknown; accepted are {', '.join(MODES)}, or 'all'")
    if order not in (1, 2):
        raise UsageError(f"order: must be 1 or 2, got {order!r}")
    return frozenset({*wanted, *(("second_order",) if order == 2 else ())})


def forward_findings(
    function: TorchFunction, ref: Reference, generator: torch.Generator, rtol: float = 0.0
) -> Iterator[Finding]:
    """Hold forward mode against finite differences along one direction; OracleUnsupported where there is none."""
    u, v = input_directions(ref.function.values, generator), widened(directions(ref.base, generator))
    tangents = _tangents(function, u)
    measured = measure(ref.function, u, v, ref.base)
    claimed = inner(v, tangents)
    precision = max((torch.finfo(out.dtype).eps for out in tangents), default=0.0)
    bar = float(measured.slope_bar) + (64 * precision + rtol) * norm_of_products(v, tangents)
    jump = 0.0 if measured.jump is None else abs(float(measured.jump))
    if abs(claimed - float(measured.value)) - jump / 2 <= bar:
        return

    def mismatch(direction: Direction) -> float:
        along = measure(ref.function, direction, v, ref.base)
        return inner(v, _tangents(function, direction)) - float(along.value)

    place = descend(mismatch, u)
    leaf = function.leaves[place.leaf]
    index = entry_index(place.entry, leaf.value.shape)
    text = f"forward mode is wrong: along a random direction it gives {claimed:.6g}, measured {measured.value:.6g}"
    where = f"; first of all by {leaf.name}{list(index)}" if index else ""
    numbers = (claimed, float(measured.value), bar)
    yield Finding("forward_mode", leaf.name, index, *numbers, RULE, text + where, FORWARD_REMEDY)


def _tangents(function: TorchFunction, u: Direction) -> Tensors:
    """J u by forward mode."""
    try:
        with torch.no_grad(), forward_ad.dual_level():
            pairs = zip(function.values, u, strict=True)
            duals = [_dual(x.clone(), d) for x, d in pairs]
            parts = [forward_ad.unpack_dual(out) for out in function(duals)]
    except RuntimeError as error:
        raise OracleUnsupported(str(error).splitlines()[0]) from error
    return [torch.zeros_like(part.primal) if part.tangent is None else part.tangent for part in parts]


def _dual(x: torch.Tensor, d: torch.Tensor | Partial | None) -> torch.Tensor:
    if d is None:
        return x
    dual: torch.Tensor = forward_ad.make_dual(x, dense(d, x.shape).to(x.dtype))
    return dual


def batched_findings(function: TorchFunction, graph: Graph, generator: torch.Generator) -> Iterator[Finding]:
    """Compare two backward passes in one batch with the same two one by one; OracleUnsupported where there is none."""
    both = [cotangents(graph.outputs, generator) for _ in range(2)]
    reached = [number for number, out in enumerate(graph.outputs) if out.requires_grad]
    if not reached:
        return
    stacked = [torch.stack([v[number] for v in both]) for number in reached]
    outputs = [graph.outputs[number] for number in reached]
    try:
        found: Gradients = list(
            torch.autograd.grad(
                outputs, graph.leaves, stacked, retain_graph=True, allow_unused=True, is_grads_batched=True
            )
        )
    except RuntimeError as error:
        raise OracleUnsupported(str(error).splitlines()[0]) from error
    for number, v in enumerate(both):
        for leaf, alone, batch in zip(function.leaves, graph.backward(v), found, strict=True):
            if alone is not None and (batch is None or not _equal(batch[number], alone)):
                text = "batched backward passes (is_grads_batched) give another gradient than one at a time"
                yield Finding("batched", leaf.name, (), NAN, NAN, NAN, BATCHED_RULE, text, BATCHED_REMEDY)
                return


def _equal(found: torch.Tensor, expected: torch.Tensor) -> bool:
    if not expected.numel():
        return True
    bar = TOLERANCE_ULPS * torch.finfo(expected.dtype).eps * float(expected.abs().max())
    return float((found - expected).abs().max()) <= bar


def second_order_findings(
    function: TorchFunction, graph: Graph, generator: torch.Generator, rtol: float = 0.0
) -> Iterator[Finding]:
    """The same check of the gradient; what it finds is wrong in second order only."""
    gradient = gradient_function(function, cotangents(graph.outputs, generator))
    second = ReverseCheck(gradient, generator, rtol=rtol)
    try:
        graph = Graph.of(second.function)
    except RuntimeError as error:
        raise OracleUnsupported(str(error).splitlines()[0]) from error
    for finding in second.findings(graph, reference(second.function, [out.detach() for out in graph.outputs])):
        kind = "second_order" if finding.verdict is Verdict.WRONG else finding.kind
        yield replace(finding, kind=kind, text=f"second order: {finding.text}")


def gradient_function(function: TorchFunction, v: Tensors) -> TorchFunction:
    """The function's gradient v·J as a function of the same leaves, to be checked in its turn."""

    def evaluate(values: Sequence[torch.Tensor]) -> list[Output]:
        recording = torch.is_grad_enabled()
        leaves = [x if x.requires_grad else x.detach().requires_grad_() for x in values]
        with torch.enable_grad():
            pairs = [(out, d.to(out.dtype)) for out, d in zip(function(leaves), v, strict=True) if out.requires_grad]
            outputs, vectors = zip(*pairs, strict=True) if pairs else ((), ())
            found: Gradients = list(
                torch.autograd.grad(outputs, leaves, vectors, create_graph=True, allow_unused=True) if pairs else ()
            ) or [None] * len(leaves)
        named = zip(function.leaves, leaves, found, strict=True)
        parts = ((leaf.name, torch.zeros_like(x) if g is None else g) for leaf, x, g in named)
        return [Output(f"the gradient by {name}", g if recording else g.detach()) for name, g in parts]

    return TorchFunction(f"the gradient of {function.name}", function.leaves, evaluate)
