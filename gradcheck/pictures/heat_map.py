"""A Jacobian as a table of numbers with named axes: one row an output entry, one column an input entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.errors import UnknownName, UsageError
from gradcheck.pictures.point import Given, formula_point
from gradcheck.symbolic.formula import Formula

MAX_ENTRIES = 900
"""More rows or columns than 30 cannot be told apart on a page."""


@dataclass(frozen=True)
class IndexAxis:
    """One side of the table: the names of its indices (such as "i" or "a, b"), and the label of each place."""

    names: str
    role: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class HeatMap:
    """The derivative of a formula by one variable at a point.

    Where the output is a single number, the gradient is shown in the variable's own shape (a vector as a row).
    """

    title: str
    wrt: str
    rows: IndexAxis
    columns: IndexAxis
    values: NDArray[np.float64]

    @property
    def largest(self) -> float:
        """The largest size of a value: colours run from minus this to this."""
        return float(np.max(np.abs(self.values)))


def heat_map(formula: Formula, wrt: str | None = None, at: Given | None = None) -> HeatMap:
    """The compiled Jacobian at the point that `at` gives, its other entries sampled.

    Raises UnknownName and UsageError for a point that does not fit, and where the table is too large to be read.

    >>> from gradcheck import formula
    >>> found = heat_map(formula("softmax"), at={"z": [0.0, 0.0]})
    >>> found.rows.names, found.columns.names, found.values.tolist()
    ('i', 'j', [[0.25, -0.25], [-0.25, 0.25]])
    """
    given = at or {}
    name = wrt or next((each for each in formula.wrt if each in given), formula.wrt[0])
    if name not in formula.wrt:
        accepted = f"choose from {', '.join(formula.wrt)}"
        raise UnknownName(f"variable to differentiate {formula.name} by", name, formula.wrt, accepted)
    point = formula_point(formula, given)
    values = _derivative(formula, name, point)
    rows, columns = _axes(formula, name, values.shape)
    table = values.reshape(len(rows.labels), len(columns.labels))
    return HeatMap(formula.title, name, rows, columns, table)


def _derivative(formula: Formula, wrt: str, point: Mapping[str, Any]) -> NDArray[np.float64]:
    try:
        with np.errstate(all="ignore"):
            formula.compile("numpy")(*point.values())  # a class index out of range shows here alone
            values = np.asarray(formula.compile("numpy", wrt)(*point.values()), dtype=np.float64)
    except (ArithmeticError, IndexError, ValueError) as error:
        raise UsageError(f"at: {formula.name} has no derivative there: {error}") from None
    if not np.isfinite(values).all():
        raise UsageError(f"at: the derivative of {formula.name} is not finite there")
    if values.size > MAX_ENTRIES:
        raise UsageError(f"at: the Jacobian has {values.size} entries; up to {MAX_ENTRIES} can be shown")
    return values


def _axes(formula: Formula, wrt: str, shape: tuple[int, ...]) -> tuple[IndexAxis, IndexAxis]:
    """Output indices down, input indices across; a gradient of one number by a matrix keeps the matrix's two axes."""
    outputs, inputs = list(map(str, formula.output)), list(map(str, formula.entry(wrt)[1]))
    split = len(outputs) or (1 if len(inputs) > 1 else 0)
    names = outputs + inputs
    roles = ("output", f"entry of {wrt}") if outputs else (f"row of {wrt}", f"column of {wrt}")
    if len(names) == 1 and inputs:
        roles = ("", f"entry of {wrt}")
    return (
        IndexAxis(", ".join(names[:split]), roles[0], _labels(shape[:split])),
        IndexAxis(", ".join(names[split:]), roles[1] if inputs else "", _labels(shape[split:])),
    )


def _labels(shape: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(",".join(map(str, place)) for place in product(*map(range, shape)))
