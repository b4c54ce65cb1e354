"""A Jacobian as a heat map: colours diverge from 0, and small tables show their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcheck.pictures.heat_map import HeatMap, IndexAxis
from gradcheck.rendering.canvas import FAINT, HIGH, LOW
from gradcheck.rendering.pictures.element import WIDTH, axes_at, picture, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas
    from matplotlib.patches import Rectangle

WRITTEN_COLUMNS = 8
"""Up to so many columns a cell is wide enough for its number."""

LABELLED = 12
"""Of more places along an axis only some are labelled."""

TALLEST, SHORTER, LOWEST = 0.62, 0.38, 0.3
"""Inches a row may be high at most, where there are few and where there are many; and at least, to hold numbers."""

LEFT, RIGHT, TOP, BOTTOM = 0.62, 0.08, 0.62, 0.62
"""Margins in inches: names and labels of the axes, and the scale of colours below."""


def heat_map_svg(found: HeatMap, prefix: str = "picture") -> str:
    """The Jacobian with its index axes; the colour of a value tells its sign, the strength its size.

    >>> from gradcheck import formula
    >>> from gradcheck.pictures.heat_map import heat_map
    >>> "−0.25" in heat_map_svg(heat_map(formula("softmax"), at={"z": [0.0, 0.0]}))
    True
    """
    rows, columns = found.values.shape
    width = WIDTH - LEFT - RIGHT
    row = min(TALLEST if rows <= 6 else SHORTER, max(width / columns, LOWEST if columns <= WRITTEN_COLUMNS else 0.0))
    height = rows * row + TOP + BOTTOM

    def plot(canvas: Canvas) -> None:
        axes = axes_at(canvas, LEFT / WIDTH, BOTTOM / height, width / WIDTH, rows * row / height)
        _cells(axes, found)
        _label(axes, found)
        _scale(axes_at(canvas, LEFT / WIDTH, 0.34 / height, width / WIDTH, 0.1 / height), found.largest)

    return picture(plot, height, title=_title(found), description=_described(found), prefix=prefix)


def _cells(axes: Axes, found: HeatMap) -> None:
    rows, columns = found.values.shape
    for i, row in enumerate(found.values.tolist()):
        for j, value in enumerate(row):
            colour, strength = _colour(value, found.largest)
            if strength:
                axes.add_patch(_cell((j, i), colour, strength))
            if columns <= WRITTEN_COLUMNS:
                axes.text(j + 0.5, i + 0.5, short(value), ha="center", va="center", fontsize=_type_size(columns))
    axes.vlines(range(columns + 1), 0, rows, color=FAINT, linewidth=0.7)
    axes.hlines(range(rows + 1), 0, columns, color=FAINT, linewidth=0.7)
    axes.set_xlim(0, columns)
    axes.set_ylim(rows, 0)


def _cell(corner: tuple[float, float], colour: str, strength: float) -> Rectangle:
    from matplotlib.patches import Rectangle

    return Rectangle(corner, 1, 1, facecolor=colour, alpha=strength, linewidth=0, clip_on=False)


def _type_size(columns: int) -> float:
    return 11 if columns <= 6 else 9.5


def _colour(value: float, largest: float) -> tuple[str, float]:
    """The colour of the value's sign, and how strong it is: symmetric around 0, which has none."""
    return (HIGH if value > 0 else LOW), (round(abs(value) / largest, 3) if largest else 0.0)


def _label(axes: Axes, found: HeatMap) -> None:
    axes.grid(visible=False)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    for axis, side in ((axes.xaxis, found.columns), (axes.yaxis, found.rows)):
        every = -(-len(side.labels) // LABELLED)
        shown = range(0, len(side.labels), every)
        axis.set_ticks([place + 0.5 for place in shown], [side.labels[place] for place in shown])
        axis.set_tick_params(length=0)
        axis.set_label_text(_named(side))
    for spine in axes.spines.values():
        spine.set_visible(False)


def _scale(axes: Axes, largest: float) -> None:
    """The colours from minus the largest size to plus."""
    steps = 20
    for place in range(-steps, steps):
        colour, strength = _colour((place + 0.5) / steps, 1.0)
        axes.add_patch(_cell((place, 0), colour, strength))
    axes.set_xlim(-steps, steps)
    axes.set_ylim(0, 1)
    for place, text, side in ((-steps, short(-largest), "left"), (0, "0", "center"), (steps, short(largest), "right")):
        axes.text(place, -0.6, text, ha=side, va="top", fontsize=10)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _named(side: IndexAxis) -> str:
    return f"{side.names}  ({side.role})" if side.names and side.role else side.role


def _title(found: HeatMap) -> str:
    kind = "gradient" if not found.rows.names or found.rows.role.startswith("row") else "Jacobian"
    return f"{found.title}: {kind} by {found.wrt}"


def _described(found: HeatMap) -> str:
    rows, columns = found.values.shape
    table = "; ".join(", ".join(map(short, row)) for row in found.values.tolist()) if rows * columns <= 64 else ""
    return f"{rows} × {columns} values, the largest in size {short(found.largest)}{': ' + table if table else ''}."
