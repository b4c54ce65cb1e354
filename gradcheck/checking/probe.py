"""Directional probes: one number by autograd, the same number measured, and an error bar on their difference.

For Gaussian directions u of the inputs and v of the outputs, v·J u comes from one backward pass and from finite
differences along u. Outputs are subtracted before they are projected, so that the rounding error of a large output
does not drown a small one. A probe costs a few forwards and one backward whatever the sizes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from gradcheck.checking.torch_function import Tensors, TorchFunction
from gradcheck.numeric.difference import differentiate
from gradcheck.numeric.estimate import Estimate
from gradcheck.results import Verdict

SMALLEST = 1e-12
"""An entry is moved in proportion to its own size, but at least to this fraction of its tensor's typical entry."""

FLOOR = 0.3
"""Directions keep this far from 0, so that no entry escapes a probe."""

LARGE = 100_000
"""Tensors of more entries than this are worth saving passes over memory."""

SCALE = 0.1
"""Steps of a probe start this much smaller than those of a single entry: all entries move at once."""

ROUGH = 7e-4
"""The step of a quick difference, relative: truncation and rounding are of one size there for most functions."""

ANALYTIC_ROUNDING = 16.0
"""Units in the last place by which a gradient computed in its own precision may be off, relative to its terms."""

WIDEST = 1e-3
"""A bar wider than this fraction of the probe's size could hide a mistake."""

VANISHING = 1e-7
"""A gradient of zeros, or of rounding errors only, is right where the bar is below this fraction of the outputs:
there is no size of a derivative to hold the bar against."""

WIDEST_ULPS = 64.0
"""In a low precision bars are wider by nature: this many units in the last place do not make a probe undecided."""

NO_DECOMPOSITION: type[RuntimeError] = vars(torch.linalg)["LinAlgError"]  # its stub does not export the name

Gradients = list[torch.Tensor | None]


@dataclass(frozen=True)
class Graph:
    """One forward pass with gradients on: any number of backward passes."""

    leaves: Tensors
    outputs: Tensors

    @classmethod
    def of(cls, function: TorchFunction) -> Graph:
        """Run the function at its point, recording."""
        leaves = [value.detach().requires_grad_() for value in function.values]
        with torch.enable_grad():
            # A function may work in place on its arguments; a leaf that requires grad refuses that, a copy does not.
            return cls(leaves, function([leaf.clone() for leaf in leaves]))

    def backward(self, cotangents: Sequence[torch.Tensor], *, create_graph: bool = False) -> Gradients:
        """v·J for each leaf, None where autograd has nothing."""
        reached = [(out, v) for out, v in zip(self.outputs, cotangents, strict=True) if out.requires_grad]
        if not reached:
            return [None] * len(self.leaves)
        outputs, vectors = zip(*reached, strict=True)
        found = torch.autograd.grad(
            outputs, self.leaves, vectors, retain_graph=True, allow_unused=True, create_graph=create_graph
        )
        return list(found)


@dataclass(frozen=True)
class Probe:
    """v·J u as autograd and as finite differences have it; `size` is what its terms amount to.

    `outputs` is what those of v·f amount to.
    """

    analytic: float
    measured: Estimate
    rounding: float
    size: float
    precision: float
    outputs: float = 0.0

    @property
    def error(self) -> float:
        """How far the analytic value lies from the measured one, or from the interval between one-sided slopes."""
        if not math.isfinite(self.analytic):
            return math.inf
        jump = 0.0 if self.measured.jump is None else abs(float(self.measured.jump))
        return max(abs(self.analytic - float(self.measured.value)) - jump / 2, 0.0)

    @property
    def bar(self) -> float:
        """The error bar on that difference."""
        return float(self.measured.slope_bar) + self.rounding

    @property
    def verdict(self) -> Verdict:
        """WRONG beyond the bar; INCONCLUSIVE where the bar could hide a mistake."""
        if not math.isfinite(self.analytic):
            finite = float(self.measured.slope_bar) <= WIDEST * self.outputs
            return Verdict.WRONG if finite else Verdict.INCONCLUSIVE
        if self.error > self.bar:
            return Verdict.WRONG
        size = max(self.size, abs(float(self.measured.value)))
        if self.size <= self.rounding and self.bar <= VANISHING * self.outputs:
            return Verdict.CORRECT
        widest = max(WIDEST, WIDEST_ULPS * self.precision)
        return Verdict.CORRECT if self.bar <= widest * size or self.bar == 0 else Verdict.INCONCLUSIVE

    @property
    def at_kink(self) -> bool:
        """Whether the slopes of the two sides differ along this direction."""
        return self.measured.jump is not None and bool(self.measured.jump != 0)


def directions(tensors: Sequence[torch.Tensor], generator: torch.Generator) -> Tensors:
    """Random tensors of the same shapes, in double precision, symmetric about 0 and kept away from it."""
    return [_away_from_zero(_random(tensor, generator)) for tensor in tensors]


def input_directions(values: Sequence[torch.Tensor], generator: torch.Generator) -> Tensors:
    """Directions in which each entry moves in proportion to its own size."""
    return [u.mul_(entry_sizes(x)) for u, x in zip(directions(values, generator), values, strict=True)]


