"""Operators that choose entries by tensors of whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import wraps
from typing import Any

import sympy as sp

from gradcheck.symbolic.graphs.indices import within
from gradcheck.symbolic.graphs.operators import Operator
from gradcheck.symbolic.graphs.operators.pointwise import detached
from gradcheck.symbolic.graphs.refusals import NotTraceable
from gradcheck.symbolic.graphs.tensors import (
    GraphTensor,
    broadcast_shape,
    broadcast_to,
    free_indices,
    number,
)
from gradcheck.symbolic.indices import Remainder
from gradcheck.symbolic.piecewise import cases
from gradcheck.symbolic.tracing.scalars import is_condition

MASKED = (
    "a mask selects entries, so the shape of the result depends on values",
    "multiply by the mask, or choose with torch.where, so that shapes do not depend on values",
)


def chosen(index: GraphTensor, places: Sequence[sp.Expr], size: sp.Expr) -> sp.Expr:
    """The place that an index tensor's entry names on an axis of a size; one below 0 counts from the end.

    A variable is taken to hold none below 0.
    """
    entry = number(index.entry(*places))
    return entry if entry.is_nonnegative or entry.is_Symbol else Remainder(entry, size)


def on_vectors(rule: Operator) -> Operator:
    """The rule, for which tensors without axes are vectors of one entry."""

    def vector(value: Any) -> Any:
        without_axes = isinstance(value, GraphTensor) and not value.ndim
        return GraphTensor((sp.S.One,), lambda _: value.entry()) if without_axes else value

    @wraps(rule)
    def operator(x: GraphTensor, *arguments: Any, **options: Any) -> GraphTensor:
        made = rule(*map(vector, (x, *arguments)), **options)
        return GraphTensor(made.shape, lambda *i: made.entry(*(i or (sp.S.Zero,)))) if made.ndim == 1 else made

    return operator


@on_vectors
def index_select(x: GraphTensor, dim: int, index: GraphTensor) -> GraphTensor:
    """The places of an axis that a vector of indices names."""
    axis = dim % x.ndim

    def entry(*i: sp.Expr) -> Any:
        return x.entry(*i[:axis], chosen(index, i[axis : axis + 1], x.shape[axis]), *i[axis + 1 :])

    return GraphTensor((*x.shape[:axis], index.shape[0], *x.shape[axis + 1 :]), entry)


@on_vectors
def gather(x: GraphTensor, dim: int, index: GraphTensor, **_: Any) -> GraphTensor:
    """Along one axis the places that indices name, one for each entry of the result."""
    axis = dim % x.ndim

    def entry(*i: sp.Expr) -> Any:
        own = [within(each, size) for each, size in zip(i, x.shape, strict=True)]
        own[axis] = chosen(index, i, x.shape[axis])
        return x.entry(*own)

    return GraphTensor(index.shape, entry)


def embedding(weight: GraphTensor, index: GraphTensor, padding: int = -1, by_count: bool = False, *_: Any) -> Any:
    """Rows of a matrix; that of padding is held constant in derivatives."""
    if by_count:
        raise NotTraceable("an embedding's gradient is divided by counts, which is no slope", "drop scale_grad_by_freq")

    def entry(*i: sp.Expr) -> Any:
        row = chosen(index, i[:-1], weight.shape[0])
        found = weight.entry(row, i[-1])
        return found if padding < 0 else cases((detached(found), sp.Eq(row, padding)), otherwise=found)

    return GraphTensor((*index.shape, weight.shape[1]), entry)


def index_by_tensors(x: GraphTensor, indices: Sequence[GraphTensor | None]) -> GraphTensor:
    """Entries at the places that tensors of indices, broadcast against each other, name on some axes.

    The broadcast axes stand where those were, or in front where those are not side by side.
    """
    at = {axis: index for axis, index in enumerate(indices) if index is not None}
    wide = broadcast_indices(at)
    shape, axes = next(iter(wide.values())).shape, list(at)
    rest = [axis for axis in range(x.ndim) if axis not in at]
    start = axes[0] if axes == list(range(axes[0], axes[-1] + 1)) else 0

    def entry(*i: sp.Expr) -> Any:
        places = i[start : start + len(shape)]
        others = dict(zip(rest, (*i[:start], *i[start + len(shape) :]), strict=True))
        named = {axis: chosen(index, places, x.shape[axis]) for axis, index in wide.items()}
        return x.entry(*({**others, **named}[axis] for axis in range(x.ndim)))

    sizes = [x.shape[axis] for axis in rest]
    return GraphTensor((*sizes[:start], *shape, *sizes[start:]), entry)


def broadcast_indices(at: dict[int, GraphTensor]) -> dict[int, GraphTensor]:
    """Indices of several axes, broadcast against each other; NotTraceable where one is a mask."""
    if any(is_mask(index) for index in at.values()):
        raise NotTraceable(*MASKED)
    shape = broadcast_shape([index.shape for index in at.values()])
    return {axis: broadcast_to(index, shape) for axis, index in at.items()}


def is_mask(x: GraphTensor) -> bool:
    """Whether the entries are conditions."""
    return is_condition(x.entry(*free_indices(x.shape)))


OPERATORS: dict[str, Operator] = {
    "index_select": index_select,
    "gather": gather,
    "embedding": embedding,
    "index.Tensor": index_by_tensors,
}
