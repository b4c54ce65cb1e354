"""The same function in double precision, so that a low-precision gradient is held against something more precise."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from gradcheck.checking.graph import Gradients, Graph
from gradcheck.checking.torch_function import Tensors, TorchFunction

AGREEMENT_ULPS = 256.0
"""Outputs in low and in double precision may differ by this many units in the last place of the low one."""

WIDER = {torch.float16: torch.float64, torch.bfloat16: torch.float64, torch.float32: torch.float64}
WIDER_COMPLEX = {torch.complex32: torch.complex128, torch.complex64: torch.complex128}


@dataclass(frozen=True)
class Reference:
    """What finite differences are taken of, and its outputs at the point; `promoted` where it runs in double."""

    function: TorchFunction
    base: Tensors
    promoted: bool


def reference(function: TorchFunction, base: Tensors) -> Reference:
    """The function with every leaf in double precision, where it runs so and agrees with itself; else as it is."""
    values = [value.to({**WIDER, **WIDER_COMPLEX}.get(value.dtype, value.dtype)) for value in function.values]
    if all(wide.dtype == value.dtype for wide, value in zip(values, function.values, strict=True)):
        return Reference(function, base, promoted=False)
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
    """How much v·J changes when every input moves by about one unit in its last place."""
    moved = function.at([_nudged(value, generator) for value in function.values])
    nudged = Graph.of(moved).backward(v)
    pairs = zip(nudged, gradient, strict=True)
    return [None if a is None or b is None else a - b for a, b in pairs]


def _nudged(x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    signs = torch.randint(0, 2, x.shape, generator=generator).to(x.device, x.dtype) * 2 - 1
    return x + torch.finfo(x.dtype).eps * signs * x  # signs of an integer dtype would take the product to float32
