"""Two sides of an equation held against each other at random points, by SymPy and by autograd."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np

from gradcheck.documents.formulas.evaluation import CONSTANTS, CannotEvaluate, Evaluator
from gradcheck.documents.formulas.shapes import index_names
from gradcheck.documents.formulas.sizes import Reading, Shape, Size
from gradcheck.documents.formulas.tree import Condition, Integral, Name, Node, Series, SumOver
from gradcheck.symbolic.domains import POSITIVE, REAL, SIMPLEX, UNIT_INTERVAL, Domain
from gradcheck.symbolic.evaluate import NoValue

EXACT, ROUNDED = 1e-20, 1e-8
ALIKE = 1e-5
"""Relative distances within which two values are one: at 40 digits, in double precision, and of the two oracles."""
POINTS, POINTS_OF_INTEGRALS = 4, 2
TRIES = 40
DOMAINS: tuple[Domain, ...] = (REAL, POSITIVE, UNIT_INTERVAL)
KNOWN_SIZES = (3, 2, 4, 5, 6)
MOST_COMBINATIONS = 40


@dataclass(frozen=True)
class Sample:
    """One point: the names' values, and those of all sides by SymPy and by autograd, free indices written out."""

    values: Mapping[str, Any]
    symbolic: tuple[Any, ...]
    autograd: tuple[Any, ...]


@dataclass(frozen=True)
class Comparison:
    """What was found of the sides of one equation under one reading, at several points."""

    reading: Reading
    samples: tuple[Sample, ...]
    sides: tuple[Any, ...]

    def equal(self, first: int, second: int) -> bool | None:
        """Whether two sides are equal at every point; None where SymPy and autograd do not agree about it."""
        exact = all(close(each.symbolic[first], each.symbolic[second], EXACT) for each in self.samples)
        rounded = all(close(each.autograd[first], each.autograd[second], ROUNDED) for each in self.samples)
        alike = exact or all(self._agreed(each, place) for each in self.samples for place in (first, second))
        return exact if exact == rounded and alike else None

    def _agreed(self, sample: Sample, place: int) -> bool:
        """Whether both oracles give a side one value, to far fewer digits than they have."""
        return close(sample.symbolic[place], sample.autograd[place], ALIKE)

    def sometimes(self, first: int, second: int) -> bool:
        """Whether two sides are equal at some points."""
        return any(close(each.symbolic[first], each.symbolic[second], EXACT) for each in self.samples)

    def transposed(self, first: int, second: int) -> bool:
        """Whether one side is the transpose of the other, as layouts of a Jacobian differ."""
        return all(
            each.symbolic[second].ndim >= 2
            and close(each.symbolic[first], np.swapaxes(each.symbolic[second], -1, -2), EXACT)
            for each in self.samples
        )


def close(first: Any, second: Any, within: float) -> bool:
    """Whether two arrays of numbers have one shape and are equal to a relative distance."""
    if first.shape != second.shape:
        return False
    return all(abs(a - b) <= within * max(1, abs(a), abs(b)) for a, b in zip(first.flat, second.flat, strict=True))


def compare(
    sides: Sequence[Node],
    reading: Reading,
    conditions: Sequence[Condition] = (),
    probabilities: frozenset[str] = frozenset(),
) -> Comparison:
    """Evaluate all sides at random points where the conditions hold; raises CannotEvaluate.

    The entries of the vectors named in `probabilities` are positive and add up to 1.
    """
    from gradcheck.documents.formulas.symbolic_oracle import SymbolicOracle, symbols

    setting = Setting(sides, reading)
    symbolic = SymbolicOracle(
        {label: symbols(label, shape) for label, shape in setting.shapes.items()}, setting.sizes, setting.ranges
    )
    expressions = tuple(setting.written_out(symbolic, side) for side in sides)
    samples = tuple(setting.samples(sides, expressions, conditions, probabilities))
    if len(samples) < setting.points:
        raise CannotEvaluate("no point was found at which both sides are real numbers")
    return Comparison(reading, samples, expressions)


