"""Operators that choose entries by tensors of whole numbers, or write to entries so chosen."""

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
    Shape,
    as_tensor,
    broadcast_shape,
    broadcast_to,
    free_indices,
    number,
    summed,
)
from gradcheck.symbolic.indices import Remainder
from gradcheck.symbolic.piecewise import cases
from gradcheck.symbolic.tensors import delta
from gradcheck.symbolic.tracing.scalars import exact, is_condition

MASKED = (
    "a mask selects entries, so the shape of the result depends on values",
    "multiply by the mask, or choose with torch.where, so that shapes do not depend on values",
)
UNORDERED = (
    "entries written to one place by several indices are written in no order that torch defines",
    "add them with index_add or scatter_add, or write one value",
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
    wide = _broadcast_indices(at)
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


def _broadcast_indices(at: dict[int, GraphTensor]) -> dict[int, GraphTensor]:
    if any(is_mask(index) for index in at.values()):
        raise NotTraceable(*MASKED)
    shape = broadcast_shape([index.shape for index in at.values()])
    return {axis: broadcast_to(index, shape) for axis, index in at.items()}


def is_mask(x: GraphTensor) -> bool:
    """Whether the entries are conditions."""
    return is_condition(x.entry(*free_indices(x.shape)))


def _added(x: GraphTensor, dim: int, index: GraphTensor, source: GraphTensor, alpha: Any = 1) -> GraphTensor:
    """To each place of an axis the source's entries that a vector of indices sends there are added."""
    axis = dim % x.ndim

    def entry(*i: sp.Expr) -> Any:
        def sent(k: sp.Expr) -> sp.Expr:
            here = delta(chosen(index, (k,), x.shape[axis]), i[axis])
            return here * number(source.entry(*i[:axis], k, *i[axis + 1 :]))

        return number(x.entry(*i)) + exact(alpha) * summed([index.shape[0]], sent)

    return GraphTensor(x.shape, entry)


@on_vectors
def index_add(x: GraphTensor, dim: int, index: GraphTensor, source: GraphTensor, *, alpha: Any = 1) -> GraphTensor:
    """x plus the source's slices at the places that indices name."""
    return _added(x, dim, index, source, alpha)


@on_vectors
def scatter_add(x: GraphTensor, dim: int, index: GraphTensor, source: GraphTensor) -> GraphTensor:
    """x plus the source's entries, each at the place along one axis that its index names."""
    return _scattered(x, dim, index, lambda i, here, own: number(x.entry(*i)) + summed(*here(source.entry, own)))


@on_vectors
def scatter_value(x: GraphTensor, dim: int, index: GraphTensor, value: Any) -> GraphTensor:
    """A copy of x with one value at all places along an axis that indices name."""
    written = exact(value)

    def result(i: Any, here: Any, own: Any) -> sp.Expr:
        return cases((written, summed(*here(lambda *_: sp.S.One, own)) > 0), otherwise=number(x.entry(*i)))

    return _scattered(x, dim, index, result)


def _scattered(x: GraphTensor, dim: int, index: GraphTensor, result: Any) -> GraphTensor:
    """`result(places, terms, own)` makes the entry from the sum of what indices send there."""
    axis = dim % x.ndim
    size = index.shape[axis]

    def entry(*i: sp.Expr) -> Any:
        own = [within(each, n) for each, n in zip(i, index.shape, strict=True)]
        reached = [i[a] < index.shape[a] for a in range(x.ndim) if a != axis and index.shape[a] != x.shape[a]]

        def terms(source: Any, at: Sequence[sp.Expr]) -> tuple[list[sp.Expr], Any]:
            def sent(k: sp.Expr) -> sp.Expr:
                place = (*at[:axis], k, *at[axis + 1 :])
                here = delta(chosen(index, place, x.shape[axis]), i[axis])
                return cases((here, sp.And(*reached)), otherwise=sp.S.Zero) * number(source(*place))

            return [size], sent

        return result(i, terms, own)

    return GraphTensor(x.shape, entry)


def index_put(
    x: GraphTensor, indices: Sequence[GraphTensor | None], values: Any, accumulate: bool = False, *_: Any
) -> GraphTensor:
    """A copy of x with other values, or with values added, at the places that tensors of indices name."""
    at = {axis: index for axis, index in enumerate(indices) if index is not None}
    source = as_tensor(values)
    if len(at) == 1 and is_mask(next(iter(at.values()))):
        return _where_masked(x, at, source, accumulate)
    wide = _broadcast_indices(at)
    shape = next(iter(wide.values())).shape
    axes = list(at)
    if axes != list(range(axes[0], axes[-1] + 1)):
        raise NotTraceable("it writes to axes that are not side by side", "permute them to stand side by side")
    rest = [axis for axis in range(x.ndim) if axis not in at]
    sizes = [x.shape[axis] for axis in rest]
    full: Shape = (*sizes[: axes[0]], *shape, *sizes[axes[0] :])
    new = broadcast_to(source, full)

    def entry(*i: sp.Expr) -> Any:
        others = [i[axis] for axis in rest]

        def hit(*k: sp.Expr) -> sp.Expr:
            return sp.Mul(*(delta(chosen(index, k, x.shape[axis]), i[axis]) for axis, index in wide.items()))

        def at_place(*k: sp.Expr) -> sp.Expr:
            return number(new.entry(*others[: axes[0]], *k, *others[axes[0] :]))

        if accumulate:
            return number(x.entry(*i)) + summed(shape, lambda *k: hit(*k) * at_place(*k))
        places = free_indices(shape)
        value = at_place(*places)
        if not value.free_symbols.isdisjoint(places):
            raise NotTraceable(*UNORDERED)
        return cases((value, summed(shape, hit) > 0), otherwise=number(x.entry(*i)))

    return GraphTensor(x.shape, entry)


def _where_masked(x: GraphTensor, at: dict[int, GraphTensor], source: GraphTensor, accumulate: bool) -> GraphTensor:
    """One value where a mask holds."""
    ((axis, mask),) = at.items()
    if any(size != 1 for size in source.shape):
        raise NotTraceable("the number of values written by a mask depends on the mask", MASKED[1])
    value = source.entry(*(sp.S.Zero for _ in source.shape))

    def entry(*i: sp.Expr) -> Any:
        old = number(x.entry(*i))
        return cases((old + value if accumulate else value, mask.entry(*i[axis : axis + mask.ndim])), otherwise=old)

    return GraphTensor(x.shape, entry)


OPERATORS: dict[str, Operator] = {
    "index_select": index_select,
    "gather": gather,
    "embedding": embedding,
    "index.Tensor": index_by_tensors,
    "index_add": index_add,
    "scatter_add": scatter_add,
    "scatter.value": scatter_value,
    "index_put": index_put,
}
