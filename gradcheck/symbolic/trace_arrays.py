"""Arrays of SymPy expressions: reductions, products and rearrangements by the name that NumPy and torch give them.

An array is a NumPy array of objects, so that NumPy itself does the indexing, the broadcasting and the moving of axes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import sympy as sp

from gradcheck.symbolic.trace_scalars import exact, number
from gradcheck.symbolic.trace_special import Euclidean, LogSumExp, Maximum

Entries = np.ndarray[Any, np.dtype[np.object_]]
Operation = Callable[..., Any]
Axis = int | Sequence[int] | None


def boxed(value: Any) -> Entries:
    """One expression as an array without axes."""
    box = np.empty((), dtype=object)
    box[()] = value
    return box


def entries(value: Any) -> Entries:
    """Anything numeric as an array of expressions: numbers, arrays, tensors, expressions, and lists of these."""
    if isinstance(value, np.ndarray) and value.dtype == object:
        return value
    if isinstance(value, list | tuple):
        return stack(value) if value else np.empty(0, dtype=object)
    if hasattr(value, "detach"):
        value = value.detach().cpu().resolve_conj().numpy()
    if isinstance(value, np.ndarray | np.generic):
        return mapped(exact, np.asarray(value).astype(object))
    return boxed(exact(value))


def numbers(value: Any) -> Entries:
    """The same, with every condition turned into 1 or 0."""
    return mapped(number, entries(value))


def mapped(function: Operation, *arrays: Entries) -> Entries:
    """A function of expressions applied to every entry, broadcasting."""
    result = np.frompyfunc(function, len(arrays), 1)(*arrays)
    return result if isinstance(result, np.ndarray) else boxed(result)


def _reduction(combine: Callable[..., sp.Expr]) -> Operation:
    """A reduction over one axis, several, or all, in NumPy's spelling, from a function of the entries."""

    def reduce(x: Any, axis: Axis = None, keepdims: bool = False) -> Entries:
        x = numbers(x)
        axes = _axes(axis, x.ndim)
        lanes = _lanes(x, axes)
        result = np.empty(lanes.shape[:-1], dtype=object)
        for place in np.ndindex(*result.shape):
            result[place] = combine(*lanes[place])
        return np.expand_dims(result, axes) if keepdims else result

    return reduce


def _axes(axis: Axis, ndim: int) -> tuple[int, ...]:
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

    def reduce(x: Any, axis: Axis = None, keepdims: bool = False, **how: Any) -> Entries:
        less = how.get("correction", how.get("ddof", correction))
        less = int(how["unbiased"]) if "unbiased" in how else less
        variance = _reduction(lambda *values: _variance(*values, correction=less))(x, axis, keepdims)
        return mapped(sp.sqrt, variance) if root else variance

    return reduce


