"""Operators that take parts of tensors, put parts together, or write into a part of a tensor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import sympy as sp

from gradcheck.symbolic.graphs.indices import quotient, remainder, within
from gradcheck.symbolic.graphs.operators import Operator
from gradcheck.symbolic.graphs.tensors import GraphTensor, as_tensor, broadcast_to
from gradcheck.symbolic.piecewise import cases
from gradcheck.symbolic.tensors import delta
from gradcheck.symbolic.tracing.scalars import is_condition

UNBOUNDED = 2**62
"""From here on, the end of a slice says that there is none."""


def along(x: GraphTensor, dim: int, size: sp.Expr, moved: Callable[[sp.Expr], sp.Expr]) -> GraphTensor:
    """An axis run over by another index, from which `moved` makes the tensor's own."""
    axis = dim % x.ndim
    shape = (*x.shape[:axis], size, *x.shape[axis + 1 :])
    return GraphTensor(shape, lambda *i: x.entry(*i[:axis], moved(i[axis]), *i[axis + 1 :]))


def from_start(place: Any, size: sp.Expr) -> sp.Expr:
    """A place that may be counted from the end."""
    place = sp.sympify(place)
    return place + size if place.is_negative else place


def _bounds(size: sp.Expr, start: Any, end: Any) -> tuple[sp.Expr, sp.Expr]:
    last = size if end is None or (isinstance(end, int) and end >= UNBOUNDED) else from_start(end, size)
    return from_start(start or 0, size), last


def select(x: GraphTensor, dim: int, index: Any) -> GraphTensor:
    """The tensor at one place of an axis, which it loses."""
    axis = dim % x.ndim
    place = from_start(index, x.shape[axis])
    return GraphTensor((*x.shape[:axis], *x.shape[axis + 1 :]), lambda *i: x.entry(*i[:axis], place, *i[axis:]))


def part(x: GraphTensor, dim: int = 0, start: Any = None, end: Any = None, step: Any = 1) -> GraphTensor:
    """Every `step`-th place of an axis from `start` to before `end`."""
    whole = x.shape[dim % x.ndim]
    first, last = _bounds(whole, start, end)
    if first == 0 and step == 1:
        return along(x, dim, last, lambda i: within(i, whole))
    size = last - first if step == 1 else sp.floor((last - first - 1) / step) + 1
    return along(x, dim, size, lambda i: first + step * i)


def split(x: GraphTensor, sizes: Sequence[sp.Expr], dim: int = 0) -> tuple[GraphTensor, ...]:
    """Consecutive parts of given sizes."""
    ends = [sp.Add(*sizes[:count]) for count in range(len(sizes) + 1)]
    return tuple(part(x, dim, start, end) for start, end in pairwise(ends))


def unbind(x: GraphTensor, dim: int = 0) -> tuple[GraphTensor, ...]:
    """The tensor at every place of an axis of known size."""
    return tuple(select(x, dim, place) for place in range(int(x.shape[dim % x.ndim])))


def unfold(x: GraphTensor, dim: int, size: Any, step: Any) -> GraphTensor:
    """Windows of an axis, their own places along a new last one."""
    if not x.ndim:
        return GraphTensor((sp.sympify(size),), lambda _: x.entry())
    axis = dim % x.ndim
    count = sp.floor((x.shape[axis] - size) / step) + 1
    shape = (*x.shape[:axis], count, *x.shape[axis + 1 :], sp.sympify(size))
    return GraphTensor(shape, lambda *i: x.entry(*i[:axis], step * i[axis] + i[-1], *i[axis + 1 : -1]))


def concatenate(tensors: Sequence[GraphTensor], dim: int = 0) -> GraphTensor:
    """Tensors one after the other along an axis."""
    parts = [x for x in tensors if x.shape != (0,)]
    axis = dim % parts[0].ndim
    ends = [sp.Add(*(x.shape[axis] for x in parts[: count + 1])) for count in range(len(parts))]

    def entry(*indices: sp.Expr) -> Any:
        place = indices[axis]
        starts = [sp.S.Zero, *ends[:-1]]
        entries = [
            x.entry(*indices[:axis], within(place - start, x.shape[axis]), *indices[axis + 1 :])
            for x, start in zip(parts, starts, strict=True)
        ]
        *first, last = zip(entries, ends, strict=True)
        return cases(*((each, place < end) for each, end in first), otherwise=last[0])

    return GraphTensor((*parts[0].shape[:axis], ends[-1], *parts[0].shape[axis + 1 :]), entry)


def stack(tensors: Sequence[GraphTensor], dim: int = 0) -> GraphTensor:
    """Tensors one after the other along a new axis."""
    axis = dim % (tensors[0].ndim + 1)

    def entry(*indices: sp.Expr) -> Any:
        rest = (*indices[:axis], *indices[axis + 1 :])
        *first, last = (x.entry(*rest) for x in tensors)
        chosen = ((each, sp.Eq(indices[axis], place)) for place, each in enumerate(first))
        return cases(*chosen, otherwise=last)

    shape = tensors[0].shape
    return GraphTensor((*shape[:axis], sp.Integer(len(tensors)), *shape[axis:]), entry)


