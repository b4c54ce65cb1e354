"""Directional probes: one number by autograd, the same number measured, and an error bar on their difference.

For Gaussian directions u of the inputs and v of the outputs, v·J u comes from one backward pass and from finite
differences along u. Outputs are subtracted before they are projected, so that the rounding error of a large output
does not drown a small one. A probe costs a few forwards and one backward whatever the sizes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from gradcheck.checking.evaluation.graph import Gradients
from gradcheck.checking.evaluation.movement import Direction
from gradcheck.checking.evaluation.products import inner_and_norms, norm_of_products
from gradcheck.checking.evaluation.torch_function import Tensors, TorchFunction
from gradcheck.checking.probing.measure import Projection
from gradcheck.checking.probing.plateau import PLATEAU_EVALUATIONS, plateau
from gradcheck.numeric.estimate import Estimate
from gradcheck.numeric.quick import FAR, FINE, FINEST, QuickDifference
from gradcheck.results import Verdict

ANALYTIC_ROUNDING = 16.0
"""Units in the last place by which a gradient computed in its own precision may be off, relative to its terms."""

WIDEST = 1e-3
"""A bar wider than this fraction of the probe's size could hide a mistake."""

VANISHING = 1e-7
"""A gradient of zeros, or of rounding errors only, is right where the bar is below this fraction of the outputs:
there is no size of a derivative to hold the bar against."""

WIDEST_ULPS = 64.0
"""In a low precision bars are wider by nature: this many units in the last place do not make a probe undecided."""

TIGHT = 1e-5
"""A quick difference that agrees to this fraction of the gradient's terms needs no second probe: a mistake would have
to cancel along a random direction to as many digits."""

NARROW = 5e-7
"""The same for a finer difference, which is believed against a coarser one."""

ELSEWHERE = 1e-2
"""Half a far difference that is off by this fraction of the gradient's terms is not right when it is complete."""

SMOOTH = 1e-6
"""A gap between the two sides above this fraction of the gradient's terms may be a kink."""


@dataclass(frozen=True)
class Probe:
    """v·J u as autograd and as finite differences have it; `size` is what its terms amount to.

    `outputs` is what those of v·f amount to, `rtol` the relative error that a user accepts.
    """

    analytic: float
    measured: Estimate
    rounding: float
    size: float
    precision: float
    outputs: float = 0.0
    rtol: float = 0.0

    @property
    def error(self) -> float:
        """How far the analytic value lies from the measured one, or from the interval between one-sided slopes."""
        if not math.isfinite(self.analytic):
            return math.inf
        jump = 0.0 if self.measured.jump is None else abs(float(self.measured.jump))
        return max(abs(self.analytic - float(self.measured.value)) - jump / 2, 0.0)

    @property
    def noise(self) -> float:
        """The error bar on that difference, as the function's own arithmetic has it."""
        return float(self.measured.slope_bar) + self.rounding

    @property
    def bar(self) -> float:
        """The error bar that decides: `rtol` widens it, and never narrows it below the noise."""
        return self.noise + self.rtol * max(self.size, abs(float(self.measured.value))) if self.rtol else self.noise

    @property
    def verdict(self) -> Verdict:
        """WRONG beyond the bar; INCONCLUSIVE where the bar could hide a mistake."""
        if not math.isfinite(self.analytic):
            finite = float(self.measured.slope_bar) <= WIDEST * self.outputs
            return Verdict.WRONG if finite else Verdict.INCONCLUSIVE
        if self.error > self.bar:
            return Verdict.WRONG
        size = max(self.size, abs(float(self.measured.value)))
        if self.size <= self.rounding and self.noise <= VANISHING * self.outputs:
            return Verdict.CORRECT
        widest = max(WIDEST, WIDEST_ULPS * self.precision, self.rtol)
        return Verdict.CORRECT if self.noise <= widest * size or self.noise == 0 else Verdict.INCONCLUSIVE

    @property
    def is_tight(self) -> bool:
        """Whether a mistake that this probe did not see would have to cancel to many digits (`TIGHT`)."""
        return not self.at_kink and self.bar <= TIGHT * self.size

    @property
    def at_kink(self) -> bool:
        """Whether the slopes of the two sides differ along this direction."""
        return self.measured.jump is not None and bool(self.measured.jump != 0)


