"""Known formulas at random points: what their torch functions give there, found once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from gradcheck.symbolic.domains import NONZERO, POSITIVE, REAL
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.points import sample_point
from gradcheck.symbolic.recognition.assignments import Sizes, described

SEEDS = 3
MANY = 16
"""How many points confirm what a few have shown."""
SCALES = (1.0, 30.0, 1e-6)
"""Factors of a point's entries: where functions are bounded by 6, or a small number is added, it shows."""
OF_ANY_SIZE = (REAL, NONZERO, POSITIVE)
Constants = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, eq=False)
class Sample:
    """A point, variable by variable, and the formula's value there; variables that are no constants by the seed."""

    point: Mapping[str, Any]
    value: Any
    seed: int


def samples(formula: Formula, sizes: Sizes, constants: Constants = (), count: int = SEEDS) -> Iterator[Sample]:
    """A few points of the formula's domain, with the constants in place of some variables; none where it fails."""
    return filter(None, (_drawn(formula, sizes, constants, seed) for seed in range(count)))


def anywhere(formula: Formula, sizes: Sizes, constants: Constants = ()) -> Iterator[Sample]:
    """Points whose real variables are any real numbers, wherever the formula lives."""
    return filter(None, (_drawn(formula, sizes, constants, seed, True) for seed in range(MANY)))


def depends_on(formula: Formula, name: str, sizes: Sizes, constants: Constants) -> bool:
    """Whether the value moves with a variable alone, the constants in place of others."""
    drawn = list(samples(formula, sizes, constants))
    for first, second in pairwise(drawn):
        moved = value_at(formula, {**first.point, name: second.point[name]})
        if moved is not None and not np.array_equal(moved, first.value, equal_nan=True):
            return True
    return False


def scaled_points(formula: Formula, sizes: Sizes, constants: Constants) -> Iterator[Mapping[str, Any]]:
    """Points of the formula's domain, then those with all variables that may be of any size made large, and small."""
    for scale in SCALES:
        point = sample_point(formula, dict(sizes), np.random.default_rng(SEEDS))
        free = {name for name, x in point.items() if x.dtype.kind == "f" and formula.domain(name) in OF_ANY_SIZE}
        numbers = {name: np.full_like(point[name], float(number)) for name, number in constants}
        yield {name: x * scale if name in free else x for name, x in point.items()} | numbers


@cache
def _drawn(formula: Formula, sizes: Sizes, constants: Constants, seed: int, at_large: bool = False) -> Sample | None:
    drawn = _point(formula, sizes, seed)
    if drawn is None:
        return None
    point = dict(drawn)
    if at_large:
        generator = np.random.default_rng(seed)
        point = {n: REAL.sample(generator, x.shape, {}) if x.dtype.kind == "f" else x for n, x in point.items()}
    for name, number in constants:
        point[name] = np.full_like(point[name], float(number))
    value = value_at(formula, point)
    return None if value is None else Sample(point, value, seed)


@cache
def _point(formula: Formula, sizes: Sizes, seed: int) -> Mapping[str, Any] | None:
    """A point of the formula's domain, or None where it has none of such sizes."""
    try:
        return sample_point(formula, dict(sizes), np.random.default_rng(seed))
    except (ValueError, KeyError):
        return None


def value_at(formula: Formula, point: Mapping[str, Any]) -> Any:
    """What the formula's torch function gives, or None where it is not made for the point."""
    try:
        with torch.no_grad():
            value = formula.torch(*(torch.from_numpy(np.array(point[name])) for name in described(formula).shapes))
        return np.asarray(value.double().numpy())
    except Exception:
        return None