def _random(tensor: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Gaussian entries; uniform ones between -1 and 1 in a large tensor, where drawing them would cost forwards."""
    wide = torch.complex128 if tensor.is_complex() else torch.float64
    if tensor.numel() > LARGE and not tensor.is_complex():
        short = torch.rand(tensor.shape, generator=generator, dtype=torch.float32)
        return short.to(tensor.device, wide).mul_(2).sub_(1)
    return torch.randn(tensor.shape, generator=generator, dtype=wide).to(tensor.device)


def _away_from_zero(direction: torch.Tensor) -> torch.Tensor:
    parts = torch.view_as_real(direction) if direction.is_complex() else direction
    parts.add_(torch.copysign(parts.new_tensor(FLOOR), parts))
    return direction


def entry_sizes(x: torch.Tensor) -> torch.Tensor:
    """For each entry the distance over which a function of it is expected to change: its own size.

    An entry that is exactly 0 has none and takes its tensor's typical one; so it is seen like the others.
    """
    sizes = x.abs().double()
    typical = float(torch.linalg.vector_norm(sizes)) / math.sqrt(x.numel() or 1)
    if not typical:
        return torch.ones_like(sizes)
    return torch.where(sizes == 0, typical, sizes.clamp(min=SMALLEST * typical))


def inner(left: Sequence[torch.Tensor | None], right: Sequence[torch.Tensor | None]) -> float:
    """The real inner product of two lists of tensors; None counts as zero."""
    pairs = zip(left, right, strict=True)
    return sum(float(torch.sum(_real(a) * _real(b))) for a, b in pairs if a is not None and b is not None)


def norm_of_products(left: Sequence[torch.Tensor | None], right: Sequence[torch.Tensor | None]) -> float:
    """The root of the sum of the squared products of their entries; None counts as zero."""
    pairs = zip(left, right, strict=True)
    norms = (torch.linalg.vector_norm(_real(a) * _real(b)) for a, b in pairs if a is not None and b is not None)
    return math.hypot(*(float(norm) for norm in norms))


def widened(tensors: Sequence[torch.Tensor]) -> Tensors:
    """The same values in double precision; complex ones stay complex."""
    return [x.to(torch.complex128) if x.is_complex() else x.double() for x in tensors]


def _real(tensor: torch.Tensor) -> torch.Tensor:
    detached = tensor.detach()
    return (
        torch.view_as_real(detached.resolve_conj().to(torch.complex128)) if tensor.is_complex() else detached.double()
    )


def measure(function: TorchFunction, u: Sequence[torch.Tensor | None], v: Tensors, base: Tensors) -> Estimate:
    """v·J u by finite differences of `function` at its point, where it returned `base`; None in u stays where it is."""
    noise = rounding_of_outputs(v, base)
    line = _Line(function, u)

    def moved(t: float) -> float:
        return inner(v, _differences(line(t), base)) if t else 0.0

    return differentiate(moved, SCALE, noise)


def roughly(function: TorchFunction, u: Sequence[torch.Tensor | None], v: Tensors, base: Tensors) -> float:
    """v·J u by one difference of fourth order: four evaluations, and no error bar."""
    line = _Line(function, u)
    far, near = (
        inner(v, _differences(line(h), base)) - inner(v, _differences(line(-h), base)) for h in (2 * ROUGH, ROUGH)
    )
    return (8 * near - far) / (12 * ROUGH)


def rounding_of_outputs(v: Tensors, base: Tensors) -> float:
    """What the last digits of the outputs, each in its own precision, amount to in v·f."""
    parts = (torch.finfo(b.dtype).eps * norm_of_products([a], [b]) for a, b in zip(v, base, strict=True))
    return math.hypot(*parts)


def measure_outputs(function: TorchFunction, u: Sequence[torch.Tensor | None], rows: Sequence[int]) -> Estimate:
    """Some entries of J u by finite differences: real parts, counted over all outputs."""
    chosen = torch.tensor(list(rows))
    line = _Line(function, u)

    def moved(t: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return torch.cat([part.real.double().reshape(-1) for part in line(t)])[chosen].cpu().numpy()

    return differentiate(moved, SCALE)


def _differences(moved: Tensors, base: Tensors) -> Tensors:
    return [(a.double() if not a.is_complex() else a) - b for a, b in zip(moved, base, strict=True)]


@dataclass(frozen=True)
class _Line:
    """The function along a direction. The memory of large tensors serves again: no result outlives the next call."""

    function: TorchFunction
    u: Sequence[torch.Tensor | None]
    buffers: dict[int, torch.Tensor] = field(default_factory=dict)

    def __call__(self, t: float) -> Tensors:
        pairs = zip(self.function.values, self.u, strict=True)
        try:
            with torch.no_grad():
                return self.function([self._displaced(i, x, d, t) for i, (x, d) in enumerate(pairs)])
        except NO_DECOMPOSITION as error:
            raise ArithmeticError("outside the domain: the decomposition does not exist") from error

    def _displaced(self, number: int, x: torch.Tensor, d: torch.Tensor | None, t: float) -> torch.Tensor:
        """A tensor in the value's own dtype, that the function may write to."""
        if d is None or x.dtype != d.dtype or x.numel() <= LARGE:
            return x.clone() if d is None else torch.add(x.to(d.dtype), d, alpha=t).to(x.dtype)
        return torch.add(x, d, alpha=t, out=self._buffer(number, x))

    def _buffer(self, number: int, x: torch.Tensor) -> torch.Tensor:
        """What the function did to the former one's shape or graph stays with that one."""
        return self.buffers.setdefault(number, torch.empty_like(x)).view_as(x)


def probe(
    reference: TorchFunction, gradient: Gradients, u: Sequence[torch.Tensor | None], v: Tensors, base: Tensors
) -> Probe:
    """Hold a gradient v·J against differences of `reference` along u."""
    size = norm_of_products(gradient, u)
    precision = max(float(torch.finfo(x.dtype).eps) for x in (*gradient, *base) if x is not None)
    measured = measure(reference, u, v, base)
    rounding = ANALYTIC_ROUNDING * (precision * size + rounding_of_outputs(v, base))
    return Probe(inner(gradient, u), measured, rounding, size, precision, norm_of_products(v, base))
