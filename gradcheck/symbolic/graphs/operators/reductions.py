"""Operators that sum or average over axes."""

from __future__ import annotations

from typing import Any

from gradcheck.symbolic.graphs.operators import Operator
from gradcheck.symbolic.graphs.tensors import Axes, GraphTensor, averaged, reduce_axes, summed


def total(x: GraphTensor, dim: Axes = None, keepdim: bool = False, **_: Any) -> GraphTensor:
    """The sum over some axes, all unless given."""
    return reduce_axes(x, dim, keepdim, summed)


def mean(x: GraphTensor, dim: Axes = None, keepdim: bool = False, **_: Any) -> GraphTensor:
    """The mean over some axes, all unless given."""
    return reduce_axes(x, dim, keepdim, averaged)


OPERATORS: dict[str, Operator] = {
    "sum": total,
    "sum.dim_IntList": total,
    "mean": mean,
    "mean.dim": mean,
}
