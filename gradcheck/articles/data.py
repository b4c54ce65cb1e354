"""Typed reading of a claim's data. Every reader raises `ValueError` naming the key that is missing or wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gradcheck.articles.claims import Data

Array = NDArray[np.float64]


def text(data: Data, key: str, default: str | None = None) -> str:
    """The string under `key`."""
    found = data.get(key, default)
    if not isinstance(found, str):
        raise ValueError(f"data[{key!r}] should be a string, not {found!r}")
    return found


def texts(data: Data, key: str) -> dict[str, str]:
    """The mapping of names to strings under `key`; empty where there is none."""
    found = data.get(key, {})
    if not isinstance(found, Mapping) or not all(isinstance(value, str) for value in found.values()):
        raise ValueError(f"data[{key!r}] should map names to strings, not be {found!r}")
    return dict(found)


def number(data: Data, key: str, default: float | None = None) -> float:
    """The number under `key`."""
    found = data.get(key, default)
    if not isinstance(found, int | float):
        raise ValueError(f"data[{key!r}] should be a number, not {found!r}")
    return float(found)


def integer(data: Data, key: str, default: int | None = None) -> int:
    """The whole number under `key`."""
    found = number(data, key, default)
    if found != int(found):
        raise ValueError(f"data[{key!r}] should be a whole number, not {found!r}")
    return int(found)


def items(data: Data, key: str) -> tuple[object, ...]:
    """The sequence under `key`; empty where there is none."""
    found = data.get(key, ())
    if isinstance(found, str) or not isinstance(found, Sequence):
        raise ValueError(f"data[{key!r}] should be a sequence, not {found!r}")
    return tuple(found)


def mappings(data: Data, key: str) -> tuple[Data, ...]:
    """The sequence of mappings under `key`."""
    found = items(data, key)
    if not all(isinstance(entry, Mapping) for entry in found):
        raise ValueError(f"data[{key!r}] should hold mappings, not {found!r}")
    return tuple(entry for entry in found if isinstance(entry, Mapping))


def pairs(data: Data, key: str) -> tuple[tuple[str, str], ...]:
    """The sequence of pairs of strings under `key`."""
    found = []
    for entry in items(data, key):
        match entry:
            case (str(left), str(right)):
                found.append((left, right))
            case _:
                raise ValueError(f"data[{key!r}] should hold pairs of strings, not {entry!r}")
    return tuple(found)


def array(data: Data, key: str) -> Array:
    """The number or nested sequence of numbers under `key`, as float64."""
    if key not in data:
        raise ValueError(f"data[{key!r}] is missing: a number or a nested sequence of numbers")
    return np.asarray(data[key], dtype=np.float64)


def arrays(data: Data, key: str) -> dict[str, Array]:
    """The mapping of names to numbers or nested sequences under `key`, as float64."""
    found = data.get(key)
    if not isinstance(found, Mapping):
        raise ValueError(f"data[{key!r}] should map names to numbers, not be {found!r}")
    return as_arrays(found)


def as_arrays(values: Data) -> dict[str, Array]:
    """A mapping of names to numbers or nested sequences, as float64."""
    return {name: np.asarray(value, dtype=np.float64) for name, value in values.items()}


def optional_array(data: Data, key: str) -> Array:
    """The sequence of numbers under `key`; empty where there is none."""
    return np.asarray(data.get(key, ()), dtype=np.float64)
