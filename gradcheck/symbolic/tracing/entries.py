"""Arrays of SymPy expressions, as NumPy arrays of objects: NumPy itself indexes, broadcasts and moves axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcheck.symbolic.tracing.scalars import exact, number

Entries = np.ndarray[Any, np.dtype[np.object_]]


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
        return np.stack([entries(each) for each in value]) if value else np.empty(0, dtype=object)
    if hasattr(value, "detach"):
        value = value.detach().cpu().resolve_conj().numpy()
    if isinstance(value, np.ndarray | np.generic):
        return mapped(exact, np.asarray(value).astype(object))
    return boxed(exact(value))


def numbers(value: Any) -> Entries:
    """The same, with every condition turned into 1 or 0."""
    return mapped(number, entries(value))


def mapped(function: Callable[..., Any], *arrays: Entries) -> Entries:
    """A function of expressions applied to every entry, broadcasting."""
    return as_array(np.frompyfunc(function, len(arrays), 1)(*arrays))


def as_array(result: Any) -> Entries:
    """What NumPy made of arrays of objects; it hands a result without axes over as the object itself."""
    return result if isinstance(result, np.ndarray) else boxed(result)
