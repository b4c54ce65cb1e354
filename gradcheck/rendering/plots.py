"""Figures of reports: labelled curves."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from gradcheck.rendering.canvas import SERIES, SERIES_COLOURS, drawn, for_page
from gradcheck.rendering.words import clean
from gradcheck.results import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_DASHES = ("-", "--", "-.", ":")
_MARKERS = ("o", "s", "^", "D")
_FEW_POINTS = 12

_PLACE = (0.14, 0.16, 0.84, 0.80)
"""The axes' left, bottom, width and height on the canvas: fixed, since fitting them to the labels doubles the time."""


def figure_svg(figure: Figure, prefix: str) -> str:
    """The figure as an `<svg>` element; `prefix` makes its ids unique on the page.

    Points that are not finite leave a gap. matplotlib is imported when the first figure is drawn.

    >>> figure_svg(Figure("Loss", "epoch", "loss", ()), "loss")[:35]
    '<svg class="plot" role="img" aria-l'
    """

    def plot(canvas: Canvas) -> None:
        _plot(canvas.add_axes(_PLACE), figure)

    return for_page(drawn((5.0, 2.9), plot), figure.title, prefix)


def _plot(axes: Axes, figure: Figure) -> None:
    _draw_series(axes, figure)
    _label_axes(axes, figure)
    if figure.series:
        axes.legend()


def _draw_series(axes: Axes, figure: Figure) -> None:
    for place, series in enumerate(figure.series):
        axes.plot(
            series.x,
            series.y,
            label=clean(series.label),
            color=SERIES[place % SERIES_COLOURS],
            linestyle=_DASHES[(place + place // SERIES_COLOURS) % len(_DASHES)],
            marker=_MARKERS[place % len(_MARKERS)] if len(series.x) <= _FEW_POINTS else "",
            markersize=4,
            linewidth=1.6,
        )


def _label_axes(axes: Axes, figure: Figure) -> None:
    from matplotlib.ticker import MaxNLocator, NullFormatter

    axes.set_xlabel(clean(figure.x_label))
    axes.set_ylabel(clean(figure.y_label))
    if figure.log_y and any(isfinite(y) and y > 0 for series in figure.series for y in series.y):
        axes.set_yscale("log")
        # Powers of ten are set as mathematics by default, which the plain text of the SVG cannot show.
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.yaxis.set_minor_formatter(NullFormatter())
    if all(float(x).is_integer() for series in figure.series for x in series.x):
        axes.xaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 5, 10]))
