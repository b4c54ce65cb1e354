"""How wrong finite differences are at each step size, and the complex step beside them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import mpmath as mp
import numpy as np

from gradcheck.errors import UsageError
from gradcheck.pictures.line import Line
from gradcheck.symbolic.evaluate import DIGITS

DECADES, PER_DECADE = 16, 4
STEPS = tuple(10.0 ** (-k / PER_DECADE) for k in range(DECADES * PER_DECADE + 1))
"""Step sizes from 1 to 1e-16, four for each power of ten."""


@dataclass(frozen=True)
class Method:
    """One way to measure a slope with a step h: its name and formula, and its error at each of `STEPS`."""

    name: str
    rule: str
    errors: tuple[float, ...]

    @property
    def best(self) -> tuple[float, float]:
        """The step where the error is least, and that error; of several the largest step."""
        least = min(error for error in self.errors if not math.isnan(error))
        return STEPS[self.errors.index(least)], least


@dataclass(frozen=True)
class StepErrors:
    """The methods' errors at one point of a line, relative to the `true` slope, or absolute where that is 0.

    The complex step is missing where the function takes no complex numbers or is not analytic at the point.
    """

    line: Line
    true: float
    methods: tuple[Method, ...]

    @property
    def relative(self) -> bool:
        """Whether the errors are relative."""
        return self.true != 0


def _forward(line: Line, h: float) -> float:
    return float((line.value(line.at + h) - line.value(line.at)) / h)


def _central(line: Line, h: float) -> float:
    return float((line.value(line.at + h) - line.value(line.at - h)) / (2 * h))


def _complex(line: Line, h: float) -> float:
    return float(complex(line.value(complex(line.at, h))).imag / h)


METHODS: tuple[tuple[str, str, Callable[[Line, float], float]], ...] = (
    ("forward difference", "(f(x + h) − f(x)) / h", _forward),
    ("central difference", "(f(x + h) − f(x − h)) / 2h", _central),
    ("complex step", "Im f(x + ih) / h", _complex),
)


def step_errors(line: Line) -> StepErrors:
    """The errors at the line's own point, measured against the symbolic derivative at 40 digits.

    Raises UsageError where that derivative has no value there.

    >>> from gradcheck.pictures.expression_line import expression_line
    >>> forward, central, complex_step = step_errors(expression_line("sin(x)")).methods
    >>> forward.best[1] < 1e-7, central.best[1] < 1e-9, complex_step.errors[-1] < 1e-15
    (True, True, True)
    """
    try:
        true = line.exact_slope(line.at)
    except (ArithmeticError, ValueError):
        true = mp.nan
    if not mp.isfinite(true):
        raise UsageError(f"at: {line.title} has no derivative where {line.variable} = {line.at:g}")
    methods = (Method(name, rule, _errors(measure, line, true)) for name, rule, measure in METHODS)
    return StepErrors(line, float(true), tuple(each for each in methods if _says_something(each)))


def _errors(measure: Callable[[Line, float], float], line: Line, true: mp.mpf) -> tuple[float, ...]:
    return tuple(_error(measure, line, h, true) for h in STEPS)


def _error(measure: Callable[[Line, float], float], line: Line, h: float, true: mp.mpf) -> float:
    """The distance from the truth, taken at 40 digits; nan where the function has no value at the step."""
    try:
        with np.errstate(all="ignore"):
            slope = measure(line, h)
    except (ArithmeticError, TypeError, ValueError):
        return math.nan
    with mp.workdps(DIGITS):
        return float(abs(mp.mpf(slope) - true) / (abs(true) or 1)) if math.isfinite(slope) else math.nan


def _says_something(method: Method) -> bool:
    """A method that fails at every step, or stays off by the whole slope at the smallest, is left out."""
    known = [error for error in method.errors if not math.isnan(error)]
    return bool(known) and (method.name != "complex step" or min(known) < 1e-3)
