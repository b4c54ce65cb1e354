"""A formula as a function of one number: one output entry, while one entry of one variable moves.

The entries are the first ones, or, where that derivative is 0 at the point, those of the largest derivative.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import mpmath as mp
import numpy as np

from gradcheck.errors import UnknownName
from gradcheck.pictures.line import Line, as_number, evaluated, span_around
from gradcheck.pictures.point import Entry, Given, formula_point, is_elementwise, point_sizes, subscripted
from gradcheck.symbolic.domains import REAL, Array
from gradcheck.symbolic.evaluate import exact
from gradcheck.symbolic.formula import Formula

DRAWS = 64
NAMED = 4
"""Up to so many entries that stay fixed are named."""


def formula_line(formula: Formula, wrt: str | None = None, at: Given | None = None) -> Line:
    """One output entry as a function of one entry of `wrt`, the others as `at` gives them or sampled.

    A function that works entry by entry is a function of one number, unless `at` gives it more entries. Without `wrt`
    the first variable that `at` names moves, or the formula's first. Raises UnknownName and UsageError for bad input.

    >>> from gradcheck import formula
    >>> tanh = formula_line(formula("tanh"), at={"x": [0.5]})
    >>> tanh.variable, tanh.value(0.0), tanh.slope(0.0)
    ('x', 0.0, 1.0)
    >>> formula_line(formula("softmax"), at={"z": [0.0, 0.0]}).fixed
    'z₁ = 0'
    """
    given = at or {}
    moving = wrt or next((name for name in formula.wrt if name in given), formula.wrt[0])
    if moving not in formula.wrt:
        raise UnknownName(
            f"variable to differentiate {formula.name} by", moving, formula.wrt, f"choose from {', '.join(formula.wrt)}"
        )
    point = formula_point(formula, given, small=is_elementwise(formula, moving))
    return _Moving(formula, moving, point).line()


@dataclass(frozen=True)
class _Moving:
    """A formula at a point, with the variable of which one entry moves."""

    formula: Formula
    name: str
    point: Mapping[str, Array]

    def line(self) -> Line:
        """The line; where there is but one entry, names need no index."""
        alone = self.point[self.name].size == 1 and is_elementwise(self.formula, self.name)
        at = float(self.point[self.name][self.entry])
        return Line(
            title=self.formula.title,
            name=self.formula.name if alone else subscripted(self.formula.name, self.output),
            variable=self.name if alone else subscripted(self.name, self.entry),
            at=at,
            span=self._span(at),
            value=lambda t: as_number(self._called(None, t)[self.output]),
            slope=lambda t: float(self._called(self.name, t)[(*self.output, *self.entry)]),
            exact_slope=self._exact_slope,
            fixed=self._fixed(),
        )

    @property
    def entry(self) -> Entry:
        return self._place[len(self.formula.output) :]

    @property
    def output(self) -> Entry:
        return self._place[: len(self.formula.output)]

    @cached_property
    def _place(self) -> Entry:
        """The place in the Jacobian of the output and input entries that are looked at."""
        with np.errstate(all="ignore"):
            jacobian = np.abs(np.asarray(self.formula.compile("numpy", self.name)(*self.point.values())))
        first = (0,) * jacobian.ndim
        return first if jacobian[first] else tuple(map(int, np.unravel_index(np.argmax(jacobian), jacobian.shape)))

    @cached_property
    def sizes(self) -> dict[Any, int]:
        known = point_sizes(self.formula, self.point)
        return {dimension: known[dimension.name] for dimension in self.formula.dimensions}

    def _called(self, wrt: str | None, t: Any) -> Array:
        moved = self.point[self.name].astype(np.result_type(type(t), np.float64))
        moved[self.entry] = t
        with np.errstate(all="ignore"):
            return np.asarray(self.formula.compile("numpy", wrt)(*{**self.point, self.name: moved}.values()))

    def _exact_slope(self, t: float) -> Any:
        values: dict[Any, Any] = {**exact(self.point), **self.sizes}
        values[self.name] = {**values[self.name], self.entry: mp.mpf(t)}
        place = dict(zip(self.formula.axes(self.name), self._place, strict=True))
        return evaluated(self.formula.jacobian(self.name), {**values, **place})

    def _span(self, at: float) -> tuple[float, float]:
        """Around the point, or in a domain narrower than all numbers as far as samples of it reach."""
        domain = self.formula.domain(self.name)
        if domain is REAL:
            return span_around(at)
        generator, sizes = np.random.default_rng(0), {str(axis): size for axis, size in self.sizes.items()}
        shape = self.point[self.name].shape
        drawn = [float(domain.sample(generator, shape, sizes)[self.entry]) for _ in range(DRAWS)]
        return min(*drawn, at), max(*drawn, at)

    def _fixed(self) -> str:
        others = [
            f"{subscripted(name, entry)} = {number:g}"
            for name, array in self.point.items()
            for entry, number in np.ndenumerate(array)
            if (name, entry) != (self.name, self.entry)
        ]
        return ", ".join(others) if len(others) <= NAMED else f"{len(others)} other entries held"
