"""Comparisons, conditions, and operators that choose between numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from tests.symbolic.graphs.operator_cases.case import Case, real

PAIR = real((2, 3), (3,))
COMPARISONS = ("gt", "ge", "lt", "le", "eq", "ne")
LOGICAL = ("logical_and", "logical_or", "logical_xor", "bitwise_and", "bitwise_or", "bitwise_xor")


def masked(condition: Callable[..., Any]) -> Case:
    """The first tensor where the condition holds, and ten times it elsewhere."""
    return Case(lambda x, y: torch.where(condition(x, y), x, 10 * x), PAIR)


def _combined(name: str) -> Case:
    return masked(lambda x, y: getattr(torch, name)((x > 0) | (y > 1), (y > 0) & (x < 0.5)))


CASES = {
    **{f"{name}.Tensor": masked(getattr(torch, name)) for name in COMPARISONS},
    **{f"{name}.Scalar": masked(lambda x, y, name=name: getattr(torch, name)(x, 0.25)) for name in COMPARISONS},
    **{name if name.startswith("l") else f"{name}.Tensor": _combined(name) for name in LOGICAL},
    "logical_not": masked(lambda x, y: torch.logical_not((x > 0) & (y > 0) | (y > 1))),
    "bitwise_not": masked(lambda x, y: ~((x > 0) & (y > 0) | (y > 1))),
    "signbit": masked(lambda x, y: torch.signbit(x)),
    "isnan": masked(lambda x, y: torch.isnan(x)),
    "where.self": Case(lambda x, y: torch.where(x > y, x**2, torch.where(y > 0, y, 0.5)), PAIR),
    "masked_fill.Scalar": Case(lambda x, y: x.masked_fill(y > 0, 2.5), PAIR),
    "masked_fill.Tensor": Case(lambda x, y: x.masked_fill(x > 0, y), real((2, 3), ())),
    "clamp": Case(lambda x: x.clamp(-0.5, 0.5) + x.clamp(max=0.25) + x.clamp(0.5, -0.5), real((2, 3))),
    "clamp.Tensor": Case(torch.clamp, real((2, 3), (3,), (2, 1))),
    "clamp_min": Case(lambda x: x.clamp_min(0.25), real((2, 3))),
    "clamp_min.Tensor": Case(torch.clamp_min, PAIR),
    "clamp_max": Case(lambda x: x.clamp_max(0.25), real((2, 3))),
    "clamp_max.Tensor": Case(torch.clamp_max, PAIR),
    **{name: Case(getattr(torch, name), PAIR) for name in ("maximum", "minimum", "fmax", "fmin")},
}
