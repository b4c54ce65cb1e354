"""The same function in double precision, so that a low-precision gradient is held against something more precise."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass

import torch

from gradcheck.checking.evaluation.allocation import return_freed_memory
from gradcheck.checking.evaluation.graph import Gradients, Graph, TakeGradient
from gradcheck.checking.evaluation.movement import Direction
from gradcheck.checking.evaluation.nudged import nudged
from gradcheck.checking.evaluation.products import norm_of_differences
from gradcheck.checking.evaluation.torch_function import LARGE, OUTSIDE_DOMAIN, Tensors, TorchFunction

AGREEMENT_ULPS = 256.0
"""Outputs in low and in double precision may differ by this many units in the last place of the low one."""

WIDER = {
    torch.float16: torch.float64,
    torch.bfloat16: torch.float64,
    torch.float32: torch.float64,
    torch.complex32: torch.complex128,
    torch.complex64: torch.complex128,
}


@dataclass(frozen=True)
class Reference:
    """What finite differences are taken of, and its outputs at the point; `promoted` where it runs in double."""

    function: TorchFunction
    base: Tensors
    promoted: bool


def reference(function: TorchFunction, base: Tensors) -> Reference:
    """The function with every leaf in double precision, where it runs so and agrees with itself; else as it is."""
    if not any(value.dtype in WIDER for value in function.values):
        return Reference(function, base, promoted=False)
    values = [value.to(WIDER.get(value.dtype, value.dtype)) for value in function.values]
    wide = function.at(values)
    try:
        with torch.no_grad():
            outputs = wide([value.clone() for value in values])
    except (RuntimeError, TypeError, ValueError):
        return Reference(function, base, promoted=False)
    if not _agree(outputs, base):
        return Reference(function, base, promoted=False)
    return Reference(wide, outputs, promoted=True)


def _agree(wide: Tensors, narrow: Tensors) -> bool:
    if [w.shape for w in wide] != [n.shape for n in narrow]:
        return False
    for w, n in zip(wide, narrow, strict=True):
        largest = float(w.abs().max()) if w.numel() else 0.0
        difference = float((w - n).abs().max()) if w.numel() else 0.0
        if not difference <= AGREEMENT_ULPS * torch.finfo(n.dtype).eps * largest:
            return False
    return True


def rounding_response(
    function: TorchFunction, gradient: Gradients, v: Tensors, generator: torch.Generator
) -> Gradients:
    """How much v·J changes when every input moves by about one unit in its last place; None where that is refused."""
    response: Gradients = [None] * len(gradient)

    def keep(number: int, changed: torch.Tensor) -> None:
        before = gradient[number]
        response[number] = None if before is None else changed - before

    _nudged_gradient(function, v, generator, keep)
    return response


def rounding_response_along(
    function: TorchFunction, gradient: Gradients, v: Tensors, generator: torch.Generator, u: Direction
) -> float:
    """What the entries of such a response, each times its own of u, amount to; none of them is kept."""
    norms: dict[int, float] = {}

    def measure(number: int, changed: torch.Tensor) -> None:
        norms[number] = norm_of_differences(changed, gradient[number], u[number])

    _nudged_gradient(function, v, generator, measure)
    return math.hypot(*norms.values())


def _nudged_gradient(function: TorchFunction, v: Tensors, generator: torch.Generator, take: TakeGradient) -> None:
    """v·J beside the point, leaf by leaf; nothing where the function refuses that point."""
    function.copies.clear()  # they come back when they are needed: room for a second graph
    if any(value.numel() > LARGE for value in function.values):
        return_freed_memory()
    with suppress(*OUTSIDE_DOMAIN), nudged(function.values, generator) as beside:
        Graph.of(function.at(beside)).hand_over(v, take, once=True)
