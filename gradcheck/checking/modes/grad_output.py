"""A backward pass must not depend on how grad_output lies in memory, nor on the moment it runs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import compress

import torch

from gradcheck.checking.check import Finding
from gradcheck.checking.evaluation.graph import Gradients, Graph, Pullback
from gradcheck.checking.evaluation.torch_function import Tensors, TorchFunction

TOLERANCE_ULPS = 512.0
FACTOR = -4.0
"""Of the other sign, and a power of 2: rounding then commutes with it, however much the terms of a gradient cancel."""

NAN = float("nan")
LINEAR_RULE = "a backward pass is linear in grad_output"
LINEAR_REMEDY = "Every term of the backward pass must be grad_output times something that does not depend on it."
LAYOUT_RULE = "a gradient depends on the values of grad_output, not on their order in memory"
LAYOUT_REMEDY = "Call grad_output.contiguous() before .view() or a kernel that reads memory in order."
RANDOM_RULE = "two backward passes with the same grad_output give the same gradient"
RANDOM_REMEDY = "Save the random numbers that the forward pass drew, and reuse them in the backward pass."


def invariance_findings(function: TorchFunction, graph: Graph, drawn: Pullback) -> Iterator[Finding]:
    """What a gradient that is right for one grad_output does with other ones: scaled, or stored in another order.

    Only a backward that is not PyTorch's own is asked.
    """
    if graph.has_custom_backward:
        yield from _linearity_findings(function, graph, drawn)
        yield from layout_findings(function, graph, drawn)


def _linearity_findings(function: TorchFunction, graph: Graph, drawn: Pullback) -> Iterator[Finding]:
    """Compare with a multiple of the same grad_output, of the other sign: one output shows no more of `g.abs()`."""
    scaled = graph.backward([FACTOR * part for part in drawn.v])
    expected = [None if part is None else FACTOR * part for part in drawn.gradient]
    place = _difference(function, scaled, expected)
    if place is not None:
        text = f"the backward pass misuses grad_output: {FACTOR:g} times it does not give {FACTOR:g} times the gradient"
        yield Finding("misuses_grad_output", place, (), NAN, NAN, NAN, LINEAR_RULE, text, LINEAR_REMEDY)


def layout_findings(function: TorchFunction, graph: Graph, drawn: Pullback) -> Iterator[Finding]:
    """Compare with the same grad_output stored in another order, and with an expanded one beside its copy."""
    if all(out.numel() <= 1 for out in graph.outputs):
        return
    yield from _compared(
        function, graph, [_reordered(part) for part in drawn.v], drawn.gradient, "transposed in memory"
    )
    expanded = [out.new_ones(()).expand(out.shape) for out in graph.outputs]
    copied = graph.backward([part.contiguous() for part in expanded])
    yield from _compared(
        function, graph, expanded, copied, "expanded, as sum().backward() passes it", yardstick=drawn.gradient
    )


def random_findings(function: TorchFunction, graph: Graph, drawn: Pullback) -> Iterator[Finding]:
    """Whether the same backward pass, repeated, gives something else."""
    differs = [part is not None for part in drawn.gradient]

    def compare(number: int, part: torch.Tensor) -> None:
        differs[number] = _differ(part, drawn.gradient[number])

    graph.hand_over(drawn.v, compare)
    for leaf in compress(function.leaves, differs):
        text = "the backward pass is random: repeated with the same grad_output it gives another gradient"
        yield Finding("random_backward", leaf.name, (), NAN, NAN, NAN, RANDOM_RULE, text, RANDOM_REMEDY)
        return


def _compared(
    function: TorchFunction,
    graph: Graph,
    cotangents: Tensors,
    expected: Gradients,
    how: str,
    *,
    yardstick: Gradients | None = None,
) -> Iterator[Finding]:
    try:
        place = _difference(function, graph.backward(cotangents), expected, yardstick)
    except Exception as error:
        text = f"the backward pass raises where grad_output is {how}: {error}"
        yield Finding("layout", function.leaves[0].name, (), NAN, NAN, NAN, LAYOUT_RULE, text, LAYOUT_REMEDY)
        return
    if place is not None:
        text = f"the backward pass depends on the memory layout: grad_output {how} gives another gradient"
        yield Finding("layout", place, (), NAN, NAN, NAN, LAYOUT_RULE, text, LAYOUT_REMEDY)


def _difference(
    function: TorchFunction, found: Gradients, expected: Gradients, yardstick: Gradients | None = None
) -> str | None:
    """The first leaf whose gradients differ by more than rounding."""
    parts = zip(function.leaves, found, expected, yardstick or expected, strict=True)
    return next((leaf.name for leaf, a, b, typical in parts if _differ(a, b, typical)), None)


def _differ(a: torch.Tensor | None, b: torch.Tensor | None, typical: torch.Tensor | None = None) -> bool:
    """Whether two gradients of a leaf differ by more than rounding, or only one of them is there.

    Where terms cancel (a sum's gradient through a normalisation is 0), the rounding is that of the terms: `typical`
    is a gradient in which they do not.
    """
    if a is None or b is None:
        return a is not b
    if torch.equal(a, b) or not torch.isfinite(b).all():
        return False
    largest = max(float(x.abs().max()) for x in (b, typical) if x is not None)
    return not float((a - b).abs().max()) <= TOLERANCE_ULPS * torch.finfo(b.dtype).eps * largest


def _reordered(tensor: torch.Tensor) -> torch.Tensor:
    """The same values, stored last axis first; with a gap between the entries of a vector."""
    if tensor.ndim > 1:
        return tensor.permute(*reversed(range(tensor.ndim))).contiguous().permute(*reversed(range(tensor.ndim)))
    return torch.stack([tensor, tensor], dim=-1)[..., 0]
