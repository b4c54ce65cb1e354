"""Writes the actual value in the style in which the stated one is written."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from gradcheck.articles.printed import NUMERAL
from gradcheck.documents.records import Value
from gradcheck.documents.values.compare import Array, numbers_of
from gradcheck.documents.values.literals import Literal

_DIGITS = 4
"""Decimals for a value stated without any, where the actual one has some: as many as torch prints."""

_TELLING = 3
"""So many decimals are a choice of the author's, also where other entries need fewer."""


def replacement(stated: Literal, value: Value) -> str:
    """The text that should stand in place of `stated`, or nothing where the style does not carry the value.

    >>> from gradcheck.documents.values.literals import read_literal
    >>> actual = Value("array", "torch.Tensor", "", "tensor([-17.3333])", "torch.float32", (1,), (-17.333334,))
    >>> replacement(read_literal("tensor([4.67])"), actual), replacement(read_literal("4.6667"), actual)
    ('tensor([-17.33])', '-17.3333')
    """
    if stated.kind in {"truth", "none", "type"} and value.kind != "array":
        return value.text
    if "dtype" in stated.attributes and stated.attributes["dtype"] not in value.shown:
        return _as_shown(stated, value)
    actual = numbers_of(value)
    if actual is None or stated.printed is None or stated.elided or np.iscomplexobj(actual):
        return ""
    if stated.bare and stated.kind == "number":
        return _numeral(actual.reshape(()).item(), *_style(stated.text)) if actual.size == 1 else ""
    in_place = stated.kind != "truth" and stated.printed.values.shape == actual.shape
    return _in_place(stated, actual) if in_place else _as_shown(stated, value)


def with_parts_replaced(text: str, parts: Sequence[tuple[Literal, str]]) -> str:
    """The text with each of its values, all of them in order, replaced; nothing where one of them is not known.

    >>> from gradcheck.documents.values.literals import read_literal
    >>> half = read_literal("1.5")
    >>> with_parts_replaced("1.5, 1.5", [(half, "1.5"), (half, "2.5")])
    '1.5, 2.5'
    """
    if not all(better for _, better in parts):
        return ""
    if [stated.text for stated, _ in parts] == [f"[{text}]"]:  # the entries of one array, without its brackets
        return parts[0][1][1:-1]
    written, last = "", 0
    for stated, better in parts:
        at = text.find(stated.text, last)
        written, last = written + text[last:at] + better, at + len(stated.text)
    return written + text[last:]


def _as_shown(stated: Literal, value: Value) -> str:
    """What `repr` writes, for a value that is stated as `repr` writes it."""
    return value.shown if stated.wrapped and "..." not in value.shown and "\n" not in value.shown else ""


def _in_place(stated: Literal, actual: Array) -> str:
    """The stated text with each of its numerals replaced."""
    begin = stated.text.find("(") + 1 if stated.wrapped else 0
    head, body = stated.text[:begin], stated.text[begin:]
    places = list(NUMERAL.finditer(body))[: actual.size]
    if len(places) < actual.size or "*" in body:
        return ""
    styles = [_style(place.group()) for place in places]
    decimals, dotted, exponents = map(max, zip(*styles, strict=True))
    least = min((digits for digits, point, _ in styles if point), default=0)
    kept = decimals if decimals == least or decimals >= _TELLING else _DIGITS
    written, last = [], 0
    for place, entry in zip(places, actual.ravel(), strict=True):
        numeral = _numeral(float(entry), kept, dotted, exponents)
        written += [body[last : place.start()], numeral if exponents else _trimmed(numeral, least)]
        last = place.end()
    return head + "".join(written) + body[last:]


def _trimmed(numeral: str, least: int) -> str:
    """A numeral without zeros at its end, where at least so many decimals stay.

    >>> _trimmed("0.500", 1), _trimmed("3.0000", 0), _trimmed("12", 0)
    ('0.5', '3.', '12')
    """
    whole, point, decimals = numeral.partition(".")
    return whole + point + decimals[:least] + decimals[least:].rstrip("0")


def _style(numeral: str) -> tuple[int, bool, bool]:
    """How many decimals a numeral has, whether it has a point, and whether it has an exponent."""
    mantissa = numeral.lower().partition("e")[0]
    return len(mantissa.partition(".")[2]), "." in mantissa, "e" in numeral.lower()


def _numeral(value: float, decimals: int, dotted: bool, exponent: bool) -> str:
    if not np.isfinite(value):
        return str(value)
    if exponent:
        return f"{value:.{decimals}e}"
    if decimals:
        return f"{value:.{decimals}f}"
    if float(value).is_integer():
        return f"{value:.0f}" + "." * dotted
    if abs(value) < 10.0**-_DIGITS:
        return f"{value:.{_DIGITS}e}"
    return re.sub(r"0+$", "", f"{value:.{_DIGITS}f}")
