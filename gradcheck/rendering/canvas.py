"""Drawings as inline SVG: the same bytes for the same data, and colours that follow the page's scheme."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from io import StringIO
from typing import TYPE_CHECKING, Any

from gradcheck.rendering.words import clean

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

SERIES_COLOURS = 4
"""How many colours the page defines as `--series-1` and so on; further series repeat them with another dash."""

INK, FAINT, PAPER, HIGH, LOW = "#010203", "#040506", "#070809", "#0a0c01", "#0a0c02"
SERIES = tuple(f"#0a0b0{n}" for n in range(1, SERIES_COLOURS + 1))
COLOURS = {
    INK: "currentColor",
    FAINT: "var(--rule)",
    PAPER: "var(--paper)",
    HIGH: "var(--high)",
    LOW: "var(--low)",
} | {colour: f"var(--series-{n})" for n, colour in enumerate(SERIES, 1)}
"""What the colours that matplotlib draws in become, so that CSS decides them."""

STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "gradcheck",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.formatter.use_mathtext": False,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}


def drawn(size: tuple[float, float], plot: Callable[[Canvas], None], style: Any = None) -> str:
    """What `plot` puts on a canvas of that size in inches, as matplotlib writes it; `style` adds to `STYLE`.

    matplotlib is imported when the first drawing is made.
    """
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure as Canvas

    with matplotlib.rc_context(), _quiet_about_glyphs():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update({**STYLE, **(style or {})})
        canvas = Canvas(figsize=size)
        FigureCanvasSVG(canvas)
        plot(canvas)
        file = StringIO()
        canvas.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return file.getvalue()


@contextmanager
def _quiet_about_glyphs() -> Iterator[None]:
    """The reader's browser sets the text in its own fonts: that matplotlib's lacks a glyph does not matter."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        yield


def for_page(svg: str, title: str, prefix: str, description: str = "") -> str:
    """The bare element: no prolog, ids of its own, colours from the page, words for those who cannot see it."""
    view_box = re.search(r'viewBox="([^"]*)"', svg)
    box = view_box.group(1) if view_box else "0 0 360 208.8"
    body = svg[svg.index(">", svg.index("<svg")) + 1 :].strip()
    # Its style sheet would hold for the whole page, and its font for none of the reader's.
    body = re.sub(r"<(metadata|style)\b.*?</\1>|font-family:[^;\"]*;", "", body, flags=re.DOTALL)
    body = re.sub(r'\bid="', f'id="{prefix}-', body)
    body = re.sub(r'xlink:href="#', f'href="#{prefix}-', body)
    body = body.replace("url(#", f"url(#{prefix}-")
    for mark, shown in COLOURS.items():
        body = body.replace(mark, shown)
    words = f'<title id="{prefix}-title">{escape(clean(title))}</title>\n'
    labels = f"{prefix}-title"
    if description:
        words += f'<desc id="{prefix}-description">{escape(clean(description))}</desc>\n'
        labels += f'" aria-describedby="{prefix}-description'
    return f'<svg class="plot" role="img" aria-labelledby="{labels}" viewBox="{box}">\n{words}{body}'
