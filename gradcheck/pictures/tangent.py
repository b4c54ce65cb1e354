"""The tangent of a function at a point; at a kink the two half tangents."""

from __future__ import annotations

from dataclasses import dataclass

from gradcheck.numeric.one_sided import kink
from gradcheck.pictures.curve import Curve, curve
from gradcheck.pictures.line import Line


@dataclass(frozen=True)
class Tangent:
    """A curve with the slopes at the point (x, value): one, or where they differ those from the left and the right.

    `chosen` is the slope that the derivative's code gives.
    """

    curve: Curve
    x: float
    value: float
    slopes: tuple[float, ...]
    chosen: float


def tangent(line: Line, span: tuple[float, float] | None = None) -> Tangent:
    """The tangent at the line's own point.

    >>> from gradcheck.pictures.expression_line import expression_line
    >>> tangent(expression_line("x**2", at={"x": 1.5})).slopes
    (3.0,)
    >>> tangent(expression_line("abs(x)", at={"x": 0})).slopes
    (-1.0, 1.0)
    """
    found, chosen = curve(line, span), line.slope(line.at)
    corner = kink(lambda t: line.value(line.at + t))
    slopes = (chosen,) if corner is None else (float(corner.left), float(corner.right))
    return Tangent(found, line.at, float(line.value(line.at)), slopes, chosen)
