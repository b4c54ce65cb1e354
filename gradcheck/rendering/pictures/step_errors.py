"""The V-curve: the error of finite differences against the step, and the complex step beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcheck.pictures.step_errors import METHODS, STEPS, Method, StepErrors
from gradcheck.rendering.canvas import INK, SERIES
from gradcheck.rendering.pictures.element import axes_at, picture, powers_of_ten, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

FLOOR = 1e-18
"""Where an error of exactly 0 is drawn."""

NO_COMPLEX_STEP = "No complex step: the function takes no complex numbers"

EPSILON = 2.0**-52

MARKERS = {"forward difference": "o", "central difference": "s", "complex step": "D"}


def step_errors_svg(found: StepErrors, prefix: str = "picture") -> str:
    """Error against step, both logarithmic: truncation falls to the left until rounding takes over.

    >>> from gradcheck.pictures.expression_line import expression_line
    >>> from gradcheck.pictures.step_errors import step_errors
    >>> "central difference" in step_errors_svg(step_errors(expression_line("sin(x)")))
    True
    """
    line = found.line

    def plot(canvas: Canvas) -> None:
        axes = axes_at(canvas, 0.135, 0.235, 0.84, 0.66)
        _landmarks(axes)
        for number, method in enumerate(found.methods):
            _draw(axes, method, SERIES[number])
        _frame(axes, found)

    title = f"{line.title}: error of the measured slope at {line.variable} = {short(line.at, 6)}"
    best = (f"{m.name}: least error {m.best[1]:.0e} at step {m.best[0]:.0e}" for m in found.methods)
    words = [*best, *([NO_COMPLEX_STEP] if len(found.methods) < len(METHODS) else [])]
    return picture(plot, 3.9, title=title, description=". ".join(words) + ".", prefix=prefix)


def _draw(axes: Axes, method: Method, colour: str) -> None:
    errors = [max(error, FLOOR) for error in method.errors]
    axes.plot(STEPS, errors, color=colour, linewidth=1.4, marker=MARKERS[method.name], markersize=3, label=method.name)


def _landmarks(axes: Axes) -> None:
    """The steps at which truncation and rounding should balance: √ε forward, ∛ε central."""
    for name, root in (("√ε", 2), ("∛ε", 3)):
        step = EPSILON ** (1 / root)
        axes.axvline(step, color=INK, linewidth=0.8, linestyle=(0, (1, 2.5)))
        axes.text(step, 30.0, name, ha="center", va="bottom", fontsize=10)


def _frame(axes: Axes, found: StepErrors) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_ylim(FLOOR / 3, 20.0)
    axes.set_xlim(STEPS[-1] / 2, STEPS[0] * 2)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(numticks=7))
        axis.set_major_formatter(FuncFormatter(powers_of_ten))
        axis.set_minor_formatter(NullFormatter())
        axis.set_tick_params(which="minor", length=0)
    axes.set_xlabel("step h")
    axes.set_title(f"{'relative' if found.relative else 'absolute'} error", pad=18)
    axes.figure.legend(loc="lower center", ncols=3, fontsize=9.5, columnspacing=1.0, handletextpad=0.4)
