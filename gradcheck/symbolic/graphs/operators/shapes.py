"""Operators that move axes, merge and split them, or repeat along them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sympy as sp

from gradcheck.symbolic.graphs.indices import quotient, remainder
from gradcheck.symbolic.graphs.operators import Operator
from gradcheck.symbolic.graphs.tensors import GraphTensor, Shape, broadcast_to, normal_axes


def permute(x: GraphTensor, dims: Sequence[int]) -> GraphTensor:
    """The axes in another order."""
    order = [dim % x.ndim for dim in dims]
    return GraphTensor(
        tuple(x.shape[axis] for axis in order),
        lambda *indices: x.entry(*(indices[order.index(axis)] for axis in range(x.ndim))),
    )


def transpose(x: GraphTensor, a: int, b: int) -> GraphTensor:
    """Two axes exchanged."""
    order = list(range(x.ndim))
    order[a], order[b] = order[b], order[a]
    return permute(x, order)


def transposed(x: GraphTensor) -> GraphTensor:
    """A matrix's transpose; a vector is left as it is."""
    return transpose(x, 0, 1) if x.ndim == 2 else x


def unsqueeze(x: GraphTensor, dim: int) -> GraphTensor:
    """With a new axis of size 1."""
    place = dim % (x.ndim + 1)
    return GraphTensor((*x.shape[:place], sp.S.One, *x.shape[place:]), lambda *i: x.entry(*i[:place], *i[place + 1 :]))


def squeeze(x: GraphTensor, dims: int | Sequence[int] | None = None) -> GraphTensor:
    """Without the axes of size 1, or without those of them that are named."""
    named = range(x.ndim) if dims is None else [d % x.ndim for d in ([dims] if isinstance(dims, int) else dims)]
    gone = [axis for axis in named if x.shape[axis] == 1]
    kept = [axis for axis in range(x.ndim) if axis not in gone]

    def entry(*indices: Any) -> Any:
        at = dict(zip(kept, indices, strict=True))
        return x.entry(*(at.get(axis, sp.S.Zero) for axis in range(x.ndim)))

    return GraphTensor(tuple(x.shape[axis] for axis in kept), entry)


def expand(x: GraphTensor, sizes: Sequence[sp.Expr], **_: Any) -> GraphTensor:
    """Repeated along axes of size 1; -1 leaves an axis as it is."""
    lacking = len(sizes) - x.ndim
    own = (sp.S.One,) * lacking + x.shape
    return broadcast_to(x, tuple(old if new == -1 else new for new, old in zip(sizes, own, strict=True)))


def view(x: GraphTensor, sizes: Sequence[sp.Expr], *_: Any) -> GraphTensor:
    """The entries in row-major order under another shape."""
    shape = _with_inferred(x.shape, tuple(map(sp.sympify, sizes)))
    blocks = list(_blocks(x.shape, shape))

    def entry(*indices: Any) -> Any:
        return x.entry(*(i for old, new in blocks for i in _moved(old, x.shape, new, shape, indices)))

    return GraphTensor(shape, entry)


def repeat(x: GraphTensor, repeats: Sequence[sp.Expr]) -> GraphTensor:
    """The whole tensor again and again along each axis."""
    lacking = len(repeats) - x.ndim
    wide = (sp.S.One,) * lacking + x.shape
    return GraphTensor(
        tuple(size * times for size, times in zip(wide, repeats, strict=True)),
        lambda *indices: x.entry(*(remainder(i, n) for i, n in zip(indices[lacking:], x.shape, strict=True))),
    )


def flip(x: GraphTensor, dims: Sequence[int]) -> GraphTensor:
    """Some axes in reverse."""
    reversed_axes = normal_axes(dims, x.ndim) if dims else ()

    def entry(*indices: sp.Expr) -> Any:
        return x.entry(*(x.shape[a] - 1 - i if a in reversed_axes else i for a, i in enumerate(indices)))

    return GraphTensor(x.shape, entry)


def roll(x: GraphTensor, shifts: Any, dims: Sequence[int] = ()) -> GraphTensor:
    """Moved along some axes, what leaves at the end coming back at the start; over all entries where none is named."""
    moves = [shifts] if isinstance(shifts, int | sp.Basic) else list(shifts)
    if not dims:
        return view(roll(view(x, [sp.Mul(*x.shape)]), moves, [0]), x.shape)
    moved = {dim % x.ndim: shift for dim, shift in zip(_listed(dims), moves, strict=True)}

    def entry(*indices: sp.Expr) -> Any:
        return x.entry(*(remainder(i - moved[a], x.shape[a]) if a in moved else i for a, i in enumerate(indices)))

    return GraphTensor(x.shape, entry)


def _listed(dims: Any) -> list[int]:
    return [dims] if isinstance(dims, int) else list(dims)


def _with_inferred(old: Shape, new: Shape) -> Shape:
    known = sp.Mul(*(size for size in new if size != -1))
    return tuple(sp.cancel(sp.Mul(*old) / known) if size == -1 else size for size in new)


def _blocks(old: Shape, new: Shape) -> Iterator[tuple[range, range]]:
    """Ranges of old and new axes that hold the same number of entries, as short as can be."""
    a = b = 0
    while a < len(old) or b < len(new):
        i, j = next((i, j) for i, j in _ends(a, len(old), b, len(new)) if _same_product(old[a:i], new[b:j]))
        yield range(a, i), range(b, j)
        a, b = i, j


def _ends(a: int, old: int, b: int, new: int) -> list[tuple[int, int]]:
    """Where blocks that start at a and b may end, the shortest first; all that is left is the last."""
    ends = ((i, j) for i in range(a, old + 1) for j in range(b, new + 1) if (i, j) != (a, b))
    return sorted(ends, key=lambda end: (sum(end), end))


def _same_product(old: Shape, new: Shape) -> bool:
    return bool(sp.expand(sp.Mul(*old) - sp.Mul(*new)) == 0)


def _moved(old: range, shape: Shape, new: range, wide: Shape, indices: Sequence[sp.Expr]) -> list[sp.Expr]:
    """The indices of a block's old axes, from those of its new ones."""
    flat: sp.Expr = sp.S.Zero
    for axis in new:
        flat = flat * wide[axis] + indices[axis]
    moved: list[sp.Expr] = []
    for axis in reversed(old):
        first = axis == old[0]
        moved.append(flat if first else remainder(flat, shape[axis]))
        flat = flat if first else quotient(flat, shape[axis])
    return moved[::-1]


OPERATORS: dict[str, Operator] = {
    **dict.fromkeys(("permute", "permute_copy"), permute),
    "transpose.int": transpose,
    "t": transposed,
    "unsqueeze": unsqueeze,
    **dict.fromkeys(("squeeze", "squeeze.dim", "squeeze.dims"), squeeze),
    "expand": expand,
    **dict.fromkeys(("view", "_unsafe_view", "view_copy"), view),
    "repeat": repeat,
    "flip": flip,
    "roll": roll,
}
