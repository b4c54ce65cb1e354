"""Finite differences of a function of tensors along one direction: outputs are subtracted before they are projected."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from gradcheck.checking.directions import LARGE
from gradcheck.checking.products import inner, norm_of_products
from gradcheck.checking.torch_function import Tensors, TorchFunction
from gradcheck.numeric.difference import differentiate
from gradcheck.numeric.estimate import Estimate

SCALE = 0.1
"""Steps of a probe start this much smaller than those of a single entry: all entries move at once."""

ROUGH = 7e-4
"""The step of a quick difference, relative: truncation and rounding are of one size there for most functions."""

NO_DECOMPOSITION: type[RuntimeError] = vars(torch.linalg)["LinAlgError"]  # its stub does not export the name


def measure(function: TorchFunction, u: Sequence[torch.Tensor | None], v: Tensors, base: Tensors) -> Estimate:
    """v·J u by finite differences of `function` at its point, where it returned `base`; None in u stays where it is."""
    noise = rounding_of_outputs(v, base)
    line = Line(function, u)

    def moved(t: float) -> float:
        return inner(v, _differences(line(t), base)) if t else 0.0

    return differentiate(moved, SCALE, noise)


def roughly(function: TorchFunction, u: Sequence[torch.Tensor | None], v: Tensors, base: Tensors) -> float:
    """v·J u by one difference of fourth order: four evaluations, and no error bar."""
    line = Line(function, u)
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
    line = Line(function, u)

    def moved(t: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return torch.cat([part.real.double().reshape(-1) for part in line(t)])[chosen].cpu().numpy()

    return differentiate(moved, SCALE)


def _differences(moved: Tensors, base: Tensors) -> Tensors:
    return [(a.double() if not a.is_complex() else a) - b for a, b in zip(moved, base, strict=True)]


@dataclass(frozen=True)
class Line:
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
