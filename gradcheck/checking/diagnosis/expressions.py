"""Slips in the formula of a derivative entry by entry: the output in it not squared, or the input in its place.

The measured derivative must be the right formula, and the stated one the wrong one, at every entry; where more than one
slip would explain it, none is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradcheck.checking.diagnosis.case import Array
from gradcheck.numeric.estimate import Estimate
from gradcheck.results import Diagnosis

Formula = Callable[[Array], Array]

SAME = 1e-9
"""How near, relatively, the stated derivative must be to a wrong formula."""

SLIPS: tuple[tuple[str, Formula, str, Formula, str], ...] = (
    ("1 - y**2", lambda s: 1 - s**2, "1 - y", lambda s: 1 - s, "y"),
    ("1 - y**2", lambda s: 1 - s**2, "1 - x**2", lambda s: 1 - s**2, "x"),
    ("1 - y**2", lambda s: 1 - s**2, "1 + y**2", lambda s: 1 + s**2, "y"),
    ("y * (1 - y)", lambda s: s * (1 - s), "x * (1 - x)", lambda s: s * (1 - s), "x"),
    ("y * (1 - y)", lambda s: s * (1 - s), "1 - y", lambda s: 1 - s, "y"),
    ("y * (1 - y)", lambda s: s * (1 - s), "y", lambda s: s, "y"),
    ("y * (1 - y)", lambda s: s * (1 - s), "y * (1 + y)", lambda s: s * (1 + s), "y"),
    ("y", lambda s: s, "x", lambda s: s, "x"),
    ("-y**2", lambda s: -(s**2), "-y", lambda s: -s, "y"),
    ("1 / (2 * y)", lambda s: 1 / (2 * s), "1 / (2 * x)", lambda s: 1 / (2 * s), "x"),
)
"""The derivative by the output y as it is, and as it is written by a slip, by x (the input) or y."""

POWERS: tuple[tuple[str, str, Formula], ...] = (
    ("a factor x is missing", "x", lambda s: 1 / s),
    ("a factor x**2 is missing", "x", lambda s: 1 / s**2),
    ("a factor x is too much", "x", lambda s: s),
    ("a factor x**2 is too much", "x", lambda s: s**2),
    ("a factor y is missing", "y", lambda s: 1 / s),
    ("a factor y is too much", "y", lambda s: s),
)
"""What the stated derivative is times the true one."""

REMEDY = (
    "Write the derivative's formula anew, and look which of its powers and names differ: x the input, y the output."
)


def named_slip(found: Diagnosis, claimed: Array, measured: Estimate, x: ArrayLike, y: ArrayLike) -> Diagnosis:
    """A diagnosis that names nothing, with the one slip that explains every entry in its place.

    `claimed` and `measured` are of the input's shape, or a Jacobian of its entries by themselves.

    >>> y = np.tanh(0.3)
    >>> nothing = Diagnosis("other", "")
    >>> named_slip(nothing, np.array(1 - y), Estimate(np.array(1 - y**2), np.array(1e-9), 9), 0.3, y).text
    'the derivative is 1 - y in place of 1 - y**2, y being the output'
    """
    if found.kind != "other":
        return found
    inputs, outputs = (np.asarray(each, dtype=np.float64).ravel() for each in (x, y))
    size = inputs.size
    parts = [np.asarray(part) for part in (claimed, measured.value, measured.error_bar)]
    if any(part.size not in (size, size * size) for part in parts):
        return found
    if parts[0].size == size * size:
        squares = [part.reshape(size, size) for part in parts]
        off = ~np.eye(size, dtype=bool)
        if squares[0][off].any() or (np.abs(squares[1][off]) > squares[2][off]).any():
            return found
        parts = [np.diagonal(square) for square in squares]
    stated, true, bar = (part.ravel() for part in parts)
    texts = set(_slips(stated, true, bar, inputs, outputs))
    return Diagnosis("expression", texts.pop(), REMEDY) if len(texts) == 1 else found


def _slips(claimed: Array, true: Array, bar: Array, x: Array, y: Array) -> Iterator[str]:
    """Every slip that explains all entries."""
    values = {"x": x, "y": y} if y.size == x.size else {"x": x}
    with np.errstate(all="ignore"):
        for right, formula, wrong, slipped, by in SLIPS if "y" in values else ():
            if _same(true, formula(y), bar) and _same(claimed, slipped(values[by]), 0):
                yield f"the derivative is {wrong} in place of {right}, y being the output"
        for text, by, factor in POWERS:
            if by in values and _same(claimed, true * factor(values[by]), bar * np.abs(factor(values[by]))):
                yield f"in the derivative {text}"


def _same(left: Array, right: Array, bar: NDArray[np.float64] | float) -> bool:
    return bool(np.all(np.abs(left - right) <= bar + SAME * np.abs(right)))
