"""What a printed value claims: shape, count, and every entry to half a unit in its last place.

`tensor([0.2500])` states one entry between 0.24995 and 0.25005. A numeral without decimals, `0.` or `3`, states a
whole number exactly: that is how torch prints a tensor whose entries are all whole.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from gradcheck.articles.data import Array

_REAL = r"(?:(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|nan|inf)"
NUMERAL = re.compile(rf"[-+]?{_REAL}(?:\s*[-+]\s*{_REAL}j|j)?")
"""A real or complex number as Python, NumPy or torch prints it."""

_FACTOR = re.compile(rf"({_REAL})\s*\*\s*(?=\[)")


@dataclass(frozen=True)
class Printed:
    """A printed number or array: its values, and how far from each the true one may lie."""

    values: Array
    half_units: Array

    def allows(self, actual: Array, epsilon: float) -> bool:
        """Whether `actual` has this shape and, to the digits printed and `epsilon` relative, these values.

        `epsilon` is the spacing of the numbers that were computed with: `np.finfo(np.float32).eps`.
        """
        if actual.shape != self.values.shape:
            return False
        with np.errstate(invalid="ignore"):
            near = np.abs(self.values - actual) <= self.half_units + epsilon * np.abs(actual)
        same = (self.values == actual) | (np.isnan(self.values) & np.isnan(actual))
        return bool(np.all(same | (near & np.isfinite(actual))))


def parse_printed(text: str) -> Printed:
    """Reads a number, or the first bracketed array in the text; raises `ValueError` where there is neither.

    >>> parse_printed("tensor([4.6667])").values, parse_printed("tensor([4.6667])").half_units
    (array([4.6667]), array([5.e-05]))
    >>> parse_printed("tensor([[1., 2.], [3., 4.]])").values.shape
    (2, 2)

    A factor in front of the bracket is taken in, and complex numbers are read:

    >>> parse_printed("1.0000e-04 * [1.5, 2.5]").values, parse_printed("[1.+2.j]").values
    (array([0.00015, 0.00025]), array([1.+2.j]))
    """
    bracketed = re.search(r"\[.*\]", text, re.DOTALL)
    source = bracketed.group() if bracketed else text
    factor = float(found.group(1)) if (found := _FACTOR.search(text)) else 1.0
    numerals = NUMERAL.findall(source)
    if not numerals or not (bracketed or len(numerals) == 1):
        raise ValueError(f"{text!r} is not a printed number or array")
    shape = _shape(source) if bracketed else ()
    half_units = factor * np.array([half_unit(numeral) for numeral in numerals])
    return Printed(
        factor * np.array([_number(numeral) for numeral in numerals]).reshape(shape), half_units.reshape(shape)
    )


def half_unit(numeral: str) -> float:
    """Half a unit in the last place of a decimal; zero for a whole number, which is stated exactly.

    >>> half_unit("4.6667"), half_unit("0."), half_unit("1.50e-3")
    (5e-05, 0.0, 5e-06)
    """
    if numeral.endswith("j"):
        return max(half_unit(part) for part in re.findall(_REAL, numeral))
    mantissa = numeral.lower().partition("e")[0]
    if not mantissa.partition(".")[2]:
        return 0.0
    exponent = Decimal(numeral).as_tuple().exponent
    return 0.5 * 10.0 ** int(exponent)


def _number(numeral: str) -> complex | float:
    return complex("".join(numeral.split())) if numeral.endswith("j") else float(numeral)


def _shape(source: str) -> tuple[int, ...]:
    """The shape of a bracketed array, whose rows may be set apart by commas or, as NumPy prints, by spaces."""
    commas = re.sub(r"\]\s*,?\s*\[", "], [", source)
    zeros = re.sub(r"(?<=0)\s*,?\s*(?=0)", ", ", NUMERAL.sub("0", commas))
    return np.asarray(ast.literal_eval(zeros)).shape
