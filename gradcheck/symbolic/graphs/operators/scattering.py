"""Operators that write to entries chosen by tensors of whole numbers, or add to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp

from gradcheck.symbolic.graphs.indices import within
from gradcheck.symbolic.graphs.operators import Operator
from gradcheck.symbolic.graphs.operators.indexing import MASKED, broadcast_indices, chosen, is_mask, on_vectors
from gradcheck.symbolic.graphs.refusals import UNORDERED, NotTraceable
from gradcheck.symbolic.graphs.tensors import (
    GraphTensor,
    Shape,
    as_tensor,
    broadcast_to,
    free_indices,
    number,
    summed,
)
from gradcheck.symbolic.piecewise import cases
from gradcheck.symbolic.tensors import delta
from gradcheck.symbolic.tracing.scalars import exact

USE_SUM = 'use reduce="sum" or "mean", or scatter the entries to rows of their own and reduce these'


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


ADDED = ("sum", "mean")


def demand_added(reduce: str) -> None:
    """Raises NotTraceable where entries are put together by anything but their sum or mean."""
    if reduce not in ADDED:
        raise NotTraceable(f"entries sent to one place are reduced by {reduce!r}, which has no formula here", USE_SUM)


def _reduced(old: sp.Expr, sent: sp.Expr, count: sp.Expr, reduce: str, include_self: bool) -> sp.Expr:
    """The sum or mean of what is sent to a place, and of what stands there if so asked, or if nothing is sent."""
    total = old + sent if include_self else sent
    if reduce == "mean":
        total = total / (count + 1 if include_self else cases((count, count > 0), otherwise=sp.S.One))
    return total if include_self else cases((total, count > 0), otherwise=old)


@on_vectors
def scatter_reduce(
    x: GraphTensor, dim: int, index: GraphTensor, source: GraphTensor, reduce: str, *, include_self: bool = True
) -> GraphTensor:
    """Each entry of x with those of the source that their indices send there, added up or averaged."""
    demand_added(reduce)

    def result(i: Any, here: Any, own: Any) -> sp.Expr:
        sent, count = summed(*here(source.entry, own)), summed(*here(lambda *_: sp.S.One, own))
        return _reduced(number(x.entry(*i)), sent, count, reduce, include_self)

    return _scattered(x, dim, index, result)


@on_vectors
def index_reduce(
    x: GraphTensor, dim: int, index: GraphTensor, source: GraphTensor, reduce: str, *, include_self: bool = True
) -> GraphTensor:
    """Each slice of x with those of the source that a vector of indices sends there, averaged."""
    demand_added(reduce)
    axis = dim % x.ndim

    def entry(*i: sp.Expr) -> Any:
        def sent(value: Callable[..., Any]) -> sp.Expr:
            def term(k: sp.Expr) -> sp.Expr:
                here = delta(chosen(index, (k,), x.shape[axis]), i[axis])
                return here * number(value(*i[:axis], k, *i[axis + 1 :]))

            return summed([index.shape[0]], term)

        return _reduced(number(x.entry(*i)), sent(source.entry), sent(lambda *_: sp.S.One), reduce, include_self)

    return GraphTensor(x.shape, entry)


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
    wide = broadcast_indices(at)
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
    "index_add": index_add,
    "scatter_add": scatter_add,
    "scatter.value": scatter_value,
    "scatter_reduce.two": scatter_reduce,
    "index_reduce": index_reduce,
    "index_put": index_put,
}
