"""A tensor of a traced graph: its symbolic shape, and its entry at any indices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import sympy as sp

from gradcheck.symbolic.graphs.indices import Index, sum_over_index
from gradcheck.symbolic.piecewise import cases
from gradcheck.symbolic.tracing.scalars import exact, is_condition

Shape = tuple[sp.Expr, ...]
Entry: TypeAlias = Callable[..., Any]
Axes: TypeAlias = "int | Sequence[int] | None"


@dataclass(frozen=True, eq=False)
class GraphTensor:
    """The value of a node: `entry(i, j, ...)` is its entry there, a number or a condition; sizes are symbolic.

    >>> x = sp.IndexedBase("x", shape=(3,), real=True)
    >>> doubled = elementwise(lambda a: 2 * a, GraphTensor((sp.Integer(3),), lambda i: x[i]))
    >>> doubled.entry(sp.Symbol("i"))
    2*x[i]
    """

    shape: Shape
    entry: Entry

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)


def as_tensor(value: Any) -> GraphTensor:
    """A node's value as a tensor; a Python number, or a size, becomes one without axes."""
    if isinstance(value, GraphTensor):
        return value
    number = exact(value)
    return GraphTensor((), lambda: number)


def elementwise(function: Callable[..., Any], *operands: Any) -> GraphTensor:
    """`function` of the operands' entries, broadcast against each other from the last axis."""
    tensors = [as_tensor(operand) for operand in operands]
    shape = broadcast_shape([tensor.shape for tensor in tensors])
    picks = [broadcast_to(tensor, shape).entry for tensor in tensors]
    return GraphTensor(shape, lambda *indices: function(*(pick(*indices) for pick in picks)))


def broadcast_shape(shapes: Sequence[Shape]) -> Shape:
    """The shape that all broadcast to; the graph has proved that sizes other than 1 agree."""
    ndim = max(map(len, shapes), default=0)
    padded = [(sp.S.One,) * (ndim - len(shape)) + shape for shape in shapes]
    return tuple(next((size for size in sizes if size != 1), sp.S.One) for sizes in zip(*padded, strict=True))


def broadcast_to(tensor: GraphTensor, shape: Shape) -> GraphTensor:
    """The tensor repeated along axes that it lacks or has of size 1."""
    lacking = len(shape) - tensor.ndim
    repeated = [size == 1 and wide != 1 for size, wide in zip(tensor.shape, shape[lacking:], strict=True)]

    def entry(*indices: sp.Expr) -> Any:
        own = indices[lacking:]
        return tensor.entry(*(sp.S.Zero if once else i for once, i in zip(repeated, own, strict=True)))

    return GraphTensor(tuple(shape), entry)


def number(entry: Any) -> sp.Expr:
    """An entry as a number: a condition counts 1 where it holds, else 0."""
    if entry in (sp.true, sp.false):
        return sp.Integer(bool(entry))
    return cases((sp.S.One, entry), otherwise=sp.S.Zero) if is_condition(entry) else entry


def normal_axes(axes: Axes, ndim: int) -> tuple[int, ...]:
    """The axes counted from 0, in order; all where none are given."""
    if axes is None or (not isinstance(axes, int) and len(axes) == 0):
        return tuple(range(ndim))
    given = (axes,) if isinstance(axes, int) else axes
    return tuple(sorted(axis % ndim for axis in given)) if ndim else ()


def reduce_axes(
    x: GraphTensor, axes: Axes, keepdim: bool, reduction: Callable[[Sequence[sp.Expr], Entry], sp.Expr]
) -> GraphTensor:
    """`reduction(sizes, body)` over some axes: `body` takes an index for each of them.

    >>> n = sp.Symbol("n", integer=True, positive=True)
    >>> total = reduce_axes(GraphTensor((n, n), lambda i, j: sp.S.One), 0, False, summed)
    >>> total.shape
    (n,)
    """
    gone = normal_axes(axes, x.ndim)
    kept = [axis for axis in range(x.ndim) if axis not in gone]
    sizes = [x.shape[axis] for axis in gone]
    shape = [sp.S.One if axis in gone else x.shape[axis] for axis in range(x.ndim) if keepdim or axis not in gone]

    def entry(*indices: sp.Expr) -> sp.Expr:
        free = [indices[axis] for axis in kept] if keepdim else list(indices)

        def body(*bound: sp.Expr) -> Any:
            at = dict(zip(gone, bound, strict=True)) | dict(zip(kept, free, strict=True))
            return x.entry(*(at[axis] for axis in range(x.ndim)))

        return reduction(sizes, body)

    return GraphTensor(tuple(shape), entry)


def summed(sizes: Sequence[sp.Expr], body: Entry) -> sp.Expr:
    """The sum of the body over all indices."""
    if not sizes:
        return number(body())
    return sum_over_index(sizes[0], lambda k: summed(sizes[1:], lambda *rest: body(k, *rest)))


def averaged(sizes: Sequence[sp.Expr], body: Entry) -> sp.Expr:
    """The mean of the body over all indices."""
    return summed(sizes, body) / sp.Mul(*sizes)


def variable_tensor(variable: Any) -> GraphTensor:
    """The tensor of which every entry is the variable's: an `IndexedBase`, or a `Symbol` for a scalar."""
    if isinstance(variable, sp.IndexedBase):
        return GraphTensor(tuple(variable.shape), lambda *indices: variable[indices])
    return GraphTensor((), lambda: variable)


def free_indices(shape: Shape) -> tuple[Index, ...]:
    """An index for each axis."""
    return tuple(Index(size) for size in shape)
