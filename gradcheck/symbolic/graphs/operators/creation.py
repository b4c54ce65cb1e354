"""Operators that make tensors of given entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp
import torch

from gradcheck.symbolic.graphs.operators import Operator
from gradcheck.symbolic.graphs.tensors import GraphTensor
from gradcheck.symbolic.tensors import delta
from gradcheck.symbolic.tracing.scalars import exact


def full(sizes: Sequence[Any], value: Any, **_: Any) -> GraphTensor:
    """The same value everywhere."""
    entry = exact(value)
    return GraphTensor(tuple(map(sp.sympify, sizes)), lambda *_: entry)


def full_like(x: GraphTensor, value: Any, **_: Any) -> GraphTensor:
    """The same value everywhere, in another tensor's shape."""
    return full(x.shape, value)


def new_full(_: GraphTensor, sizes: Sequence[Any], value: Any, **__: Any) -> GraphTensor:
    """The same value everywhere, in a tensor of another's type."""
    return full(sizes, value)


def constant(value: Any) -> Callable[..., GraphTensor]:
    """Makes tensors of one value; of truth values, where that is their type."""
    return lambda sizes, dtype=None, **_: full(sizes, bool(value) if dtype == torch.bool else value)


def constant_like(value: Any) -> Callable[..., GraphTensor]:
    """Makes tensors of one value in another's shape."""
    return lambda x, **_: full(x.shape, value)


def new_constant(value: Any) -> Callable[..., GraphTensor]:
    """Makes tensors of one value and of another's type."""
    return lambda _, sizes, **__: full(sizes, value)


def number(value: Any, **_: Any) -> GraphTensor:
    """A tensor without axes."""
    return full((), value)


def empty(sizes: Sequence[Any], **_: Any) -> GraphTensor:
    """Entries that are to be written before they are read: until then they are no numbers."""
    return full(sizes, sp.nan)


def empty_like(x: GraphTensor, **_: Any) -> GraphTensor:
    """Such entries in another tensor's shape."""
    return empty(x.shape)


def new_empty(_: GraphTensor, sizes: Sequence[Any], **__: Any) -> GraphTensor:
    """Such entries in a tensor of another's type."""
    return empty(sizes)


def positions(start: Any, end: Any, step: Any = 1, **_: Any) -> GraphTensor:
    """`start`, and so on by `step`, to before `end`."""
    first, by = exact(start), exact(step)
    count = sp.ceiling((exact(end) - first) / by)
    return GraphTensor((count,), lambda i: first + by * i)


def first_positions(end: Any, **_: Any) -> GraphTensor:
    """0, 1, ... to before `end`."""
    return positions(0, end)


def evenly_spaced(start: Any, end: Any, steps: Any, **_: Any) -> GraphTensor:
    """So many numbers from `start` to `end`, both included."""
    first, last, count = exact(start), exact(end), sp.sympify(steps)
    return GraphTensor((count,), lambda i: first + (last - first) * i / (count - 1) if count != 1 else first)


def identity(rows: Any, columns: Any = None, **_: Any) -> GraphTensor:
    """1 on the diagonal, else 0."""
    return GraphTensor((sp.sympify(rows), sp.sympify(rows if columns is None else columns)), delta)


OPERATORS: dict[str, Operator] = {
    "full": full,
    "full_like": full_like,
    "new_full": new_full,
    "zeros": constant(0),
    "ones": constant(1),
    "zeros_like": constant_like(0),
    "ones_like": constant_like(1),
    "new_zeros": new_constant(0),
    "new_ones": new_constant(1),
    "scalar_tensor": number,
    "empty.memory_format": empty,
    "empty_like": empty_like,
    "new_empty": new_empty,
    "arange": first_positions,
    "arange.start": positions,
    "arange.start_step": positions,
    "linspace": evenly_spaced,
    "eye": identity,
    "eye.m": identity,
}
