"""A right formula in the style of the stated one: how its products and powers are written."""

from __future__ import annotations

import re

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_DOTS = "·⋅×"
_POWER = re.compile(r"\^(\d+)")
_FACTOR = r"(?<![\w^.])(\d+(?:\.\d+)?)"
_BESIDE_LETTER = re.compile(rf"{_FACTOR}\*(?=[^\W\d_](?!\w)|\()")
_BESIDE_WORD = re.compile(rf"{_FACTOR}\*(?=[^\W\d_]|\()")
_STATED_BESIDE = re.compile(r"\d\s?[^\W\d_]")
_STATED_BESIDE_WORD = re.compile(r"\d\s?[^\W\d_]{2}")


def in_style(formula: str, stated: str) -> str:
    """The formula, written with `*` and `^`, with the signs that the stated text uses.

    >>> in_style("2*x + 1", "dy/dx = 3x + 1"), in_style("4*x^3", "4·x²"), in_style("3*x^2", "2*x**2")
    ('2x + 1', '4·x³', '3*x**2')
    """
    return _powers(_products(formula, stated.replace("**", "^")), stated)


def _products(formula: str, stated: str) -> str:
    dot = next((sign for sign in stated if sign in _DOTS), "")
    if "*" in stated:
        return formula
    if dot:
        return formula.replace("*", f" {dot} " if f" {dot} " in stated else dot)
    if not _STATED_BESIDE.search(stated):
        return formula
    return (_BESIDE_WORD if _STATED_BESIDE_WORD.search(stated) else _BESIDE_LETTER).sub(r"\1", formula)


def _powers(formula: str, stated: str) -> str:
    if "**" in stated:
        return formula.replace("^", "**")
    if any(chr(sign) in stated for sign in _SUPERSCRIPTS.values()):
        return _POWER.sub(lambda power: power[1].translate(_SUPERSCRIPTS), formula)
    return formula
