"""Gradients whose numbers are right, and stand at each other's places."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.checking.diagnosis.case import Array, Case, at

Places = NDArray[np.int_]
Shape = tuple[int, ...]
Order = Callable[[NDArray[Any]], NDArray[Any]]
"""An array of the same entries in another order."""

SHIFTS = (1, -1, 2, -2)
"""Shifts that are looked for; a reversal and an exchange of two entries are told too."""

COLUMN_ORDER = "they are in column order, as a transpose before a reshape leaves them"

INPUT = "the gradient's numbers are right, but stand at other entries"
OUTPUT = "the derivatives are right, but stand at other entries of the output"


def permuted(case: Case) -> str | None:
    """How the entries of the input, or those of the output, are exchanged in a derivative; None where they are not."""
    matrices = [part.reshape(case.matrix_shape) for part in (case.claimed, case.true, case.tolerance)]
    shapes = (case.true.shape[case.output_ndim :], case.true.shape[: case.output_ndim])
    for sides, shape, text in ((matrices, shapes[0], INPUT), ([part.T for part in matrices], shapes[1], OUTPUT)):
        found = _places(*sides)
        if found is not None:
            return f"{text}: {told(found, shape)}"
    return None


def _places(claimed: Array, true: Array, tolerance: Array) -> Places | None:
    """For each column of `claimed` the column of `true` that it is; right ones are their own."""
    wrong = np.flatnonzero((np.abs(claimed - true) > tolerance).any(axis=0) | ~np.isfinite(claimed).all(axis=0))
    if len(wrong) < 2 or not true[:, wrong].any():
        return None
    places = np.arange(claimed.shape[1])
    left = wrong.tolist()
    for column in wrong:
        fitting = [i for i in left if (np.abs(claimed[:, column] - true[:, i]) <= tolerance[:, i]).all()]
        if not fitting:
            return None
        places[column] = fitting[0]
        left.remove(fitting[0])
    return places


def arrangements(shape: Shape) -> Iterator[tuple[str, Order]]:
    """The orders that have a name, each with what undoes it in an array of this shape."""
    for axis in (axis for axis, size in enumerate(shape) if size > 1):
        along = f" along axis {axis}" if len(shape) > 1 else ""
        yield f"they are reversed{along}", partial(np.flip, axis=axis)
        for shift in (s for s in SHIFTS if abs(s) < shape[axis]):
            yield f"they are shifted by {shift}{along}", partial(np.roll, shift=-shift, axis=axis)
    if sum(size > 1 for size in shape) > 1:
        yield COLUMN_ORDER, lambda a: a.reshape(shape[::-1]).T
        yield COLUMN_ORDER, lambda a: a.T.reshape(shape)


def told(places: Places, shape: Shape) -> str:
    """What a permutation does, as a person says it.

    >>> told(np.array([0, 3, 2, 1]), (4,)), told(np.array([3, 0, 1, 2]), (4,))
    ('those at [1] and [3] are exchanged', 'they are shifted by 1')
    """
    moved = np.flatnonzero(places != np.arange(len(places)))
    if len(moved) == 2:
        first, second = (at(tuple(int(i) for i in np.unravel_index(place, shape))) for place in moved)
        return f"those at {first} and {second} are exchanged"
    for name, undone in arrangements(shape):
        if np.array_equal(undone(places.reshape(shape)).ravel(), np.arange(prod(shape))):
            return name
    return f"{len(moved)} of them are in another order"
