"""Figures as inline SVG: the same bytes for the same data, and colours that follow the page's scheme."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from io import StringIO
from math import isfinite
from typing import TYPE_CHECKING, Any

from gradcheck.rendering.words import clean
from gradcheck.results import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SERIES_COLOURS = 4
"""How many colours the page defines as `--series-1` and so on; further series repeat them with another dash."""

_INK, _FAINT = "#010203", "#040506"
_SERIES = tuple(f"#0a0b0{n}" for n in range(1, SERIES_COLOURS + 1))
_COLOURS = {_INK: "currentColor", _FAINT: "var(--rule)"} | {
    colour: f"var(--series-{n})" for n, colour in enumerate(_SERIES, 1)
}
"""What the colours that matplotlib draws in become, so that CSS decides them."""

_DASHES = ("-", "--", "-.", ":")
_MARKERS = ("o", "s", "^", "D")
_FEW_POINTS = 12

_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "gradcheck",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.formatter.use_mathtext": False,
    "grid.color": _FAINT,
    "grid.linewidth": 0.6,
    "text.color": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "legend.frameon": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}


_PLACE = (0.14, 0.16, 0.84, 0.80)
"""The axes' left, bottom, width and height on the canvas: fixed, since fitting them to the labels doubles the time."""


def figure_svg(figure: Figure, prefix: str) -> str:
    """The figure as an `<svg>` element; `prefix` makes its ids unique on the page.

    Points that are not finite leave a gap. matplotlib is imported when the first figure is drawn.

    >>> figure_svg(Figure("Loss", "epoch", "loss", ()), "loss")[:35]
    '<svg class="plot" role="img" aria-l'
    """
    return _for_page(_draw(figure), clean(figure.title), prefix)


def _draw(figure: Figure) -> str:
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure as Canvas

    with matplotlib.rc_context(), _quiet_about_glyphs():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        canvas = Canvas(figsize=(5.0, 2.9))
        FigureCanvasSVG(canvas)
        _plot(canvas.add_axes(_PLACE), figure)
        file = StringIO()
        canvas.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return file.getvalue()


@contextmanager
def _quiet_about_glyphs() -> Iterator[None]:
    """The reader's browser sets the text in its own fonts: that matplotlib's lacks a glyph does not matter."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        yield


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
            color=_SERIES[place % SERIES_COLOURS],
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


def _for_page(svg: str, title: str, prefix: str) -> str:
    """The bare element: no prolog, ids of its own, colours from the page, a title for those who cannot see it."""
    view_box = re.search(r'viewBox="([^"]*)"', svg)
    box = view_box.group(1) if view_box else "0 0 360 208.8"
    body = svg[svg.index(">", svg.index("<svg")) + 1 :].strip()
    # Its style sheet would hold for the whole page, and its font for none of the reader's.
    body = re.sub(r"<(metadata|style)\b.*?</\1>|font-family:[^;\"]*;", "", body, flags=re.DOTALL)
    body = re.sub(r'\bid="', f'id="{prefix}-', body)
    body = re.sub(r'xlink:href="#', f'href="#{prefix}-', body)
    body = body.replace("url(#", f"url(#{prefix}-")
    for drawn, shown in _COLOURS.items():
        body = body.replace(drawn, shown)
    opening = f'<svg class="plot" role="img" aria-labelledby="{prefix}-title" viewBox="{box}">'
    return f'{opening}\n<title id="{prefix}-title">{escape(title)}</title>\n{body}'
