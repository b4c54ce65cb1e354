"""What points around say of a hand-written gradient of arrays where the function has a kink, or no gradient at all.

At a kink a gradient may lie between the slopes of each entry's two sides and be none all the same: of two equal
numbers the maximum grows with one, not with both. And where eigenvalues are equal no gradient gives the slopes along
all directions; one that is right at points around, and near theirs, is not called wrong there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from gradcheck.checking.subject import Subject
from gradcheck.checking.verdict import Comparison, compare
from gradcheck.errors import UsageError
from gradcheck.numeric import difference
from gradcheck.numeric.estimate import Estimate
from gradcheck.numeric.lines import entry_scales
from gradcheck.results import Verdict

Array = NDArray[np.float64]
Arrays = Sequence[Array]
Result = TypeVar("Result")

AROUND = 0.03
"""How far, relative to each entry, points lie at which a kink is out of the way."""

NEARBY = 1e-5
"""The distance of those whose gradients the one at the point should be near."""

SAMPLES = 16
"""How many there are of these."""

FEW = 36
"""So many entries have their gradients measured there, where the one given is the same number everywhere."""

SCALE = 0.1
"""Steps along a direction start this much smaller than those of a single entry: all entries move at once."""

CLEARLY, GAP = 10.0, 1e-3
"""Slopes do not add up where they miss by so many bars, and by this fraction of their size."""

FAR_WRONG = 100.0
"""A gradient is wrong at a point around where it is outside its bar by this factor."""

WIDENED, FLAT = 4.0, 1e-3
"""A gradient may lie outside those around by so many times the width they span, and by this fraction of their size."""

FLOOR = 0.3
"""Directions keep this far from 0, so that no entry escapes them."""


@dataclass(frozen=True)
class Around:
    """A hand-written gradient, as returned at its point, and points around that one."""

    case: Subject
    claimed: Arrays
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    @classmethod
    def of(cls, case: Subject) -> Around | None:
        """Around a point at which the gradient has the right shape; else None."""
        claimed = _tried(_given, case)
        return None if claimed is None else cls(case, claimed)

    def wrong_there(self) -> Subject | None:
        """A point around at which the gradient is plainly wrong, where it is so at two of them; else None.

        A gradient that is the same everywhere was meant for this point alone.
        """
        both = [self._near(AROUND) for _ in range(2)]
        probed = [self._probed(near) for near in both]
        plainly = (p is not None and p.verdict is Verdict.WRONG and p.ratio > FAR_WRONG for p in probed)
        return both[0] if all(plainly) and not self._is_constant else None

    def is_no_limit(self) -> bool:
        """Whether a gradient that was given as mere numbers lies far from the measured ones of points around."""
        if not self._is_constant or sum(part.size for part in self.claimed) > FEW:
            return False
        return self._is_far_from(list(self._sampled(_measured)))

    def excuse(self) -> bool:
        """Whether there is no gradient at the point, and this one is right at a point around and near all of theirs."""
        probed = self._probed(self._near(AROUND))
        if probed is None or probed.verdict is not Verdict.CORRECT or not self._slopes_miss():
            return False
        return not self._is_far_from(list(self._sampled(_given)))

    @cached_property
    def _is_constant(self) -> bool:
        """Whether the gradient is the same at points around."""
        given = [_tried(_given, self._near(AROUND)) for _ in range(2)]
        return all(g is not None and _same(g, self.claimed) for g in given)

    def _slopes_miss(self) -> bool:
        """Whether the slopes along two directions do not add up to that along their sum."""
        first, second = self._moves(), self._moves()
        both = [a + b for a, b in zip(first, second, strict=True)]
        found = [_along(self.case, u) for u in (first, second, both)]
        slopes, bars = [each.right for each in found], sum(each.slope_bar for each in found)
        missing = np.abs(slopes[0] + slopes[1] - slopes[2])
        largest = np.max(np.abs(slopes), initial=0.0)
        return bool(np.any(np.isfinite(missing) & (missing > np.maximum(CLEARLY * bars, GAP * largest))))

    def _is_far_from(self, others: Sequence[Arrays]) -> bool:
        """Whether v·J lies far outside these along a random direction or their mean; so where there are few."""
        if len(others) < SAMPLES // 2:
            return True
        shape = self.case.function(*self.case.inputs).shape
        v = self.random.standard_normal(shape)
        claimed, around = self._weighed(v, self.claimed), np.array([self._weighed(v, each) for each in others])
        moves = np.concatenate([part.ravel() for part in self._moves()])
        return any(_is_outside(claimed, around, u) for u in (moves, around.mean(axis=0)))

    def _weighed(self, v: Array, jacobians: Arrays) -> Array:
        """v·J by all inputs, flat."""
        return np.concatenate([np.tensordot(v, part, axes=v.ndim).ravel() for part in jacobians])

    def _sampled(self, gradient: Callable[[Subject], Arrays]) -> Iterator[Arrays]:
        for _ in range(SAMPLES):
            found = _tried(gradient, self._near(NEARBY))
            if found is not None and all(np.isfinite(part).all() for part in found):
                yield found

    def _near(self, distance: float) -> Subject:
        return _moved(self.case, self._moves(), distance)

    def _moves(self) -> Arrays:
        """A random direction in proportion to each entry's size; symmetric where an input is."""
        return [self._move(self.case.inputs[position]) for position in self.case.wrt]

    def _move(self, x: Array) -> Array:
        drawn = self.random.standard_normal(x.shape)
        step = drawn + FLOOR * np.sign(drawn)
        symmetric = x.ndim == 2 and x.shape[0] == x.shape[1] > 1 and np.array_equal(x, x.T)
        return np.asarray((step + step.T if symmetric else step) * entry_scales(x)[0].reshape(x.shape))

    def _probed(self, near: Subject) -> Comparison | None:
        """J u as the gradient has it at a point, held against differences; None where the function refuses it."""
        u = self._moves()
        given = _tried(_given, near)
        measured = _tried(lambda there: _along(there, u), near)
        if given is None or measured is None:
            return None
        parts = (np.tensordot(part, move, axes=move.ndim) for part, move in zip(given, u, strict=True))
        return compare(sum(parts, np.zeros(measured.value.shape)), measured)


