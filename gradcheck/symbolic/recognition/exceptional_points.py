"""Formulas held against each other where conditions change, at points that random numbers never meet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.relational import Relational

from gradcheck.symbolic.domains import NONZERO, POSITIVE, REAL, UNIT_INTERVAL, Domain
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.piecewise import BY_CASES
from gradcheck.symbolic.recognition.fitting import TOLERANCE
from gradcheck.symbolic.recognition.samples import Sample, samples, value_at
from gradcheck.symbolic.recognition.trials import Trial

MOST_NUMBERS = 8
"""How many of the numbers in conditions are put in place of entries."""
OF_ONE_NUMBER, OF_SEVERAL = 1, 4
"""At how many points entries are one such number, and any of several, for each random point."""
MARK = sp.Float("98765.4321")
"""What no formula gives by chance."""
HOLDS: Mapping[Domain, Callable[[float], bool]] = {
    REAL: lambda _: True,
    NONZERO: lambda number: number != 0,
    POSITIVE: lambda number: number > 0,
    UNIT_INTERVAL: lambda number: 0 < number < 1,
}
"""Domains whose entries may be chosen one by one: whether they hold a number."""
Point = Mapping[str, Any]
Values = Callable[[Point], Any]


def agree_at_exceptional_points(trial: Trial, factor: sp.Expr, offset: sp.Expr, everywhere: bool) -> bool:
    """Whether the view is `factor` times the known formula plus `offset` also where conditions of either change.

    Compared is where the known formula, or its torch function, has a value. No condition that singles out points may
    be left that none of the points meets. Unless `everywhere`, they are in the known formula's domain.
    """
    own, known = _conditions(trial.view.definition), _conditions(trial.known.definition)
    if not own and not known:
        return True
    points = list(_points(trial, [*own, *known], everywhere))
    seen, written = _seen(trial), _written(trial.known)
    scale, shift = float(factor.subs(trial.own_sizes(0))), float(offset)
    for point in points:
        if not _agree(seen(point), written(point), value_at(trial.known, point), lambda known: scale * known + shift):
            return False
    views = (replace(trial.view, definition=each) for each in _marked(trial.view.definition, own))
    formulas = (replace(trial.known, definition=each) for each in _marked(trial.known.definition, known))
    met = (_differ(seen, _seen(replace(trial, view=view)), points) for view in views)
    return all(met) and all(_differ(written, _written(formula), points) for formula in formulas)


def _conditions(definition: sp.Expr) -> list[Relational]:
    """The relations of real numbers."""
    found = definition.atoms(Relational)
    return sorted((each for each in found if not (each.lhs.is_integer and each.rhs.is_integer)), key=str)


def _points(trial: Trial, conditions: Iterable[Relational], everywhere: bool) -> Iterator[Point]:
    """Points of the known formula; then with entries that are numbers of the conditions, or equal each other."""
    fixed = dict(trial.constants)
    numbers = _numbers(conditions, [float(each) for each in fixed.values() if not np.ndim(each)])
    for place, sample in enumerate(samples(trial.known, trial.sizes(0), trial.constants)):
        yield sample.point
        generator = np.random.default_rng(place)
        free = {name: x for name, x in sample.point.items() if x.dtype.kind == "f" and name not in fixed}
        some = [float(entry) for x in free.values() for entry in islice(x.flat, 2)]
        for chosen in ([number] for number in numbers * OF_ONE_NUMBER):
            yield {**sample.point, **_mixed(trial.known, free, chosen, everywhere, generator)}
        for chosen in (*[numbers] * OF_SEVERAL, *[some] * OF_SEVERAL):
            yield {**sample.point, **_mixed(trial.known, free, chosen, everywhere, generator)}


def _numbers(conditions: Iterable[Relational], constants: Sequence[float]) -> list[float]:
    found = {number for each in conditions for number in each.atoms(sp.Number) if number.is_finite}
    return list(dict.fromkeys([0.0, *constants, *sorted(map(float, found), key=lambda x: (abs(x), x))]))[:MOST_NUMBERS]


def _mixed(
    known: Formula, arrays: Point, numbers: Sequence[float], everywhere: bool, generator: np.random.Generator
) -> dict[str, Any]:
    """The arrays with numbers in place of about half of the entries, where the formula's domain allows for it."""
    mixed = {}
    for name, array in arrays.items():
        holds = HOLDS[REAL] if everywhere else HOLDS.get(known.domain(name), lambda _: False)
        held = [number for number in numbers if holds(number)]
        chosen = generator.choice(held, array.shape) if held else array
        mixed[name] = np.where(generator.random(array.shape) < 0.5, chosen, array)
    return mixed


def _seen(trial: Trial) -> Values:
    """The view's values at points of the known formula, None where it has none."""
    return lambda point: trial.found(Sample(point, None, 0), 0)


def _written(known: Formula) -> Values:
    """The values of the formula's definition, None where it has none."""
    compiled = known.compile("numpy")

    def values(point: Point) -> Any:
        try:
            with np.errstate(all="ignore"):
                return np.asarray(compiled(*(point[name] for name in known.variable_names)))
        except (ValueError, IndexError, TypeError, ZeroDivisionError):
            return None

    return values


def _agree(found: Any, written: Any, computed: Any, changed: Callable[[Any], Any]) -> bool:
    """Whether each entry is what the definition says or what torch computes, where either is a number."""
    known = [changed(each) for each in (written, computed) if each is not None]
    if not known:
        return True
    if found is None or any(found.shape != each.shape for each in known):
        return False
    none = np.logical_and.reduce([~np.isfinite(each) for each in known])
    return bool(np.logical_or.reduce([none, *(_near(found, each) for each in known)]).all())


def _near(found: Any, known: Any) -> Any:
    finite = np.abs(known[np.isfinite(known)])
    with np.errstate(invalid="ignore"):
        close = np.abs(found - known) <= TOLERANCE * finite.max(initial=1e-3)
    return close | (found == known) | (np.isnan(found) & np.isnan(known))


def _marked(definition: sp.Expr, conditions: Iterable[Relational]) -> Iterator[sp.Expr]:
    """For each condition that singles out points, the definition with another value where it is met."""
    choices = definition.atoms(*BY_CASES)
    for each in (each for each in conditions if isinstance(each, sp.Eq | sp.Ne)):
        met = sp.Eq(each.lhs, each.rhs)
        inside = {
            e: e.func((MARK, met), *e.args) for e in choices if any(each in c.atoms(Relational) for _, c in e.args)
        }
        yield definition.xreplace(inside)


def _differ(values: Values, others: Values, points: Iterable[Point]) -> bool:
    """Whether they differ at one of the points."""
    pairs = ((values(point), others(point)) for point in points)
    return any(a is not None and b is not None and not np.array_equal(a, b, equal_nan=True) for a, b in pairs)
