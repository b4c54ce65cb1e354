"""The largest and smallest entries along axes, and where they stand: at ties the slopes are torch's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from gradcheck.symbolic.graphs.indices import Index
from gradcheck.symbolic.graphs.operators import Operator
from gradcheck.symbolic.graphs.operators.shapes import view
from gradcheck.symbolic.graphs.tensors import Axes, Entry, GraphTensor, elementwise, number, reduce_axes
from gradcheck.symbolic.tensors import ArgMax, MaxOver
from gradcheck.symbolic.whole_axes import SharedMax


def _shared(sizes: Sequence[sp.Expr], body: Entry) -> sp.Expr:
    bound = [Index(size) for size in sizes]
    entry = number(body(*bound))
    limits = [(k, 0, k.size - 1) for k in bound if k in entry.free_symbols]
    return SharedMax(entry, *limits) if limits else entry


def _first(kind: type[sp.Expr]) -> Any:
    def reduction(sizes: Sequence[sp.Expr], body: Entry) -> sp.Expr:
        k = Index(sizes[0])
        entry = number(body(k))
        return entry if kind is MaxOver and k not in entry.free_symbols else kind(entry, (k, 0, k.size - 1))

    return reduction


def _negated(x: GraphTensor) -> GraphTensor:
    return elementwise(lambda a: -number(a), x)


def amax(x: GraphTensor, dim: Axes = None, keepdim: bool = False) -> GraphTensor:
    """The largest entry over some axes; those that tie share the slope evenly."""
    return reduce_axes(x, dim, keepdim, _shared)


def amin(x: GraphTensor, dim: Axes = None, keepdim: bool = False) -> GraphTensor:
    """The smallest entry over some axes; those that tie share the slope evenly."""
    return _negated(amax(_negated(x), dim, keepdim))


def aminmax(x: GraphTensor, *, dim: int | None = None, keepdim: bool = False) -> tuple[GraphTensor, GraphTensor]:
    """The smallest and the largest entry."""
    return amin(x, dim, keepdim), amax(x, dim, keepdim)


def max_along(x: GraphTensor, dim: int, keepdim: bool = False) -> tuple[GraphTensor, GraphTensor]:
    """The largest entry along an axis and where it stands; of several the first has the slope."""
    if not x.ndim:
        return x, argmax(x)
    return reduce_axes(x, dim, keepdim, _first(MaxOver)), argmax(x, dim, keepdim)


def min_along(x: GraphTensor, dim: int, keepdim: bool = False) -> tuple[GraphTensor, GraphTensor]:
    """The smallest entry along an axis and where it stands; of several the first has the slope."""
    values, places = max_along(_negated(x), dim, keepdim)
    return _negated(values), places


def argmax(x: GraphTensor, dim: int | None = None, keepdim: bool = False) -> GraphTensor:
    """Where the largest entry stands along an axis, or in all entries in row-major order."""
    if not x.ndim:
        return GraphTensor((), lambda: sp.S.Zero)
    if dim is not None:
        return reduce_axes(x, dim, keepdim, _first(ArgMax))
    place = reduce_axes(view(x, [sp.Mul(*x.shape)]), 0, False, _first(ArgMax))
    return view(place, [sp.S.One] * x.ndim) if keepdim else place


def argmin(x: GraphTensor, dim: int | None = None, keepdim: bool = False) -> GraphTensor:
    """Where the smallest entry stands."""
    return argmax(_negated(x), dim, keepdim)


OPERATORS: dict[str, Operator] = {
    "amax": amax,
    "amin": amin,
    "aminmax": aminmax,
    "max": amax,
    "min": amin,
    "max.dim": max_along,
    "min.dim": min_along,
    "argmax": argmax,
    "argmin": argmin,
}
