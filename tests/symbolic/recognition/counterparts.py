"""The torch counterparts of formulas, traced back into formulas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from gradcheck.errors import UsageError
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.graphs.refusals import NotTraceable
from gradcheck.symbolic.graphs.trace import trace
from gradcheck.symbolic.points import sample_point

SIZES = (3, 2, 4, 5, 7, 6, 9, 8)
SECONDS = 60


class HeldNumber(float):
    """A number of a counterpart that turns a tensor into one: it asks for it as it would ask a tensor."""

    def detach(self) -> HeldNumber:
        """Itself."""
        return self

    def item(self) -> float:
        """The number."""
        return float(self)


def counterpart(formula: Formula) -> Formula:
    """The formula of the formula's own torch function, where need be with numbers in place of its scalars.

    Raises NotTraceable where there is none.
    """
    sizes = dict(zip((d.name for d in formula.dimensions), SIZES, strict=False))
    point = sample_point(formula, sizes, np.random.default_rng(0))
    example = [torch.from_numpy(np.array(point[name])) for name in formula.variable_names]
    try:
        return _traced(formula.torch, example)
    except NotTraceable as refusal:
        held = [value.ndim == 0 and value.is_floating_point() for value in example]
        if not any(held):
            raise
        try:
            return _traced(*_holding(formula, example, held))
        except UsageError:
            raise refusal from None


def _holding(formula: Formula, example: Sequence[torch.Tensor], held: Sequence[bool]) -> tuple[Any, list[torch.Tensor]]:
    """The function of the other variables alone, and its example."""

    numbers = [HeldNumber(value.item()) if fixed else None for value, fixed in zip(example, held, strict=True)]

    def of_the_others(*values: torch.Tensor) -> Any:
        others = iter(values)
        return formula.torch(*(next(others) if number is None else number for number in numbers))

    return of_the_others, [value for value, fixed in zip(example, held, strict=True) if not fixed]


def _traced(function: Any, example: Sequence[torch.Tensor]) -> Formula:
    return trace(function, *example, seconds=SECONDS).formulas[0]
