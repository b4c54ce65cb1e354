"""Products and rearrangements of arrays of expressions, by the name that NumPy and torch give them."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from gradcheck.symbolic.tracing.entries import Entries, as_array, entries, mapped, numbers
from gradcheck.symbolic.tracing.reductions import REDUCTIONS, TORCH_REDUCTIONS, Operation, normal_axes


def stack(arrays: Any, axis: int = 0) -> Entries:
    """Arrays of one shape joined along a new axis."""
    return np.stack([entries(each) for each in arrays], axis)


def concatenate(arrays: Any, axis: int = 0) -> Entries:
    """Arrays joined along an axis they have."""
    return np.concatenate([entries(each) for each in arrays], axis)


def einsum(subscripts: str, *operands: Any) -> Entries:
    """Einstein's sum."""
    arrays = operands[0] if len(operands) == 1 and isinstance(operands[0], list | tuple) else operands
    return as_array(np.einsum(subscripts, *map(numbers, arrays)))


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
    return as_array(np.tensordot(numbers(a), numbers(b), axes))


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
    first, last = normal_axes((start_dim, end_dim), x.ndim)
    return x.reshape(*x.shape[:first], -1, *x.shape[last + 1 :])


def _permute(x: Any, *axes: Any) -> Entries:
    order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
    return np.transpose(entries(x), order if len(order) else None)


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
    "flatten": lambda x, *axes: _flatten(x, *axes).copy(),
    "permute": _permute,
    "transpose": _permute,
    "t": _transposed,
    "stack": stack,
    "concatenate": concatenate,
    "array": lambda x, *_: entries(x).copy(),
    "asarray": lambda x, *_: entries(x),
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
    "concat": "concatenate", "view": "reshape", "tensor": "array", "as_tensor": "asarray",
    "asanyarray": "asarray", "ascontiguousarray": "asarray", "clone": "copy", "contiguous": "copy", "float": "copy",
    "double": "copy", "astype": "copy", "to": "copy", "linalg_norm": "norm", "linalg_vector_norm": "vector_norm",
    "ger": "outer", "adjoint": "t", "matrix_transpose": "t",
}  # fmt: skip

ARRAYS: dict[str, Operation] = {**REDUCTIONS, **PRODUCTS, **REARRANGEMENTS}
ARRAYS |= {alias: ARRAYS[name] for alias, name in ALIASES.items()}


TORCH: dict[str, Operation] = {**TORCH_REDUCTIONS, "transpose": _of_numpy(np.swapaxes), "flatten": _flatten}
"""Where torch means something else than NumPy by a name."""
