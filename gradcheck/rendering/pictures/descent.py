"""Optimisers' paths on one surface: up to four in one drawing, more of them in panels of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradcheck.pictures.descent import Descent, Path
from gradcheck.rendering.canvas import INK, SERIES
from gradcheck.rendering.pictures.element import axes_at, picture, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

TOGETHER = len(SERIES)
"""Up to so many paths can be told apart in one panel."""

COLUMNS = 2

PANEL, MARGIN, LEGEND_LINE = 3.15, 0.55, 0.19
"""Inches: the height of the one panel, what lies around it, and a line of the legend."""

PANEL_LENGTH, LEGEND_LENGTH, SHORT = 26, 48, 24
"""How many characters fit over a panel, in a legend, and in a legend of two columns."""

LEVELS = 11
DASHES = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (5, 2, 1, 2)))
MARKERS = ("o", "s", "^", "D")


def descent_svg(found: Descent, prefix: str = "picture") -> str:
    """Contour lines of the surface, the paths from their common start, and a cross at the minimum.

    >>> from gradcheck import catalogue
    >>> from gradcheck.pictures.descent import descent
    >>> "Adam" in descent_svg(descent([catalogue.update_rule("adam")]))
    True
    """
    many = len(found.paths) > TOGETHER
    rows = -(-len(found.paths) // COLUMNS)
    height = 0.1 + rows * 1.95 if many else PANEL + MARGIN + LEGEND_LINE * _legend_lines(found)
    title = f"{', '.join(map(_titled, found.paths))} on {found.surface.text}"
    plot = _panels if many else _one
    return picture(
        lambda canvas: plot(canvas, found), height, title=title, description=_described(found), prefix=prefix
    )


def _one(canvas: Canvas, found: Descent) -> None:
    below = MARGIN - 0.1 + LEGEND_LINE * _legend_lines(found)
    height = PANEL + below + 0.1
    axes = axes_at(canvas, 0.11, below / height, 0.87, PANEL / height)
    _surface(axes, found)
    for number, path in enumerate(found.paths):
        _way(axes, path, number)
    canvas.legend(
        loc="lower center",
        ncols=_legend_columns(found),
        fontsize=10,
        columnspacing=1.2,
        handlelength=2.4,
        labelspacing=0.2,
    )


def _legend_columns(found: Descent) -> int:
    return 2 if all(len(_titled(path, LEGEND_LENGTH)) <= SHORT for path in found.paths) else 1


def _legend_lines(found: Descent) -> int:
    return -(-len(found.paths) // _legend_columns(found))


def _panels(canvas: Canvas, found: Descent) -> None:
    rows = -(-len(found.paths) // COLUMNS)
    total = 0.1 + rows * 1.95
    for number, path in enumerate(found.paths):
        row, column = divmod(number, COLUMNS)
        bottom = total - (row + 1) * 1.95 + 0.22
        axes = axes_at(canvas, 0.075 + column * 0.49, bottom / total, 0.43, 1.4 / total)
        _surface(axes, found)
        _way(axes, path, 0)
        axes.set_title(_titled(path, PANEL_LENGTH), fontsize=10)
        axes.tick_params(labelsize=8.5)


def _surface(axes: Axes, found: Descent) -> None:
    heights = found.heights - found.heights.min()
    levels = heights.max() * np.linspace(0.16, 1.0, LEVELS) ** 4
    axes.contour(found.x, found.y, heights, levels=levels, colors=INK, linewidths=0.7, alpha=0.3)
    axes.plot(*found.surface.minimum, "x", color=INK, markersize=7, markeredgewidth=1.8)
    axes.set_xlim(*found.surface.x_span)
    axes.set_ylim(*found.surface.y_span)
    axes.grid(visible=False)


def _way(axes: Axes, path: Path, number: int) -> None:
    x, y = path.points.T
    colour = SERIES[number]
    axes.plot(x, y, color=colour, linestyle=DASHES[number], linewidth=1.6, label=_titled(path, LEGEND_LENGTH))
    axes.plot(x[-1:], y[-1:], MARKERS[number], color=colour, markersize=6)
    axes.plot(x[:1], y[:1], "o", color=INK, markersize=4.5)


def _titled(path: Path, longest: int = 1000) -> str:
    """The path's title, or its name where that is too long, and that it climbs if it does."""
    title = path.title if len(path.title) <= longest else path.name
    return f"{title}, of −f" if path.climbs else title


def _described(found: Descent) -> str:
    steps = len(found.paths[0].points) - 1
    ends = (f"{_titled(path)} at ({short(path.points[-1, 0])}, {short(path.points[-1, 1])})" for path in found.paths)
    start = ", ".join(map(short, found.surface.start))
    minimum = ", ".join(map(short, found.surface.minimum))
    return f"From ({start}), the minimum is at ({minimum}). After {steps} steps: {'; '.join(ends)}."
