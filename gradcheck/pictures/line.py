"""A function of one number: an expression in one variable, or a formula of which one entry of one variable moves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from gradcheck.errors import UsageError
from gradcheck.symbolic.evaluate import evaluate

HALF_WIDTH = 4.0
"""How far a picture reaches to each side where the variable may be any number."""


@dataclass(frozen=True)
class Line:
    """A function of one number, and its derivative.

    `value` takes complex numbers too where the function does; `slope` is the compiled symbolic derivative,
    `exact_slope` the same evaluated at 40 digits. `at` is the point to look at, `span` the interval to draw, `name`
    what the function's value is called, `fixed` says what else it depends on.
    """

    title: str
    name: str
    variable: str
    at: float
    span: tuple[float, float]
    value: Callable[[Any], Any]
    slope: Callable[[float], float]
    exact_slope: Callable[[float], Any]
    fixed: str = ""

    def __post_init__(self) -> None:
        try:
            value = self.value(self.at)
        except (ArithmeticError, IndexError, ValueError) as error:
            raise UsageError(f"at: {self.title} cannot be evaluated there: {error}") from None
        if not np.isfinite(value):
            raise UsageError(f"at: {self.title} is not finite where {self.variable} = {self.at:g}")


def span_around(at: float) -> tuple[float, float]:
    """The interval to draw where the variable may be any number: about 0 if the point is near it.

    >>> span_around(1.0), span_around(10.0)
    ((-4.0, 4.0), (6.0, 14.0))
    """
    middle = 0.0 if abs(at) <= HALF_WIDTH / 2 else at
    return middle - HALF_WIDTH, middle + HALF_WIDTH


def as_number(value: Any) -> Any:
    """A compiled function's result of one entry as a Python number, complex where it is.

    >>> as_number(np.array([2.0]))
    2.0
    """
    return np.asarray(value).reshape(()).item()


def evaluated(expression: sp.Expr, environment: Mapping[Any, Any]) -> Any:
    """The expression at 40 digits; UsageError where a part of it has no such value."""
    try:
        return evaluate(expression, environment)
    except TypeError as error:
        raise UsageError(f"the derivative cannot be evaluated to 40 digits: {error}") from None
