"""Numbers, arrays and tensors of a listing, handled alike within the sandbox."""

from __future__ import annotations

import copy
import random
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def seed_all(seed: int) -> None:
    """Seeds every global generator that a listing may draw from."""
    random.seed(seed)
    np.random.seed(seed)
    if "torch" in sys.modules:
        sys.modules["torch"].default_generator.manual_seed(seed)  # `manual_seed` formats a stack each time


def copied(state: dict[str, Any]) -> dict[str, Any]:
    """Deep copies of all values that can be copied."""
    memo: dict[int, Any] = {}
    found = {}
    for name, value in state.items():
        try:
            found[name] = copy.deepcopy(value, memo)
        except Exception:  # a module, a generator or a file is shared
            found[name] = value
    return found


def is_tensor(value: Any) -> bool:
    """Whether a value is a tensor, without importing torch."""
    return "torch" in sys.modules and isinstance(value, sys.modules["torch"].Tensor)


def in_double(value: Any) -> Any:
    """Floating values in double precision; tensors without their graph."""
    if is_tensor(value):
        value = value.detach().clone()
        return value.double() if value.is_floating_point() else value
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value.astype(np.float64)
    return value


def as_array(value: Any) -> Array:
    """A number, array or tensor in double precision."""
    if is_tensor(value):
        value = value.detach().cpu().numpy()
    found = np.asarray(value, dtype=np.float64)
    return found if found.ndim else found.reshape(())


def total(value: Any) -> float:
    """The sum of all entries."""
    return float(as_array(value).sum())


def fitted(gradient: Array, shape: tuple[int, ...]) -> Array:
    """A gradient in its parameter's shape, where only axes of length one in front tell them apart, or all are so."""
    short, long = sorted((gradient.shape, shape), key=len)
    in_front = long[: len(long) - len(short)]
    same = long[len(in_front) :] == short and set(in_front) <= {1}
    single = gradient.size == int(np.prod(shape)) == 1
    return gradient.reshape(shape) if same or single else gradient


def random_move(start: Array, seed: int) -> Array:
    """A random displacement of about half the spread of the entries."""
    generator: Callable[..., Any] = np.random.default_rng(100 + seed).normal
    spread = float(np.std(start)) or float(np.max(np.abs(start), initial=0.0)) or 0.5
    return np.asarray(generator(size=start.shape) * min(max(spread / 2, 1e-3), 1.0))


def sizes_of(state: Mapping[str, Any]) -> dict[str, int]:
    """Numbers that a factor may come from: lengths of arrays."""
    found: dict[str, int] = {}
    for name, value in state.items():
        shape = getattr(value, "shape", ())
        for axis, size in enumerate(shape[:2] if isinstance(shape, tuple) else ()):
            if size > 1 and size not in found.values():
                found[f"the length of axis {axis} of {name}" if axis else f"the length of {name}"] = int(size)
    return found
