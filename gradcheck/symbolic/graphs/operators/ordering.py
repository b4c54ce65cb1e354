"""Entries in order of size. At ties the first comes first, as in torch's stable sort."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from gradcheck.symbolic.graphs.indices import sum_over_index
from gradcheck.symbolic.graphs.operators import Operator
from gradcheck.symbolic.graphs.operators.parts import select
from gradcheck.symbolic.graphs.operators.shapes import unsqueeze, view
from gradcheck.symbolic.graphs.refusals import NotTraceable
from gradcheck.symbolic.graphs.tensors import GraphTensor, number
from gradcheck.symbolic.piecewise import cases
from gradcheck.symbolic.tensors import delta

Pair = tuple[GraphTensor, GraphTensor]
UNSORTED = ("torch returns the largest entries in no order that it defines", "leave sorted=True")


def ordered(x: GraphTensor, dim: int = -1, descending: bool = False) -> Pair:
    """The entries along an axis in ascending or descending order, and where each stood.

    The entry at place k of the result is that of rank k: as many are smaller, or as large and stand before it.
    """
    if not x.ndim:
        return x, GraphTensor((), lambda: sp.S.Zero)
    axis = dim % x.ndim
    size = x.shape[axis]

    def at(i: Any, place: sp.Expr) -> sp.Expr:
        return number(x.entry(*i[:axis], place, *i[axis + 1 :]))

    def rank(i: Any, place: sp.Expr) -> sp.Expr:
        def precedes(other: sp.Expr) -> sp.Expr:
            a, b = at(i, other), at(i, place)
            before = sp.Or(a > b if descending else a < b, sp.And(sp.Eq(a, b), other < place))
            return cases((sp.S.One, before), otherwise=sp.S.Zero)

        return sum_over_index(size, precedes)

    def value(*i: sp.Expr) -> sp.Expr:
        return sum_over_index(size, lambda k: delta(i[axis], rank(i, k)) * at(i, k))

    def place(*i: sp.Expr) -> sp.Expr:
        return sum_over_index(size, lambda k: delta(i[axis], rank(i, k)) * k)

    return GraphTensor(x.shape, value), GraphTensor(x.shape, place)


def stably_ordered(x: GraphTensor, *, dim: int = -1, descending: bool = False, **_: Any) -> Pair:
    """The same, as torch's other operator takes its arguments."""
    return ordered(x, dim, descending)


def largest(x: GraphTensor, count: Any, dim: int = -1, largest: bool = True, is_sorted: bool = True) -> Pair:
    """So many of the largest or smallest entries along an axis, in order, and where they stand.

    Of several that tie torch takes one, not always the first.
    """
    if not is_sorted and count != 1:
        raise NotTraceable(*UNSORTED)
    values, places = ordered(x, dim, largest)
    axis = dim % x.ndim if x.ndim else 0
    shape = (*x.shape[:axis], sp.sympify(count), *x.shape[axis + 1 :]) if x.ndim else ()
    return GraphTensor(shape, values.entry), GraphTensor(shape, places.entry)


def of_rank(x: GraphTensor, rank: Any, dim: int = -1, keepdim: bool = False) -> Pair:
    """The entry along an axis that is so many in ascending order, counted from 1, and where it stands."""
    if not x.ndim:
        return ordered(x)
    values, places = (select(each, dim, rank - 1) for each in ordered(x, dim))
    return (unsqueeze(values, dim % x.ndim), unsqueeze(places, dim % x.ndim)) if keepdim else (values, places)


def median_along(x: GraphTensor, dim: int, keepdim: bool = False) -> Pair:
    """The entry in the middle of an axis, the lower one of two, and where it stands."""
    size = x.shape[dim] if x.ndim else sp.S.One
    return of_rank(x, sp.floor((size + 1) / 2), dim, keepdim)


def median(x: GraphTensor) -> GraphTensor:
    """The entry in the middle of all, the lower one of two; those that tie share the slope evenly."""
    flat = view(x, [sp.Mul(*x.shape)])
    middle, _ = median_along(flat, 0)

    def entry() -> sp.Expr:
        def equal(value: Callable[[sp.Expr], sp.Expr]) -> sp.Expr:
            return sum_over_index(
                flat.shape[0],
                lambda k: cases((value(k), sp.Eq(number(flat.entry(k)), middle.entry())), otherwise=sp.S.Zero),
            )

        return equal(lambda k: number(flat.entry(k))) / equal(lambda _: sp.S.One)

    return GraphTensor((), entry)


OPERATORS: dict[str, Operator] = {
    "sort": ordered,
    "sort.stable": stably_ordered,
    "topk": largest,
    "kthvalue": of_rank,
    "median": median,
    "median.dim": median_along,
}
