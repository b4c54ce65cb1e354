"""What each of torch's operators computes, entry by entry: one table for each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

Operator = Callable[..., Any]
"""Takes the operator's arguments, tensors as `GraphTensor`; returns a tensor, or a tuple of them."""


@cache
def operators() -> Mapping[str, Operator]:
    """Every operator by its name in ATen, such as `"sum.dim_IntList"`; `.default` is left out."""
    from gradcheck.symbolic.graphs.operators import (
        creation,
        indexing,
        padding,
        parts,
        pointwise,
        products,
        reductions,
        shapes,
        softmax,
    )

    tables = (pointwise, reductions, products, shapes, parts, padding, creation, indexing, softmax)
    return {name: rule for table in tables for name, rule in table.OPERATORS.items()}
