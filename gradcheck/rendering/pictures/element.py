"""What all pictures share: size and type, words for those who cannot see them, and the file of one alone."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader

from gradcheck.rendering.canvas import drawn, for_page

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

WIDTH = 5.0
"""Inches, 360 units of the drawing: on a phone a unit is about a pixel."""

STYLE: Any = {
    "font.size": 11,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.titlepad": 8,
    "axes.titley": 1.0,  # looking for what a title might overlap takes a quarter of the time
}

_TAG = re.compile(r"<[^>]*>")
_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_LONE = re.compile(r"<g>\n(<[^/g][^<]*(?:/>|>[^<]*</text>))\n</g>")
_UNUSED_ID = re.compile(r'<g id="[^"]*">')
_NO_TURN = re.compile(r' transform="rotate\(-0 [^)]*\)"')


def picture(
    plot: Callable[[Canvas], None], height: float, *, title: str, description: str, prefix: str = "picture"
) -> str:
    """What `plot` draws, `height` inches high, as an `<svg>` element; `prefix` makes its ids unique on a page.

    Lengths are rounded to hundredths of a unit, so that the last digits of no machine's arithmetic show.
    """
    return _compact(for_page(drawn((WIDTH, height), plot, STYLE), title, prefix, description))


def standalone(element: str) -> str:
    """A picture as a file of its own, with the colours of both schemes; it asks nothing of the network.

    >>> standalone('<svg class="plot" viewBox="0 0 9 9"><g></g></svg>').splitlines()[0][:53]
    '<svg xmlns="http://www.w3.org/2000/svg" class="plot" '
    """
    opening, rest = element.split(">", 1)
    opening = opening.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    ground = '<rect class="ground" width="100%" height="100%"/>'
    return f"{opening}>\n<style>\n{_style_sheet()}</style>\n{ground}{rest}\n"


def short(value: float, digits: int = 3) -> str:
    """A number in few digits, with a minus sign as in print, and 0 for what is as good as 0.

    >>> short(-0.33333333), short(1e-10), short(2.0), short(12345.6)
    ('−0.333', '0', '2', '1.23e+04')
    """
    return "0" if abs(value) < 1e-9 else f"{value:.{digits}g}".replace("-", "−")


def axes_at(canvas: Canvas, left: float, bottom: float, width: float, height: float) -> Axes:
    """Axes at a place of the canvas, all four as fractions of it."""
    return canvas.add_axes((left, bottom, width, height))


def powers_of_ten(value: float, _: Any = None) -> str:
    """A tick of a logarithmic axis in characters, since the drawing's text is plain.

    >>> powers_of_ten(1e-8), powers_of_ten(1.0), powers_of_ten(10.0)
    ('10⁻⁸', '1', '10')
    """
    exponent = round(math.log10(value))
    return {0: "1", 1: "10"}.get(exponent, "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")))


def _compact(svg: str) -> str:
    """Smaller: short numbers in the tags (the text keeps its own), no ids without a reference, no groups of one."""
    svg = _NO_TURN.sub("", _UNUSED_ID.sub("<g>", svg))
    svg = _TAG.sub(lambda tag: _NUMBER.sub(_hundredths, re.sub(r"\s*\n\s*", " ", tag[0])), svg)
    svg = re.sub(r">\s+<", ">\n<", svg)
    return _LONE.sub(r"\1", _LONE.sub(r"\1", svg))


def _hundredths(number: re.Match[str]) -> str:
    return f"{float(number[0]) + 0.0:.2f}".rstrip("0").rstrip(".")


@cache
def _style_sheet() -> str:
    loader = PackageLoader("gradcheck.rendering", "templates")
    return Environment(loader=loader, autoescape=False).get_template("picture.css").render()
