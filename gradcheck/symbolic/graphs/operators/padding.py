"""Padding by entries of the tensor itself. Padding by a constant is a concatenation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import sympy as sp

from gradcheck.symbolic.functions import absolute
from gradcheck.symbolic.graphs.indices import within
from gradcheck.symbolic.graphs.operators import Operator
from gradcheck.symbolic.graphs.tensors import GraphTensor

Place = Callable[[sp.Expr, sp.Expr], sp.Expr]
"""The place that a padded one repeats, from its distance to the start, and the axis' size."""


def mirrored(place: sp.Expr, size: sp.Expr) -> sp.Expr:
    """Reflected at the first and at the last place, neither of which is repeated."""
    return size - 1 - absolute(size - 1 - absolute(place))


def padded(repeated: Place, x: GraphTensor, widths: Sequence[Any]) -> GraphTensor:
    """More places before and after along the last axes, widths from the last one on."""
    pairs = [(0, 0)] * (x.ndim - len(widths) // 2) + list(zip(widths[::2], widths[1::2], strict=True))[::-1]

    def entry(*indices: sp.Expr) -> Any:
        places = zip(indices, pairs, x.shape, strict=True)
        return x.entry(
            *(repeated(i - before, n) if (before, after) != (0, 0) else i for i, (before, after), n in places)
        )

    sizes = (size + before + after for size, (before, after) in zip(x.shape, pairs, strict=True))
    return GraphTensor(tuple(sizes), entry)


OPERATORS: dict[str, Operator] = {
    **{f"reflection_pad{axes}d": partial(padded, mirrored) for axes in (1, 2, 3)},
    **{f"replication_pad{axes}d": partial(padded, within) for axes in (1, 2, 3)},
}