class Setting:
    """The sizes of one reading as numbers, and the names with their shapes."""

    def __init__(self, sides: Sequence[Node], reading: Reading) -> None:
        self.reading = reading
        integrals = any(isinstance(node, Integral | Series) for side in sides for node in side.walk())
        self.points = POINTS_OF_INTEGRALS if integrals else POINTS
        known: dict[int, int] = {}
        sizes = iter(KNOWN_SIZES)

        def number(size: Size) -> int:
            root = size.root()
            if root.value is not None:
                return root.value
            if id(root) not in known:
                known[id(root)] = next(sizes, 2)
            return known[id(root)]

        def numbers(shape: Shape) -> tuple[int, ...]:
            return tuple(number(size) for size in shape)

        self.shapes = {
            label: numbers(shape) for label, shape in reading.shapes.items() if label not in CONSTANTS or shape
        }
        self.sizes = {label: number(size) for label, size in reading.sizes.items()}
        self.ranges = {label: number(size) for label, size in reading.indices.items()}
        bound = {node.index for side in sides for node in side.walk() if isinstance(node, SumOver)}
        ends = [node.upper for side in sides for node in side.walk() if isinstance(node, Series) and node.upper]
        self.counts = {each.label for end in ends for each in end.walk() if isinstance(each, Name)} & set(self.shapes)
        self.free = sorted((index_names(sides) - bound) & set(self.ranges))

    def written_out(self, oracle: Evaluator, side: Node) -> Any:
        """The values of a side for every choice of the free indices."""
        choices = oracle.combinations(self.free)
        if len(choices) > MOST_COMBINATIONS:
            raise CannotEvaluate("too many free indices")
        found = []
        for choice in choices:
            oracle.indices = dict(choice)
            found.append(_as_array(oracle.value(side)))
        return np.stack(found) if self.free else found[0]

    def samples(
        self,
        sides: Sequence[Node],
        expressions: Sequence[Any],
        conditions: Sequence[Condition],
        probabilities: frozenset[str],
    ) -> Iterator[Sample]:
        """Points at which all sides are real numbers."""
        found = 0
        generator = np.random.default_rng(0)
        for attempt in range(TRIES):
            if found == self.points:
                return
            domain = DOMAINS[attempt // 8 % len(DOMAINS)]
            point = {
                label: np.asarray(domain.sample(generator, shape, {}), dtype=np.float64)
                for label, shape in self.shapes.items()
            }
            for label in self.counts:
                point[label] = np.asarray(generator.integers(2, 7, self.shapes[label]), dtype=np.float64)
            for label in probabilities & self.shapes.keys():
                count = int(np.prod(self.shapes[label]))
                point[label] = SIMPLEX.sample(generator, (count,), {}).reshape(self.shapes[label])
            if not all(_satisfy(point, condition, generator) for condition in conditions):
                continue
            sample = self._sample(sides, expressions, point)
            if sample is not None:
                found += 1
                yield sample

    def _sample(self, sides: Sequence[Node], expressions: Sequence[Any], point: dict[str, Any]) -> Sample | None:
        import torch

        from gradcheck.documents.formulas.autograd_oracle import AutogradOracle
        from gradcheck.documents.formulas.symbolic_oracle import numbers

        try:
            exact = tuple(numbers(expression, point) for expression in expressions)
        except (ArithmeticError, ValueError):
            return None
        except (NoValue, TypeError) as error:
            raise CannotEvaluate(str(error)) from None
        if not all(_is_real(entry) for side in exact for entry in side.flat):
            return None
        tensors = {
            label: torch.tensor(value, dtype=torch.float64, requires_grad=True) for label, value in point.items()
        }
        oracle = AutogradOracle(tensors, self.sizes, self.ranges)
        measured = tuple(self.written_out(oracle, side) for side in sides)
        if not all(np.isfinite(side).all() for side in measured):
            return None
        return Sample(point, exact, measured)


def _as_array(value: Any) -> Any:
    array = value if isinstance(value, np.ndarray) else value.detach().numpy()
    return array if array.ndim == 0 or 1 not in array.shape else array.reshape(-1)


def _is_real(value: Any) -> bool:
    return isinstance(value, mpmath.mpf) and bool(mpmath.isfinite(value))


def _satisfy(point: dict[str, Any], condition: Condition, generator: np.random.Generator) -> bool:
    """Move the point to where a condition on one variable holds, strictly."""
    from gradcheck.documents.formulas.tree import Negated, Number

    right = condition.right
    bound = right.operand if isinstance(right, Negated) else right
    if not isinstance(condition.left, Name) or condition.left.label not in point or not isinstance(bound, Number):
        return False
    limit = float(bound.value) * (-1 if isinstance(right, Negated) else 1)
    values = point[condition.left.label]
    away = generator.uniform(0.2, 2.0, values.shape)
    point[condition.left.label] = np.asarray(limit + away if condition.relation in (">", ">=") else limit - away)
    return True
