"""The numbers of one point, carried through every line of a derivation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import sympy as sp

from gradcheck.errors import UnknownName, UsageError
from gradcheck.symbolic.compile import variable_name, variable_shape
from gradcheck.symbolic.derivations.derivation import Definitions
from gradcheck.symbolic.derivations.verification import exact_point
from gradcheck.symbolic.evaluate import evaluate, exact
from gradcheck.symbolic.exact_point import ExactPoint
from gradcheck.symbolic.formula import Formula

MAX_ENTRIES = 256


@dataclass(frozen=True)
class PointValues:
    """The point, and the derivative's axes with their lengths there."""

    point: ExactPoint
    spans: Mapping[sp.Symbol, int]

    @classmethod
    def of(
        cls, formula: Formula, axes: Mapping[sp.Symbol, sp.Expr], at: Mapping[str, Any] | None, definitions: Definitions
    ) -> PointValues | None:
        """None where no point is asked for; raises UsageError where the point does not fit the formula's variables."""
        if at is None:
            return None
        values, sizes = _read(formula, at)
        point = exact_point(formula, exact(values), sizes, definitions)
        spans = {index: int(evaluate(size, point)) for index, size in axes.items()}
        if np.prod([1, *spans.values()]) > MAX_ENTRIES:
            raise UsageError(f"at: the derivative has more than {MAX_ENTRIES} entries; give smaller arrays")
        found = cls(point, spans)
        _real(formula.definition, point.within(dict.fromkeys(formula.output, 0)))
        return found

    def of_line(self, line: sp.Expr) -> Any:
        """The line's value: a float, or an array over the axes."""
        values = np.empty(tuple(self.spans.values()))
        for position in product(*map(range, self.spans.values())):
            place = self.point.within(dict(zip(self.spans, position, strict=True)))
            values[position] = _real(line, place)
        return values if self.spans else float(values)


def _real(line: sp.Expr, place: ExactPoint) -> float:
    try:
        found = float(evaluate(line, place))
    except (TypeError, ValueError, ZeroDivisionError):
        raise UsageError("at: the function or its derivative is no real number there; choose another point") from None
    if not np.isfinite(found):
        raise UsageError("at: the function or its derivative is too large there; choose another point")
    return found


def _read(formula: Formula, at: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, int]]:
    for name in at:
        if name not in formula.variable_names:
            raise UnknownName("variable", name, formula.variable_names, f"at takes {', '.join(formula.variable_names)}")
    values, sizes = {}, dict[str, int]()
    for variable in formula.variables:
        name = variable_name(variable)
        if name not in at:
            raise UsageError(f"at: no value is given for {name}")
        values[name] = np.asarray(at[name], dtype=float)
        _fit(name, values[name].shape, variable_shape(variable), sizes)
    return values, sizes


def _fit(name: str, shape: tuple[int, ...], declared: Any, sizes: dict[str, int]) -> None:
    if len(shape) != len(declared):
        raise UsageError(f"at: {name} has {len(declared)} axes, the value given has {len(shape)}")
    for size, length in zip(declared, shape, strict=True):
        if sizes.setdefault(str(size), length) != length:
            raise UsageError(f"at: {name} has length {length} along {size}, which is {sizes[str(size)]} elsewhere")