def diagonal(x: GraphTensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> GraphTensor:
    """The entries where two axes have the same index, or one `offset` more, along a new last axis."""
    row, column = dim1 % x.ndim, dim2 % x.ndim
    kept = [axis for axis in range(x.ndim) if axis not in (row, column)]
    below, above = max(-offset, 0), max(offset, 0)

    def entry(*indices: sp.Expr) -> Any:
        at = dict(zip(kept, indices, strict=False))
        at |= {axis: within(indices[-1] + by, x.shape[axis]) for axis, by in ((row, below), (column, above))}
        return x.entry(*(at[axis] for axis in range(x.ndim)))

    size = _smaller_size(x.shape[row] - below, x.shape[column] - above)
    return GraphTensor((*(x.shape[axis] for axis in kept), size), entry)


def _smaller_size(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    return a if a == b else sp.Min(a, b)


def diagonal_matrix(x: GraphTensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> GraphTensor:
    """The last axis as a diagonal, 0 elsewhere."""
    ndim = x.ndim + 1
    row, column = dim1 % ndim, dim2 % ndim
    below, above = max(-offset, 0), max(offset, 0)
    size = x.shape[-1]

    def entry(*indices: sp.Expr) -> Any:
        i, j = indices[row], indices[column]
        rest = (index for axis, index in enumerate(indices) if axis not in (row, column))
        return delta(i + above, j + below) * x.entry(*rest, within(i - below if below else i, size))

    rest = iter(x.shape[:-1])
    shape = tuple(size + abs(offset) if axis in (row, column) else next(rest) for axis in range(ndim))
    return GraphTensor(shape, entry)


def lower_triangle(x: GraphTensor, diagonal: int = 0) -> GraphTensor:
    """The entries on a diagonal and below; 0 above."""
    return GraphTensor(x.shape, lambda *i: _kept(x.entry(*i), i[-1] - i[-2] <= diagonal))


def upper_triangle(x: GraphTensor, diagonal: int = 0) -> GraphTensor:
    """The entries on a diagonal and above; 0 below."""
    return GraphTensor(x.shape, lambda *i: _kept(x.entry(*i), i[-1] - i[-2] >= diagonal))


def _kept(entry: Any, condition: Any) -> Any:
    """The entry where the condition holds, else 0, or false."""
    return sp.And(entry, condition) if is_condition(entry) else cases((entry, condition), otherwise=sp.S.Zero)


def written(x: GraphTensor, source: Any, *_: Any) -> GraphTensor:
    """What `source` is broadcast to."""
    return broadcast_to(as_tensor(source), x.shape)


def _inside(index: sp.Expr, first: sp.Expr, last: sp.Expr, size: sp.Expr) -> list[Any]:
    """The conditions that a place lies in a slice, apart from those that always hold."""
    return ([index >= first] if first != 0 else []) + ([index < last] if last != size else [])


def with_part(x: GraphTensor, source: GraphTensor, dim: int = 0, *where: Any) -> GraphTensor:
    """A copy in which a slice is another tensor: from `start` to before `end`, by `step`."""
    defaults: tuple[Any, ...] = (None, None, 1)
    start, end, step = (*where, *defaults[len(where) :])
    axis = dim % x.ndim
    first, last = _bounds(x.shape[axis], start, end)
    size = source.shape[axis]

    def entry(*indices: sp.Expr) -> Any:
        moved = indices[axis] - first
        conditions = _inside(indices[axis], first, last, x.shape[axis])
        if step != 1:
            conditions.append(sp.Eq(remainder(moved, sp.sympify(step)), 0))
        place = within(moved if step == 1 else quotient(moved, sp.sympify(step)), size)
        new = source.entry(*indices[:axis], place, *indices[axis + 1 :])
        return cases((new, sp.And(*conditions)), otherwise=x.entry(*indices))

    return GraphTensor(x.shape, entry)


def with_place(x: GraphTensor, source: GraphTensor, dim: int, index: Any) -> GraphTensor:
    """A copy in which one place of an axis is another tensor."""
    axis = dim % x.ndim
    place = from_start(index, x.shape[axis])

    def entry(*indices: sp.Expr) -> Any:
        new = source.entry(*indices[:axis], *indices[axis + 1 :])
        return cases((new, sp.Eq(indices[axis], place)), otherwise=x.entry(*indices))

    return GraphTensor(x.shape, entry)


def with_diagonal(x: GraphTensor, source: GraphTensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> GraphTensor:
    """A copy in which a diagonal is another tensor."""
    row, column = dim1 % x.ndim, dim2 % x.ndim
    below, above = max(-offset, 0), max(offset, 0)

    def entry(*indices: sp.Expr) -> Any:
        rest = [index for axis, index in enumerate(indices) if axis not in (row, column)]
        new = source.entry(*rest, within(indices[row] - below, source.shape[-1]))
        on_it = sp.Eq(indices[row] + above, indices[column] + below)
        return cases((new, on_it), otherwise=x.entry(*indices))

    return GraphTensor(x.shape, entry)


OPERATORS: dict[str, Operator] = {
    "select.int": select,
    "slice.Tensor": part,
    "split_with_sizes": split,
    **dict.fromkeys(("unbind.int", "unbind_copy.int"), unbind),
    "unfold": unfold,
    "cat": concatenate,
    "stack": stack,
    "diagonal": diagonal,
    "diag_embed": diagonal_matrix,
    "tril": lower_triangle,
    "triu": upper_triangle,
    "copy": written,
    "slice_scatter": with_part,
    "select_scatter": with_place,
    "diagonal_scatter": with_diagonal,
}
