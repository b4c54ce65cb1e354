"""Agreement to many digits at points of very different size, where rounding would hide a small number that is added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp

from gradcheck.symbolic.compile import variable_name, variable_shape
from gradcheck.symbolic.evaluate import DIGITS, evaluate, exact
from gradcheck.symbolic.exact_point import ExactPoint
from gradcheck.symbolic.recognition.samples import scaled_points
from gradcheck.symbolic.recognition.trials import Trial

CHOICE = 1
"""The smallest of the choices of sizes."""
MOST_ENTRIES = 2
"""How many entries of an output are compared at each point."""
TOLERANCE = 1e-12
"""Numbers of code are rounded to 16 digits."""


def agree_at_all_scales(trial: Trial, factor: sp.Expr, offset: sp.Expr) -> bool:
    """Whether the view is `factor` times the known formula plus `offset` at large, usual and small points."""
    sizes = trial.sizes(CHOICE)
    scale, shift = evaluate(factor, dict(trial.own_sizes(CHOICE))), evaluate(offset, {})
    shape = tuple(trial.assignment.length(size, trial.numbers(CHOICE)) for size in trial.known.output.values())
    for point in scaled_points(trial.known, sizes, trial.constants):
        known, own = _known_point(trial, point), _own_point(trial, point)
        for at in _corners(shape):
            wanted = _entry(trial.known.definition, trial.known.output, at, known)
            found = _entry(trial.view.definition, trial.view.output, _own_place(trial, at), own)
            if wanted is None or found is None:
                continue
            with mp.workdps(DIGITS):
                if not _close(found, wanted * scale + shift):
                    return False
    return True


def _close(a: Any, b: Any) -> bool:
    if not (mp.isfinite(a) and mp.isfinite(b)):
        return bool(a == b or (mp.isnan(a) and mp.isnan(b)))
    return bool(abs(a - b) <= TOLERANCE * max(abs(a), abs(b), mp.mpf(10) ** -25))


def _corners(shape: Sequence[int]) -> list[tuple[int, ...]]:
    """The first and the last place."""
    places = list(product(*map(range, shape)))
    return [places[0], places[-1]][: min(len(places), MOST_ENTRIES)]


def _entry(definition: sp.Expr, output: Mapping[sp.Symbol, Any], at: Sequence[int], point: ExactPoint) -> Any:
    """The exact value, or None where there is none."""
    try:
        value = evaluate(definition, point.within(dict(zip(output, at, strict=True))))
    except (ArithmeticError, ValueError, TypeError):
        return None
    return value if isinstance(value, mp.mpf) else None


def _known_point(trial: Trial, point: Mapping[str, Any]) -> ExactPoint:
    sizes = dict(trial.sizes(CHOICE))
    return ExactPoint({**{d: sizes[d.name] for d in trial.known.dimensions}, **exact(point)})


def _own_point(trial: Trial, point: Mapping[str, Any]) -> ExactPoint:
    """The same point under the view's names and sizes."""
    values = {}
    for variable, place in zip(trial.view.variables, trial.assignment.places, strict=True):
        array = point[place.name].T if place.transposed else point[place.name]
        values[variable_name(variable)] = np.reshape(array, trial.lengths(variable_shape(variable), CHOICE))
    return ExactPoint({**trial.own_sizes(CHOICE), **exact(values)})


def _own_place(trial: Trial, at: Sequence[int]) -> tuple[int, ...]:
    if trial.view.flat and at:
        shape = trial.lengths(tuple(trial.view.output.values()), CHOICE)
        return tuple(int(i) for i in np.unravel_index(at[0], shape))
    return tuple(at)[::-1] if trial.assignment.transposed else tuple(at)