def _tried(found: Callable[[Subject], Result], case: Subject) -> Result | None:
    """What is found at a point; None where one of the functions raises there."""
    with suppress(ArithmeticError, ValueError, UsageError), np.errstate(all="ignore"):
        return found(case)
    return None


def _given(case: Subject) -> Arrays:
    """The gradient as its author has it, in the shape of a Jacobian; ValueError where it has another."""
    shape = case.function(*case.inputs).shape
    shapes = [(*shape, *case.inputs[position].shape) for position in case.wrt]
    parts = zip(case.gradient(*case.inputs), shapes, strict=True)
    return [np.asarray(part, dtype=np.float64).reshape(expected) for part, expected in parts]


def _measured(case: Subject) -> Arrays:
    return [difference.jacobian(case.function, case.inputs, position).value for position in case.wrt]


def _along(case: Subject, u: Arrays) -> Estimate:
    return difference.differentiate(lambda t: case.function(*_moved(case, u, t).inputs), SCALE)


def _moved(case: Subject, u: Arrays, t: float) -> Subject:
    inputs: list[Any] = list(case.inputs)
    for position, part in zip(case.wrt, u, strict=True):
        inputs[position] = inputs[position] + t * part
    return replace(case, inputs=tuple(inputs))


def _same(left: Arrays, right: Arrays) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(left, right, strict=True))


def _is_outside(claimed: Array, others: Array, u: Array) -> bool:
    along = others @ u
    low, high = float(along.min()), float(along.max())
    slack = WIDENED * (high - low) + FLAT * float(np.max(np.linalg.norm(others * u, axis=1)))
    return not low - slack <= float(claimed @ u) <= high + slack
