"""LaTeX as MathML that is safe inside a page: built as a tree, so that no text in it can become markup."""

from __future__ import annotations

import re
from html import unescape
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import Converter

_ATTRIBUTES = {
    *("accent", "accentunder", "columnalign", "depth", "display", "displaystyle", "fence", "form", "height"),
    *("largeop", "linethickness", "lspace", "mathvariant", "maxsize", "minsize", "movablelimits", "rspace"),
    *("scriptlevel", "separator", "stretchy", "symmetric", "voffset", "width"),
}
"""The attributes that set type. Others could link, style or run, and are dropped."""

_NAME_WITH_DIGIT = re.compile(r"\\operatorname\{(\w*\d\w*)\}")
_OPENING = ("(", "[", "{")
_BARS = ("|", "‖", "∣", "∥")
_THIN = "0.1667em"

_BOLD = {
    first + place: start + place
    for first, start, count in ((ord("A"), 0x1D400, 26), (ord("a"), 0x1D41A, 26), (ord("0"), 0x1D7CE, 10))
    for place in range(count)
}
"""Browsers read no `mathvariant="bold"`; bold letters and digits are characters of their own."""


def mathml(latex: str, display: str = "block") -> str | None:
    r"""The `<math>` element for LaTeX without delimiters, or None where the LaTeX cannot be read.

    >>> mathml("x_i", "inline")
    '<math display="inline"><mrow><msub><mi>x</mi><mi>i</mi></msub></mrow></math>'
    >>> mathml(r"\text{<b>}", "inline")
    '<math display="inline"><mrow><mtext>&lt;b&gt;</mtext></mrow></math>'
    >>> mathml(r"\frac{") is None
    True
    """
    # The converter raises its own kinds, and IndexError, KeyError or StopIteration from deeper down.
    try:
        element = Converter(display=display).convert_to_element(_with_known_commands(latex), None)
    except Exception:
        return None
    _make_safe(element)
    _embolden(element)
    _hold_bars(element)
    _space_names(element)
    return tostring(element, encoding="unicode", short_empty_elements=False)


def _make_safe(root: Element) -> None:
    for element in root.iter():
        element.attrib = {name: value for name, value in element.attrib.items() if name in _ATTRIBUTES}
        # The converter writes symbols as character references; as text of a tree they must be the characters.
        element.text = unescape(element.text) if element.text else None


def _with_known_commands(latex: str) -> str:
    """The converter sets lines under each other for `split`, and no name with a digit as one word but as a text."""
    latex = _NAME_WITH_DIGIT.sub(r"\\text{\1}", latex)
    return latex.replace(r"\begin{aligned}", r"\begin{split}").replace(r"\end{aligned}", r"\end{split}")


def _embolden(root: Element) -> None:
    for element in root.iter():
        if element.get("mathvariant") == "bold" and element.text:
            element.text = element.text.translate(_BOLD)


def _hold_bars(root: Element) -> None:
    """A bar that LaTeX does not stretch keeps its size; MathML would stretch the two of a pair unlike."""
    for element in root.iter("mo"):
        if element.text in _BARS and element.get("stretchy") != "true":
            element.attrib |= {"stretchy": "false", "lspace": "0", "rspace": "0"}


def _space_names(root: Element) -> None:
    """A thin space around a function's name, where MathML sets some names apart widely and others not at all."""
    for parent in root.iter():
        children = list(parent)
        for before, child, after in zip([None, *children], children, [*children[1:], None], strict=False):
            if child.tag in ("mi", "mo") and len(child.text or "") > 1 and (child.text or "").isalpha():
                opens = after is not None and after.text in _OPENING
                child.tag = "mo"
                child.attrib |= {"lspace": _THIN if before is not None else "0", "rspace": "0" if opens else _THIN}
