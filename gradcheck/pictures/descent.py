"""Paths of optimisers down one surface, each by its update rule of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from gradcheck.symbolic.parser import parse
from gradcheck.symbolic.tracing.derivative import Compiled, compile_numpy, gradient
from gradcheck.symbolic.update_rule import UpdateRule

Array = NDArray[np.float64]

X, Y = sp.symbols("x y", real=True)
GRID = 97
STEPS = 300


@dataclass(frozen=True)
class Surface:
    """A function of x and y as text, where the paths start, its minimum, and the part of the plane that is drawn."""

    text: str
    start: tuple[float, float]
    minimum: tuple[float, float]
    x_span: tuple[float, float]
    y_span: tuple[float, float]

    def height(self, x: Any, y: Any) -> Any:
        """The function, entry by entry."""
        return _compiled(self.text)[0](x, y)[0]

    def gradient(self, point: Array) -> Array:
        """The gradient at a point, by its symbolic derivative; shape (2,), of the point's dtype."""
        return np.array(_compiled(self.text)[1](point[0], point[1]), dtype=point.dtype)


VALLEY = Surface(
    "(1 - x)**2/2 + 2*(y - x**2)**2",
    start=(-1.2, 1.8),
    minimum=(1.0, 1.0),
    x_span=(-1.8, 1.8),
    y_span=(-0.6, 2.4),
)
"""Rosenbrock's valley made gentle: steep walls, a curved floor, one minimum.

Source: Rosenbrock, An Automatic Method for Finding the Greatest or Least Value of a Function (1960).
"""


@dataclass(frozen=True)
class Path:
    """An optimiser's way: the start and the point after each step, shape (steps + 1, 2).

    One that `climbs` maximises: it was given the surface upside down.
    """

    name: str
    title: str
    points: Array
    climbs: bool = False


@dataclass(frozen=True)
class Descent:
    """Several paths on one surface, and the surface's heights on a grid, shape (y, x)."""

    surface: Surface
    x: Array
    y: Array
    heights: Array
    paths: tuple[Path, ...]


def descent(rules: Sequence[UpdateRule], surface: Surface = VALLEY, steps: int = STEPS) -> Descent:
    """The paths of the rules with their own hyperparameters, from the surface's start.

    >>> from gradcheck import catalogue
    >>> (path,) = descent([catalogue.update_rule("gradient_descent")], steps=2).paths
    >>> path.points.shape
    (3, 2)
    """
    x, y = np.linspace(*surface.x_span, GRID), np.linspace(*surface.y_span, GRID)
    heights = np.asarray(surface.height(*np.meshgrid(x, y)), dtype=np.float64)
    return Descent(surface, x, y, heights, tuple(_path(rule, surface, steps) for rule in rules))


def _path(rule: UpdateRule, surface: Surface, steps: int) -> Path:
    start = np.array(surface.start)
    (first,) = rule.follow(surface.gradient, start, 1)
    climbs = bool(surface.height(*first) > surface.height(*start))
    sign = -1.0 if climbs else 1.0
    points = rule.follow(lambda point: sign * surface.gradient(point), start, steps)
    return Path(rule.name, rule.title, np.array([start, *points]), climbs)


@cache
def _compiled(text: str) -> tuple[Compiled, Compiled]:
    expression = parse(text)
    return compile_numpy([X, Y], [expression]), compile_numpy([X, Y], gradient(expression, [X, Y]))