def norm(x: Any, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Entries:
    """The Euclidean (Frobenius), absolute-sum or maximum norm of all entries or along axes."""
    x = numbers(x)
    vectors = (x.ndim if axis is None else len(_axes(axis, x.ndim))) == 1
    kinds: dict[Any, Callable[..., sp.Expr]] = {None: Euclidean, "fro": Euclidean}
    if vectors:
        kinds |= {2: Euclidean, 1: _absolute_sum, np.inf: _largest_absolute}
    if ord not in kinds:
        raise ValueError(f"the norm of order {ord!r} of an array with {x.ndim} axes has no symbolic form here")
    return _reduction(kinds[ord])(x, axis, keepdims)


def vector_norm(x: Any, ord: Any = 2, axis: Axis = None, keepdims: bool = False) -> Entries:
    """The norm of the entries as one vector, or along axes."""
    kinds = {2: Euclidean, "fro": Euclidean, None: Euclidean, 1: _absolute_sum, np.inf: _largest_absolute}
    if ord not in kinds:
        raise ValueError(f"the vector norm of order {ord!r} has no symbolic form here; 1, 2 and infinity have")
    return _reduction(kinds[ord])(x, axis, keepdims)


def _absolute_sum(*values: sp.Expr) -> sp.Expr:
    return sp.Add(*(sp.Abs(value) for value in values))


def _largest_absolute(*values: sp.Expr) -> sp.Expr:
    return Maximum(*(sp.Abs(value) for value in values))


def log_softmax(x: Any, axis: Axis = None) -> Entries:
    """log softmax, along one axis or over all entries."""
    x = numbers(x)
    return x - REDUCTIONS["logsumexp"](x, axis, keepdims=True)


def softmax(x: Any, axis: Axis = None) -> Entries:
    """exp(x - logsumexp(x)), along one axis or over all entries."""
    return mapped(sp.exp, log_softmax(x, axis))


def stack(arrays: Any, axis: int = 0) -> Entries:
    """Arrays of one shape joined along a new axis."""
    return np.stack([entries(each) for each in arrays], axis)


def concatenate(arrays: Any, axis: int = 0) -> Entries:
    """Arrays joined along an axis they have."""
    return np.concatenate([entries(each) for each in arrays], axis)


def einsum(subscripts: str, *operands: Any) -> Entries:
    """Einstein's sum."""
    arrays = operands[0] if len(operands) == 1 and isinstance(operands[0], list | tuple) else operands
    result = np.einsum(subscripts, *map(numbers, arrays))
    return result if isinstance(result, np.ndarray) else boxed(result)


def matmul(a: Any, b: Any) -> Entries:
    """The matrix product."""
    a, b = numbers(a), numbers(b)
    if not a.ndim or not b.ndim:
        raise ValueError("a matrix product needs arrays, and one side is a scalar")
    left = a if a.ndim > 1 else a[None, :]
    right = b if b.ndim > 1 else b[:, None]
    terms = left[..., :, :, None] * right[..., None, :, :] if left.shape[-1] == right.shape[-2] else _misfit(a, b)
    product: Entries = REDUCTIONS["sum"](terms, -2)
    product = product if a.ndim > 1 else product[..., 0, :]
    return product if b.ndim > 1 else product[..., 0]


def _misfit(a: Entries, b: Entries) -> Entries:
    raise ValueError(f"shapes {a.shape} and {b.shape} do not fit in a matrix product")


def dot(a: Any, b: Any) -> Entries:
    """NumPy's dot: a scaled array, or the sum over the last axis of `a` and the last but one of `b`."""
    a, b = numbers(a), numbers(b)
    if not a.ndim or not b.ndim:
        return mapped(sp.Mul, a, b)
    return tensordot(a, b, (a.ndim - 1, max(b.ndim - 2, 0))) if b.ndim > 2 else matmul(a, b)


def tensordot(a: Any, b: Any, axes: Any = 2) -> Entries:
    """The sum over pairs of axes."""
    result = np.tensordot(numbers(a), numbers(b), axes)
    return result if isinstance(result, np.ndarray) else boxed(result)


def _trace(x: Any) -> Entries:
    diagonal = np.diagonal(numbers(x))
    return REDUCTIONS["sum"](diagonal, -1)


def _linear(x: Any, weight: Any, bias: Any = 0) -> Entries:
    """torch's linear layer: the weight has output rows."""
    product = matmul(x, np.swapaxes(entries(weight), -1, -2))
    return product if bias is None else product + numbers(bias)


def _reshape(x: Any, *shape: Any) -> Entries:
    sizes = shape[0] if len(shape) == 1 else shape
    return entries(x).reshape(sizes)


def _flatten(x: Any, start_dim: int = 0, end_dim: int = -1) -> Entries:
    x = entries(x)
    if not x.ndim:
        return x.reshape(1)
    first, last = _axes((start_dim, end_dim), x.ndim)
    return x.reshape(*x.shape[:first], -1, *x.shape[last + 1 :])


def _permute(x: Any, *axes: Any) -> Entries:
    order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
    return np.transpose(entries(x), order or None)


def _transposed(x: Any) -> Entries:
    return np.swapaxes(entries(x), -1, -2) if entries(x).ndim > 1 else entries(x)


def _like(value: int) -> Operation:
    return lambda x: mapped(lambda _: sp.Integer(value), entries(x))


def _of_numpy(function: Operation) -> Operation:
    """A rearrangement that NumPy itself does on arrays of objects."""
    return lambda x, *how, **named: function(entries(x), *how, **named)


def _sizes(x: Any, *shape: Any) -> Entries:
    """torch's expand: a size of -1 keeps the axis."""
    x = entries(x)
    sizes = list(shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape)
    own = (1,) * (len(sizes) - x.ndim) + x.shape
    return np.broadcast_to(x, [old if new == -1 else new for new, old in zip(sizes, own, strict=True)])


REDUCTIONS: dict[str, Operation] = {
    "sum": _reduction(sp.Add),
    "prod": _reduction(sp.Mul),
    "mean": _reduction(_mean),
    "max": _reduction(Maximum),
    "min": _reduction(_lowest),
    "logsumexp": _reduction(LogSumExp),
    "var": _spread(0, root=False),
    "std": _spread(0, root=True),
    "norm": norm,
    "vector_norm": vector_norm,
    "softmax": softmax,
    "log_softmax": log_softmax,
}

PRODUCTS: dict[str, Operation] = {
    "dot": dot,
    "matmul": matmul,
    "inner": lambda a, b: tensordot(a, b, (-1, -1)) if entries(a).ndim and entries(b).ndim else dot(a, b),
    "outer": lambda a, b: np.multiply.outer(_flatten(numbers(a)), _flatten(numbers(b))),
    "vdot": lambda a, b: dot(_flatten(a), _flatten(b)),
    "einsum": einsum,
    "tensordot": tensordot,
    "trace": _trace,
    "linear": _linear,
    "addmm": lambda b, x, w: numbers(b) + matmul(x, w),
}

REARRANGEMENTS: dict[str, Operation] = {
    "reshape": _reshape,
    "ravel": _flatten,
    "flatten": _flatten,
    "permute": _permute,
    "transpose": _permute,
    "t": _transposed,
    "stack": stack,
    "concatenate": concatenate,
    "array": lambda x, *_: entries(x),
    "zeros_like": _like(0),
    "ones_like": _like(1),
    "copy": lambda x, *_: entries(x).copy(),
    "unsqueeze": lambda x, axis: np.expand_dims(entries(x), axis),
    "expand": _sizes,
    "hstack": lambda arrays: np.hstack([entries(each) for each in arrays]),
    "vstack": lambda arrays: np.vstack([entries(each) for each in arrays]),
    **{
        name: _of_numpy(getattr(np, name))
        for name in (
            "squeeze", "expand_dims", "swapaxes", "moveaxis", "diagonal", "diag", "flip", "roll", "broadcast_to",
            "tile", "take",
        )
    },
    "cumsum": lambda x, axis=None: np.cumsum(numbers(x), axis),
    "diff": lambda x, n=1, axis=-1: np.diff(numbers(x), n, axis),
}  # fmt: skip

ALIASES = {
    "fsum": "sum", "amax": "max", "amin": "min", "mm": "matmul", "mv": "matmul", "bmm": "matmul", "cat": "concatenate",
    "concat": "concatenate", "view": "reshape", "asarray": "array", "tensor": "array", "as_tensor": "array",
    "asanyarray": "array", "ascontiguousarray": "array", "clone": "copy", "contiguous": "copy", "float": "copy",
    "double": "copy", "astype": "copy", "to": "copy", "linalg_norm": "norm", "linalg_vector_norm": "vector_norm", "ger": "outer",
    "adjoint": "t", "matrix_transpose": "t",
}  # fmt: skip

ARRAYS: dict[str, Operation] = {**REDUCTIONS, **PRODUCTS, **REARRANGEMENTS}
ARRAYS |= {alias: ARRAYS[name] for alias, name in ALIASES.items()}


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


TORCH: dict[str, Operation] = {
    "std": _spread(1, root=True),
    "var": _spread(1, root=False),
    "norm": vector_norm,
    "transpose": _of_numpy(np.swapaxes),
    "softmax": _default_axis(softmax),
    "log_softmax": _default_axis(log_softmax),
    "max": _of_tensors(REDUCTIONS["max"], Maximum),
    "min": _of_tensors(REDUCTIONS["min"], _lowest),
}
"""Where torch means something else than NumPy by a name."""
