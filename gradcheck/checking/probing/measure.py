"""Finite differences of a function of tensors along one direction: outputs are subtracted before they are projected."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from numpy.typing import ArrayLike

from gradcheck.checking.evaluation.line import Line
from gradcheck.checking.evaluation.movement import Direction
from gradcheck.checking.evaluation.products import flat, inner_of_flat, norms_of_products
from gradcheck.checking.evaluation.torch_function import Tensors, TorchFunction
from gradcheck.numeric.difference import differentiate
from gradcheck.numeric.estimate import Estimate
from gradcheck.numeric.quick import FAR, QuickDifference, quick_difference

SCALE = 0.1
"""Steps of a probe start this much smaller than those of a single entry: all entries move at once."""

CLOSE = 1e-5
"""Where those steps do not resolve a function, they start here."""

UNCLEAR = 1e-7
"""A bar this wide beside the largest slope is worth that second try."""


@dataclass(frozen=True)
class Projection:
    """How far v·f has moved at a distance along u (nan outside the domain), to what precision, and its rounding.

    `fine` says whether the point is given in double precision, so that small steps can be taken.
    """

    moved: Callable[[float], float]
    precision: float
    noise: float
    fine: bool = True

    @classmethod
    def of(cls, function: TorchFunction, u: Direction, v: Tensors, base: Tensors) -> Projection:
        """Of a function that returned `base` at its point. Outputs are subtracted before they are projected."""
        line, weights = Line(function, u), [flat(part) for part in v]

        def moved(t: float) -> float:
            try:
                return inner_of_flat(weights, _differences(line(t), base)) if t else 0.0
            except ArithmeticError:
                return math.nan

        precision = max((torch.finfo(out.dtype).eps for out in base), default=0.0)
        return cls(cache(moved), precision, rounding_of(v, base), _is_fine(function))

    def roughly(self, step: float) -> float:
        """v·J u by one central difference; `quickly` with the same step goes on from there."""
        return (self.moved(step) - self.moved(-step)) / (2 * step)

    def quickly(self, step: float = FAR) -> QuickDifference:
        """v·J u by one difference of fourth order: four evaluations, and no error bar."""
        return quick_difference(self.moved, self.precision, self.noise, step)

    def measure(self, thorough: bool = True) -> Estimate:
        """v·J u by finite differences with an error bar, close to the point where a jump spoils those farther away.

        Unless it is `thorough` the bar is what the first steps give.
        """
        return _measured(self.moved, self.noise, self.fine, thorough)


def measure(function: TorchFunction, u: Direction, v: Tensors, base: Tensors) -> Estimate:
    """v·J u by finite differences of `function` at its point, where it returned `base`."""
    return Projection.of(function, u, v, base).measure()


def rounding_of(v: Tensors, base: Tensors) -> float:
    """What the last digits of the outputs, each in its own precision, amount to in v·f."""
    norms = zip(base, norms_of_products(v, base), strict=True)
    return math.hypot(*(torch.finfo(out.dtype).eps * norm for out, norm in norms))


def measure_outputs(function: TorchFunction, u: Direction, rows: Sequence[int], thorough: bool = True) -> Estimate:
    """Some entries of J u by finite differences: real parts, counted over all outputs; by the first steps, or all."""
    chosen = torch.tensor(list(rows))
    line = Line(function, u)

    def moved(t: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return torch.cat([part.real.double().reshape(-1) for part in line(t)])[chosen].cpu().numpy()

    return _measured(moved, None, _is_fine(function), thorough)


def _is_fine(function: TorchFunction) -> bool:
    """Whether the point's own precision leaves room for small steps."""
    return all(value.dtype in (torch.float64, torch.complex128) for value in function.values)


def _measured(moved: Callable[[float], ArrayLike], noise: float | None, fine: bool, thorough: bool) -> Estimate:
    return _resolved(moved, noise, fine) if thorough else differentiate(moved, SCALE, noise, widen=False)


def _resolved(moved: Callable[[float], ArrayLike], noise: float | None, fine: bool) -> Estimate:
    """The slopes; where a jump or a pole spoils the steps of the usual size, those of steps close to the point."""
    found = differentiate(moved, SCALE, noise)
    largest = max(np.max(np.abs(side), initial=0.0) for side in (found.left, found.right))
    if not fine or not (found.slope_bar > UNCLEAR * largest).any():
        return found
    close = differentiate(moved, CLOSE, noise)
    still = (close.value == 0) & (np.abs(found.value) > found.error_bar)  # steps too small for low precision within
    better = (close.error_bar < found.error_bar) & ~still
    parts = [np.where(better, new, old) for new, old in zip(close.parts, found.parts, strict=True)]
    return Estimate(parts[0], parts[1], found.evaluations + close.evaluations, parts[2], found.magnitude)


def _differences(moved: Tensors, base: Tensors) -> Tensors:
    return [(a.double() if not a.is_complex() else a) - b for a, b in zip(moved, base, strict=True)]
