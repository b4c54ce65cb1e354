"""A function along a line: what its outputs look like, how precise they are, where it is undefined."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradcheck.errors import UsageError

Array = NDArray[np.float64]

NEGLIGIBLE = 1e-3
"""An entry smaller than this beside its array's largest is stepped on the array's scale, not on its own."""


def output(value: ArrayLike) -> NDArray[Any]:
    """What a function returned, as a real numeric array of its own; UsageError for anything else."""
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        raise UsageError(f"f must return real numbers; it returned {type(value).__name__} of dtype {array.dtype}")
    return array.copy()


def precision(outputs: NDArray[Any]) -> float:
    """The relative rounding error of numbers of the outputs' dtype."""
    return float(np.finfo(outputs.dtype if outputs.dtype.kind == "f" else np.float64).eps)


def entry_scales(point: Array) -> Array:
    """For each entry, flat, the distance over which a function of it is expected to change: the entry's own size."""
    sizes = np.abs(point.ravel())
    typical = np.max(sizes, initial=0.0) or 1.0
    return np.where(sizes < NEGLIGIBLE * typical, typical, sizes)


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
