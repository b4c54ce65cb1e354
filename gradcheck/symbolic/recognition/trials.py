"""A view held against a known formula at random points, under an assignment of variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from gradcheck.symbolic.compile import variable_shape
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.recognition.assignments import SIZES, Assignment, Numbers, Sizes, apart, by_name, described
from gradcheck.symbolic.recognition.fitting import equal, factor_of, fit
from gradcheck.symbolic.recognition.samples import MANY, Constants, Sample, anywhere, depends_on, samples
from gradcheck.symbolic.recognition.views import Shape, View


@dataclass(frozen=True)
class Trial:
    """A view, a known formula, which variable is which, and numbers in place of the others."""

    view: View
    known: Formula
    assignment: Assignment
    constants: Constants = ()

    def is_equal(self, choice: int = 0) -> bool:
        """Whether both give the same at the points of one choice of sizes."""
        return self._all_equal(self._pairs(choice))

    def fit(self, choice: int = 0) -> tuple[float, float] | None:
        """Factor and offset at the points of one choice of sizes."""
        pairs: list[tuple[Any, Any]] = []
        for found, known in self._pairs(choice):
            if found is None or found.shape != known.shape or (known.size > 2 and fit(found, known) is None):
                return None
            pairs.append((found, known))
        if len(pairs) < 2:
            return None
        return fit(*(np.concatenate([np.ravel(each) for each in side]) for side in zip(*pairs, strict=True)))

    def differences(self) -> tuple[sp.Expr, sp.Expr] | None:
        """Factor and offset that hold at points of all choices of sizes."""
        fits = [self.fit(choice) for choice in range(len(SIZES))]
        if any(each is None for each in fits):
            return None
        slopes, shifts = zip(*filter(None, fits), strict=True)
        factor = factor_of(slopes, [self.own_sizes(choice) for choice in range(len(SIZES))])
        offset = Fraction(shifts[0]).limit_denominator(100)
        steady = all(abs(shift - float(offset)) < 1e-8 * max(1.0, abs(shift)) for shift in shifts)
        return (factor, sp.Rational(offset.numerator, offset.denominator)) if factor is not None and steady else None

    def is_confirmed(self, factor: sp.Expr, offset: sp.Expr) -> bool:
        """Whether the known formula's own definition, so changed, gives the view's values at every choice of sizes."""
        compiled = self.known.compile("numpy")
        for choice in range(len(SIZES)):
            scale, shift = float(factor.subs(self.own_sizes(choice))), float(offset)
            for sample in samples(self.known, self.sizes(choice), self.constants, MANY):
                with np.errstate(all="ignore"):
                    known = np.asarray(compiled(*(sample.point[name] for name in self.known.variable_names)))
                found = self.found(sample, choice)
                if found is None or not equal(found, scale * known + shift):
                    return False
        return True

    def is_meant(self) -> bool:
        """Whether a person would call it so: most tensors are given, and each matters, whatever the numbers are."""
        shapes = described(self.known).shapes
        numbers = sum(bool(shapes[name]) for name, _ in self.constants)
        given = [place.name for place in self.assignment.places]
        if numbers and numbers >= sum(bool(shapes[name]) for name in given):
            return False
        return not self.constants or all(depends_on(self.known, name, self.sizes(0), self.constants) for name in given)

    def holds_anywhere(self, factor: sp.Expr, offset: sp.Expr) -> bool:
        """Whether both agree also at points outside of the known formula's domain, where the view has a value."""
        scale, shift = float(factor.subs(self.own_sizes(0))), float(offset)
        for sample in anywhere(self.known, self.sizes(0), self.constants):
            found, known = self.found(sample, 0), scale * sample.value + shift
            if found is None:
                return False
            both = np.isfinite(found) & np.isfinite(known)
            if (np.isfinite(found) & ~both).any() or (both.any() and not equal(found[both], known[both])):
                return False
        return True

    def _all_equal(self, pairs: Iterator[tuple[Any, Any]]) -> bool:
        tried = 0
        for found, known in pairs:
            if found is None or not equal(found, known):
                return False
            tried += 1
        return tried > 1

    def _pairs(self, choice: int) -> Iterator[tuple[Any, Any]]:
        """What the view and the known formula give, point by point."""
        drawn = samples(self.known, self.sizes(choice), self.constants)
        return ((self._seen(sample, choice), sample.value) for sample in drawn)

    def _seen(self, sample: Sample, choice: int) -> Any:
        """The view's value, found once: numbers in place of other variables leave it as it is."""
        place = self.known, self.assignment.places, self.assignment.transposed, choice, sample.seed
        if place not in self.view.seen:
            self.view.seen[place] = self.found(sample, choice)
        return self.view.seen[place]

    def found(self, sample: Sample, choice: int) -> Any:
        """The view's value at a point of the known formula, or None where it has none there."""
        arrays = [sample.point[p.name].T if p.transposed else sample.point[p.name] for p in self.assignment.places]
        try:
            with np.errstate(all="ignore"):
                found = self.view.values(arrays, lambda shape: self.lengths(shape, choice))
        except (ValueError, IndexError, TypeError, ZeroDivisionError):
            return None
        return found.T if self.assignment.transposed else found

    def lengths(self, shape: Shape, choice: int) -> tuple[int, ...]:
        return tuple(self.assignment.length(size, self.numbers(choice)) for size in apart(shape))

    def sizes(self, choice: int) -> Sizes:
        return self.assignment.sizes[choice]

    def own_sizes(self, choice: int) -> Mapping[sp.Symbol, int]:
        """The view's sizes, by the names that its user knows."""
        sizes = {s for v in self.view.variables for size in variable_shape(v) for s in sp.sympify(size).free_symbols}
        return {s: self.lengths((s,), choice)[0] for s in sorted(sizes, key=by_name)}

    def numbers(self, choice: int) -> Numbers:
        return self.assignment.numbers[choice]
