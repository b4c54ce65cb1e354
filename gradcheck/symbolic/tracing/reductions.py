"""Reductions of arrays of expressions over axes, in NumPy's spelling, and torch's where it means something else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import sympy as sp

from gradcheck.symbolic.functions import absolute
from gradcheck.symbolic.tracing.entries import Entries, entries, mapped, numbers
from gradcheck.symbolic.tracing.special import Euclidean, LogSumExp, Maximum

Operation = Callable[..., Any]
Axis = int | Sequence[int] | None


def _reduction(combine: Callable[..., sp.Expr]) -> Operation:
    """A reduction over one axis, several, or all, in NumPy's spelling, from a function of the entries."""

    def reduce(x: Any, axis: Axis = None, keepdims: bool = False) -> Entries:
        _check_flag(keepdims)
        x = numbers(x)
        axes = normal_axes(axis, x.ndim)
        lanes = _lanes(x, axes)
        result = np.empty(lanes.shape[:-1], dtype=object)
        for place in np.ndindex(*result.shape):
            result[place] = combine(*lanes[place])
        return np.expand_dims(result, axes) if keepdims else result

    return reduce


def _check_flag(keepdims: Any) -> None:
    """NumPy and torch put different parameters third."""
    if not isinstance(keepdims, bool | np.bool):
        raise TypeError(f"keepdims must be True or False, got {keepdims!r}; name the arguments after the axis")


def normal_axes(axis: Axis, ndim: int) -> tuple[int, ...]:
    """The axes as positions counted from the front; None is all of them."""
    if isinstance(axis, bool):
        raise TypeError("an axis must be an integer; name the arguments that are none")
    axes = range(ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    return tuple(np.lib.array_utils.normalize_axis_index(int(each), ndim) for each in axes)


def _lanes(x: Entries, axes: tuple[int, ...]) -> Entries:
    """The array with the given axes moved to the end and joined."""
    moved = np.moveaxis(x, axes, range(x.ndim - len(axes), x.ndim))
    kept = moved.shape[: x.ndim - len(axes)]
    size = int(np.prod([x.shape[axis] for axis in axes], dtype=int))
    return moved.reshape(*kept, size)


def _mean(*values: sp.Expr) -> sp.Expr:
    return sp.Add(*values) / len(values)


def _variance(*values: sp.Expr, correction: int = 0) -> sp.Expr:
    mean = _mean(*values)
    return sp.Add(*((value - mean) ** 2 for value in values)) / (len(values) - correction)


def _lowest(*values: sp.Expr) -> sp.Expr:
    return -Maximum(*(-value for value in values))


def _spread(correction: int, root: bool) -> Operation:
    """Variance or standard deviation; NumPy's default divides by n, torch's by n - 1."""

    def reduce(x: Any, axis: Axis = None, *, keepdims: bool = False, **how: Any) -> Entries:
        less = how.get("correction", how.get("ddof", correction))
        less = int(how["unbiased"]) if "unbiased" in how else less
        variance = _reduction(lambda *values: _variance(*values, correction=less))(x, axis, keepdims)
        return mapped(sp.sqrt, variance) if root else variance

    return reduce


def _norm(x: Any, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Entries:
    """The Euclidean (Frobenius), absolute-sum or maximum norm of all entries or along axes."""
    x = numbers(x)
    vectors = (x.ndim if axis is None else len(normal_axes(axis, x.ndim))) == 1
    kinds: dict[Any, Callable[..., sp.Expr]] = {None: Euclidean, "fro": Euclidean}
    if vectors:
        kinds |= {2: Euclidean, 1: _absolute_sum, np.inf: _largest_absolute}
    if ord not in kinds:
        raise ValueError(f"the norm of order {ord!r} of an array with {x.ndim} axes has no symbolic form here")
    return _reduction(kinds[ord])(x, axis, keepdims)


def _vector_norm(x: Any, ord: Any = 2, axis: Axis = None, keepdims: bool = False) -> Entries:
    """The norm of the entries as one vector, or along axes."""
    kinds = {2: Euclidean, "fro": Euclidean, None: Euclidean, 1: _absolute_sum, np.inf: _largest_absolute}
    if ord not in kinds:
        raise ValueError(f"the vector norm of order {ord!r} has no symbolic form here; 1, 2 and infinity have")
    return _reduction(kinds[ord])(x, axis, keepdims)


def _absolute_sum(*values: sp.Expr) -> sp.Expr:
    return sp.Add(*(absolute(value) for value in values))


def _largest_absolute(*values: sp.Expr) -> sp.Expr:
    return Maximum(*(absolute(value) for value in values))


def _log_softmax(x: Any, axis: Axis = None) -> Entries:
    """log softmax, along one axis or over all entries."""
    x = numbers(x)
    return x - REDUCTIONS["logsumexp"](x, axis, keepdims=True)


def _softmax(x: Any, axis: Axis = None) -> Entries:
    """exp(x - logsumexp(x)), along one axis or over all entries."""
    return mapped(sp.exp, _log_softmax(x, axis))


def _default_axis(operation: Operation) -> Operation:
    """torch's choice of axis where none is given."""
    return lambda x, axis=None: operation(x, (0 if entries(x).ndim in (0, 1, 3) else 1) if axis is None else axis)


def _of_tensors(reduce: Operation, pairwise: Operation) -> Operation:
    """torch's max and min: of all entries, or of two tensors entry by entry."""

    def extreme(x: Any, *other: Any) -> Entries:
        if other and isinstance(other[0], int):
            raise ValueError("along a dimension it also returns positions; write torch.amax or torch.amin")
        return mapped(pairwise, numbers(x), numbers(other[0])) if other else reduce(x)

    return extreme


REDUCTIONS: dict[str, Operation] = {
    "sum": _reduction(sp.Add),
    "prod": _reduction(sp.Mul),
    "mean": _reduction(_mean),
    "max": _reduction(Maximum),
    "min": _reduction(_lowest),
    "logsumexp": _reduction(LogSumExp),
    "var": _spread(0, root=False),
    "std": _spread(0, root=True),
    "norm": _norm,
    "vector_norm": _vector_norm,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
}

TORCH_REDUCTIONS: dict[str, Operation] = {
    "std": _spread(1, root=True),
    "var": _spread(1, root=False),
    "norm": _vector_norm,
    "softmax": _default_axis(_softmax),
    "log_softmax": _default_axis(_log_softmax),
    "max": _of_tensors(REDUCTIONS["max"], Maximum),
    "min": _of_tensors(REDUCTIONS["min"], _lowest),
}
"""Where torch means something else than NumPy by a name."""
