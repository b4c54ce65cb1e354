"""A function along a line: what its outputs look like, how precise they are, where it is undefined."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradcheck.errors import UsageError

Array = NDArray[np.float64]


def output(value: ArrayLike) -> NDArray[Any]:
    """What a function returned, as a real numeric array of its own; UsageError for anything else."""
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        raise UsageError(f"f must return real numbers; it returned {type(value).__name__} of dtype {array.dtype}")
    return array.copy()


def precision(outputs: NDArray[Any]) -> float:
    """The relative rounding error of numbers of the outputs' dtype."""
    return float(np.finfo(outputs.dtype if outputs.dtype.kind == "f" else np.float64).eps)


def entry_scales(point: Array) -> tuple[Array, float]:
    """Distances over which a function is expected to change: each entry's own size, flat, and the array's largest.

    An entry that is 0 takes the largest, and that is 1 where all are 0.
    """
    sizes = np.abs(point.ravel())
    largest = float(np.max(sizes, initial=0.0)) or 1.0
    return np.where(sizes == 0, largest, sizes), largest


def guarded(displace: Callable[[int, float], ArrayLike], size: int) -> Callable[[int, float], Array]:
    """`displace` with flat float64 outputs, nan where it raises ArithmeticError or ValueError (outside the domain)."""

    def outputs(line: int, t: float) -> Array:
        try:
            flat = np.asarray(displace(line, t), dtype=np.float64).ravel()
        except (ArithmeticError, ValueError):
            return np.full(size, np.nan)
        if flat.size != size:
            raise UsageError(f"f must return the same number of outputs everywhere; got {size}, then {flat.size}")
        return flat

    return outputs
