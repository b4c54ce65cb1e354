"""Holding the lines of a derivation against each other, at random points, by an evaluator that knows no rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp

from gradcheck.symbolic.derivations.derivation import Definitions
from gradcheck.symbolic.derivations.rule import NoRule
from gradcheck.symbolic.evaluate import DIGITS, NoValue, evaluate, exact
from gradcheck.symbolic.exact_point import ExactPoint
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.functions import huber
from gradcheck.symbolic.piecewise import BY_CASES
from gradcheck.symbolic.points import distinct_sizes, sample_point
from gradcheck.symbolic.sizes import value
from gradcheck.symbolic.tensors import MaxOver
from gradcheck.symbolic.tracing.special import Equals, Maximum, Rounded
from gradcheck.symbolic.whole_axes import SharedMax

POINTS = 3
POINTS_WITH_CASES = 8
"""How many points are tried; more where a function has cases, so that every case is met."""
DIGITS_OF_SECOND_ORDER = 60
"""A difference of differences loses twice as many digits."""

CASES = (*BY_CASES, huber, Maximum, Rounded, Equals, MaxOver, SharedMax)

Axes = Mapping[sp.Symbol, sp.Expr]


@dataclass(frozen=True)
class Places:
    """Where lines are compared: points, and entries of the derivative there."""

    places: tuple[ExactPoint, ...]
    digits: int = DIGITS

    def values(self, line: sp.Expr) -> list[Any]:
        """The line's value at every place, nan where it has none."""
        return [self._value(line, place) for place in self.places]

    def _value(self, line: sp.Expr, place: ExactPoint) -> Any:
        try:
            return evaluate(line, place, self.digits)
        except NoValue as error:
            raise NoRule(error.expression) from None
        except (KeyError, ZeroDivisionError, ValueError, OverflowError):
            return mp.nan

    def with_letter(self, letter: sp.Symbol, inner: sp.Expr) -> Places:
        """The places with a letter standing for an inner function, whose bound indices are at 0."""
        loose = [s for s in inner.free_symbols if isinstance(s, sp.Symbol) and s.is_integer]
        zeros = [{s: 0 for s in loose if s not in place} for place in self.places]
        named = (place.within(at).naming(letter.name, inner) for place, at in zip(self.places, zeros, strict=True))
        return Places(tuple(named), self.digits)

    def distance(self, line: sp.Expr, other: sp.Expr) -> float:
        """How far two lines are apart relatively, at worst; infinite where one has no value."""
        return apart(self.values(line), self.values(other))


def apart(values: Sequence[Any], others: Sequence[Any]) -> float:
    """The largest relative distance between two lists of numbers; infinite where one is not finite."""
    pairs = list(zip(values, others, strict=True))
    if not all(mp.isfinite(each) for pair in pairs for each in pair):
        return float("inf")
    return max((float(abs(a - b) / (1 + abs(b))) for a, b in pairs), default=0.0)


def random_places(
    formula: Formula, axes: Axes, definitions: Definitions = (), order: int = 1, choice: int = 0
) -> Places:
    """Random points of the formula's domain; at each an entry on the diagonal and one anywhere.

    `choice` selects the sizes.
    """
    points = POINTS_WITH_CASES if has_cases(formula.definition) else POINTS
    sizes = distinct_sizes(formula.dimensions, choice)
    found = [
        place
        for seed in range(points)
        for place in _at_point(formula, axes, sizes, definitions, np.random.default_rng(seed))
    ]
    return Places(tuple(found), DIGITS if order == 1 else DIGITS_OF_SECOND_ORDER)


def has_cases(expression: sp.Expr) -> bool:
    """Whether the expression has kinks or jumps, so that different rules may hold at different points."""
    functions = expression.atoms(sp.Function, MaxOver)
    return any(getattr(each, "kinks", "") or isinstance(each, CASES) for each in functions)


def _at_point(
    formula: Formula,
    axes: Axes,
    sizes: Mapping[str, int],
    definitions: Definitions,
    generator: np.random.Generator,
) -> Iterator[ExactPoint]:
    values = exact(sample_point(formula, sizes, generator))
    point = exact_point(formula, values, sizes, definitions)
    spans = [value(size, sizes) for size in axes.values()]
    diagonal = int(generator.integers(0, 60))
    positions = [tuple(diagonal % span for span in spans), tuple(int(generator.integers(0, span)) for span in spans)]
    for position in dict.fromkeys(positions):
        yield point.within(dict(zip(axes, position, strict=True)))


def exact_point(
    formula: Formula, values: Mapping[str, Any], sizes: Mapping[str, int], definitions: Definitions = ()
) -> ExactPoint:
    """The point with these values and named intermediates, as the evaluator takes it."""
    named = {name_of(name): (getattr(name, "indices", ()), meaning) for name, meaning in definitions}
    return ExactPoint({**values, **{symbol: sizes[symbol.name] for symbol in formula.dimensions}}, named)


def name_of(entry: sp.Expr) -> str:
    """What a scalar, or the tensor that an entry belongs to, is called."""
    return str(entry.base.label) if isinstance(entry, sp.Indexed) else str(entry)