def probe(
    reference: TorchFunction, gradient: Gradients, u: Direction, v: Tensors, base: Tensors, *, thorough: bool = True
) -> Probe:
    """Hold a gradient v·J against differences of `reference` along u; by the first steps alone unless `thorough`."""
    analytic, norms = inner_and_norms(gradient, u)
    projection = Projection.of(reference, u, v, base)
    rounding, precision = _rounding(gradient, norms, base, projection.noise), _precision((*gradient, *base))
    outputs = norm_of_products(v, base)
    return Probe(analytic, projection.measure(thorough), rounding, math.hypot(*norms), precision, outputs)


@dataclass(frozen=True)
class QuickDecision:
    """What a few evaluations say: a verdict, or None where more have to be asked; and how many there were."""

    verdict: Verdict | None
    evaluations: int


def decided_quickly(
    function: TorchFunction, gradient: Gradients, u: Direction, v: Tensors, base: Tensors
) -> QuickDecision:
    """CORRECT where v·J u agrees with a quick difference so closely that nothing more needs to be asked (`TIGHT`).

    A finer difference is believed only where it contradicts the more precise one: a jump or a kink lies between. A
    gradient of zeros, or none, is right on a plateau, and undecided where low precision may look like one.
    """
    analytic, norms = inner_and_norms(gradient, u)
    size = math.hypot(*norms)
    if not math.isfinite(analytic):
        return QuickDecision(None, 0)
    if size == 0:
        return QuickDecision(plateau(function, u, base), PLATEAU_EVALUATIONS)
    projection = Projection.of(function, u, v, base)
    coarsest = max(float(torch.finfo(value.dtype).eps) for value in function.values)
    claim = _Claim(analytic, size, _rounding(gradient, norms, base, projection.noise), size * coarsest)
    return _held_against(projection, claim)


@dataclass(frozen=True)
class _Claim:
    """v·J u as autograd has it: what its terms amount to, their rounding, and what rounding the point moves."""

    analytic: float
    size: float
    rounding: float
    moved: float

    def agrees(self, quick: QuickDifference, tight: float) -> bool:
        """Whether a difference says the same, to this fraction of the terms."""
        bar = quick.rounding + self.rounding + self.moved / quick.step
        smooth = abs(quick.gap) <= SMOOTH * self.size + quick.rounding
        return bar <= tight * self.size and smooth and abs(self.analytic - quick.value) <= bar


def _held_against(projection: Projection, claim: _Claim) -> QuickDecision:
    """What quick differences say of it, a far one first; that is left half done where it says something else by far."""
    rough, spent = projection.roughly(FAR), 2
    if abs(claim.analytic - rough) > ELSEWHERE * claim.size:
        quick = QuickDifference(rough, 0.0, ELSEWHERE * claim.size, FAR)
    else:
        quick, spent = projection.quickly(FAR), 4
    if claim.agrees(quick, TIGHT):
        return QuickDecision(Verdict.CORRECT, spent)
    for step in (FINE, FINEST):
        finer, spent = projection.quickly(step), spent + 4
        if abs(quick.value - finer.value) <= quick.rounding + finer.rounding:
            return QuickDecision(None, spent)
        if claim.agrees(finer, NARROW):
            return QuickDecision(Verdict.CORRECT, spent)
    return QuickDecision(None, spent)


def _rounding(gradient: Gradients, norms: Sequence[float], base: Tensors, noise: float) -> float:
    """By how much v·J u may be off where every leaf's gradient is computed in its own precision.

    `norms` says what the terms of each leaf with a gradient amount to.
    """
    coarsest = _precision(base)
    present = zip((g for g in gradient if g is not None), norms, strict=True)
    terms = (max(_precision((g,)), coarsest) * norm for g, norm in present)
    return ANALYTIC_ROUNDING * (math.hypot(*terms) + noise)


def _precision(tensors: Sequence[torch.Tensor | None]) -> float:
    """The coarsest relative precision among them."""
    return max(float(torch.finfo(x.dtype).eps) for x in tensors if x is not None)
