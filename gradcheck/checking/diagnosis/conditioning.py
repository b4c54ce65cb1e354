"""Say where a gradient is ill-conditioned: rounding its inputs moves it so much that few of its digits mean anything.

Looked into only where the error bar is wider than a function in its precision has it: an ordinary check pays nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch

from gradcheck.checking.check import Finding
from gradcheck.checking.diagnosis.block import entry_index
from gradcheck.checking.diagnosis.diagnose import at
from gradcheck.checking.evaluation.directions import dense
from gradcheck.checking.evaluation.graph import Gradients
from gradcheck.checking.evaluation.movement import Whole
from gradcheck.checking.evaluation.products import norm_of_products
from gradcheck.checking.evaluation.reference import rounding_response, rounding_response_along
from gradcheck.checking.evaluation.torch_function import Tensors, TorchFunction
from gradcheck.checking.probing.probe import Probe
from gradcheck.results import Verdict

SUSPECT = 0.45
"""A bar beyond this power of the precision, relative to the gradient, is looked into: 1e-7 in float64."""

LOST = 0.636
"""A gradient that rounding moves by more than this power of the precision is ill-conditioned: 1e-10 in float64, half a
million times as much as the inputs moved."""

REMEDY = "Scale or regularise the function, or expect fewer digits; no step size makes such a point easy."
FEWEST_ULPS = 32.0
"""In a 16-bit precision a backward pass's own rounding moves it by some units in its last place; so many are more."""

RULE = "a gradient is ill-conditioned where it moves far more, relatively, than its inputs"


@dataclass(frozen=True)
class Tested:
    """What a probe tested: v·J, and the directions u of the inputs and v of the outputs."""

    gradient: Gradients
    u: Whole
    v: Tensors


def conditioning_findings(
    function: TorchFunction, tested: Tested, found: Probe, generator: torch.Generator
) -> Iterator[Finding]:
    """That v·J moves by much more than its inputs do, with the entry that moves most."""
    precision = max(float(torch.finfo(value.dtype).eps) for value in function.values)
    size = max(norm_of_products(tested.gradient, tested.u), abs(float(found.measured.value)))
    if found.verdict is Verdict.WRONG or not math.isfinite(size) or found.noise <= precision**SUSPECT * size:
        return
    before = generator.get_state()
    change = rounding_response_along(function, tested.gradient, tested.v, generator, tested.u)
    if max(precision**LOST, FEWEST_ULPS * precision) * size < change < math.inf:
        generator.set_state(before)
        response = rounding_response(function, tested.gradient, tested.v, generator)
        yield replace(_at_worst(function, tested, response, _told(change / size, precision)), verdict=found.verdict)


def _told(moved: float, precision: float) -> str:
    digits, lost = -math.log10(precision), math.log10(moved / precision)
    kept = f"about {lost:.0f} of its {digits:.0f} digits are" if lost < digits - 0.5 else "all its digits are"
    return (
        f"ill-conditioned: where every input moves by one unit in its last place, the gradient moves by {moved:.1e} of"
        f" its size, {moved / precision:.0e} times as much; {kept} rounding"
    )


def _at_worst(function: TorchFunction, tested: Tested, response: Gradients, text: str) -> Finding:
    """The finding, at the entry that moved most: the gradient there, what it moves to, and by how much."""
    number, entry = _largest(response, tested.u)
    leaf = function.leaves[number]
    index = entry_index(entry, leaf.value.shape)
    before, change = (_real(parts[number], entry) for parts in (tested.gradient, response))
    place = f"{leaf.name}{at(index)}" if index else leaf.name
    numbers = (before, before + change, abs(change))
    return Finding("ill_conditioned", leaf.name, index, *numbers, RULE, f"{text}, most of all at {place}", REMEDY)


def _largest(response: Gradients, u: Whole) -> tuple[int, int]:
    """The leaf and the entry, counted flat, that moved most."""
    pairs = enumerate(zip(response, u, strict=True))
    present = ((i, part.detach(), d) for i, (part, d) in pairs if part is not None and part.numel())
    sizes = {i: (part * dense(d, part.shape)).abs().reshape(-1) for i, part, d in present}
    leaf = max(sizes, key=lambda i: float(sizes[i].max()))
    return leaf, int(sizes[leaf].argmax())


def _real(part: torch.Tensor | None, entry: int) -> float:
    return 0.0 if part is None else float(part.detach().reshape(-1)[entry].real)
