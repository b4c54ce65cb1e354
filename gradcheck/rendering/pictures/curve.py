"""A function and its derivative, one above the other, and the tangent at a point."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradcheck.pictures.curve import Array, Curve, KinkPoint
from gradcheck.pictures.tangent import Tangent
from gradcheck.rendering.canvas import INK, PAPER, SERIES
from gradcheck.rendering.pictures.element import axes_at, picture, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

FAR = 6.0
"""Values this many times the reach of most others (near a pole) are cut off."""

HALF_TANGENT = 0.14
"""How far a kink's half tangents reach, as a fraction of the interval."""


def curve_svg(curve: Curve, prefix: str = "picture") -> str:
    """The function above and its derivative below; at each kink both one-sided slopes, and what the code picks there.

    >>> from gradcheck.pictures.curve import curve
    >>> from gradcheck.pictures.expression_line import expression_line
    >>> "slope −1 from the left, 1 from the right" in curve_svg(curve(expression_line("abs(x)")))
    True
    """

    def plot(canvas: Canvas) -> None:
        above, below = axes_at(canvas, 0.12, 0.57, 0.85, 0.36), axes_at(canvas, 0.12, 0.105, 0.85, 0.33)
        _function(above, curve)
        _derivative(below, curve)
        for axes in (above, below):
            _framed(axes, curve)
        below.set_xlabel(curve.line.variable)

    return picture(plot, 4.6, title=_title(curve), description=_described(curve), prefix=prefix)


def tangent_svg(tangent: Tangent, prefix: str = "picture") -> str:
    """The function with its tangent at the point, or at a kink with both half tangents, and the slopes in figures.

    >>> from gradcheck.pictures.expression_line import expression_line
    >>> from gradcheck.pictures.tangent import tangent
    >>> "slope 3" in tangent_svg(tangent(expression_line("x**2", at={"x": 1.5})))
    True
    """
    line = tangent.curve.line

    def plot(canvas: Canvas) -> None:
        axes = axes_at(canvas, 0.12, 0.155, 0.85, 0.73)
        axes.plot(tangent.curve.x, tangent.curve.value, color=SERIES[0], linewidth=1.8)
        _limit(axes, tangent.curve.value)
        bounds = axes.get_ylim()
        for number, slope in enumerate(tangent.slopes):
            _half_tangent(axes, tangent, slope, _sides(tangent)[number])
        axes.set_ylim(*bounds)
        axes.plot([tangent.x], [tangent.value], "o", color=SERIES[1], markersize=6)
        axes.set_title(
            f"{_called(line.name, line.variable)}: {_slopes(tangent.slopes)} at {line.variable} = {short(tangent.x)}"
        )
        axes.set_xlabel(line.variable)
        _framed(axes, tangent.curve)

    at = f"At {line.variable} = {short(tangent.x, 6)} the value is {short(tangent.value, 6)}"
    slopes = " and ".join(short(slope, 6) for slope in tangent.slopes)
    subject = "the slope is" if len(tangent.slopes) == 1 else "the slopes from the left and the right are"
    words = f"{at}; {subject} {slopes}."
    return picture(plot, 3.3, title=f"{line.title}: tangent", description=words, prefix=prefix)


def _function(axes: Axes, curve: Curve) -> None:
    axes.plot(curve.x, curve.value, color=SERIES[0], linewidth=1.8)
    _limit(axes, curve.value)
    bounds = axes.get_ylim()
    for kink in curve.kinks:
        reach = _reach(curve, kink)
        for side, slope in ((-1, kink.left), (1, kink.right)):
            ends = [kink.x, kink.x + side * reach], [kink.value, kink.value + side * reach * slope]
            axes.plot(*ends, color=INK, linewidth=1.1, linestyle=(0, (4, 2)))
        axes.plot([kink.x], [kink.value], "o", color=INK, markersize=4.5)
    axes.set_ylim(*bounds)
    axes.set_title(_called(curve.line.name, curve.line.variable) + _kinks_in_words(curve))


def _reach(curve: Curve, kink: KinkPoint) -> float:
    """How far the half tangents reach: not to the next kink."""
    others = [abs(other.x - kink.x) / 2 for other in curve.kinks if other.x != kink.x]
    return float(min([HALF_TANGENT * (curve.x[-1] - curve.x[0]), *others]))


def _derivative(axes: Axes, curve: Curve) -> None:
    axes.plot(curve.x, curve.slope, color=SERIES[1], linewidth=1.8)
    for kink in curve.kinks:
        axes.plot([kink.x] * 2, [kink.left, kink.right], "o", color=SERIES[1], markerfacecolor=PAPER, markersize=5)
        axes.plot([kink.x], [kink.chosen], "o", color=SERIES[1], markersize=5)
    _limit(axes, curve.slope)
    axes.set_title(f"its derivative by {curve.line.variable}")


def _half_tangent(axes: Axes, tangent: Tangent, slope: float, sides: tuple[float, float]) -> None:
    x = np.array([tangent.x + side * (tangent.curve.x[-1] - tangent.curve.x[0]) for side in sides])
    axes.plot(x, tangent.value + slope * (x - tangent.x), color=SERIES[1], linewidth=1.5, linestyle=(0, (5, 2)))


def _sides(tangent: Tangent) -> tuple[tuple[float, float], ...]:
    return ((-1.0, 1.0),) if len(tangent.slopes) == 1 else ((-1.0, 0.0), (0.0, 1.0))


def _slopes(slopes: tuple[float, ...]) -> str:
    if len(slopes) == 1:
        return f"slope {short(slopes[0])}"
    return f"slope {short(slopes[0])} from the left, {short(slopes[1])} from the right"


def _limit(axes: Axes, values: Array) -> None:
    """Keep poles from flattening all the rest, and constants from filling the height with rounding."""
    known = values[np.isfinite(values)]
    low, middle, high = np.percentile(known, [10, 50, 90])
    reach = max(high - low, 1e-6 * (1 + abs(middle)))
    low, high = max(known.min(), middle - FAR * reach), min(known.max(), middle + FAR * reach)
    margin = 0.08 * (high - low) or 0.5 * abs(middle) or 1.0
    axes.set_ylim(low - margin, high + margin)


def _framed(axes: Axes, curve: Curve) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.set_xlim(curve.x[0], curve.x[-1])
    axes.yaxis.set_major_locator(MaxNLocator(5))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))


def _called(name: str, variable: str) -> str:
    return f"{name}({variable})" if variable.isalpha() else f"{name} as {variable} varies"


def _title(curve: Curve) -> str:
    return f"{curve.line.title} and its derivative"


def _kinks_in_words(curve: Curve) -> str:
    if not curve.kinks:
        return ""
    if len(curve.kinks) > 1:
        return f", kinks at {', '.join(short(kink.x) for kink in curve.kinks)}"
    (kink,) = curve.kinks
    return f", kink at {short(kink.x)}: slopes {short(kink.left)} and {short(kink.right)}"


def _described(curve: Curve) -> str:
    line = curve.line
    low, high = curve.x[0], curve.x[-1]
    words = [f"{_called(line.name, line.variable)} from {line.variable} = {short(low)} to {short(high)}"]
    words += [f"with {line.fixed}"] if line.fixed else []
    return ". ".join([", ".join(words), *(_kink_sentence(line.variable, kink) for kink in curve.kinks)]) + "."


def _kink_sentence(variable: str, kink: KinkPoint) -> str:
    slopes = _slopes((kink.left, kink.right))
    return f"Kink at {variable} = {short(kink.x)}: {slopes}; the derivative's code gives {short(kink.chosen)}"
