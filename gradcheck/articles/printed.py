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

_NUMERAL = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:nan|inf)")


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
        slack = self.half_units + epsilon * np.abs(actual)
        return bool(np.all(np.abs(self.values - actual) <= slack))


def parse_printed(text: str) -> Printed:
    """Reads a number, or the first bracketed array in the text; raises `ValueError` where there is neither.

    >>> parse_printed("tensor([4.6667])").values, parse_printed("tensor([4.6667])").half_units
    (array([4.6667]), array([5.e-05]))
    >>> parse_printed("tensor([[1., 2.], [3., 4.]])").values.shape
    (2, 2)
    """
    bracketed = re.search(r"\[.*\]", text, re.DOTALL)
    source = bracketed.group() if bracketed else text
    numerals = _NUMERAL.findall(source)
    if not numerals or not (bracketed or len(numerals) == 1):
        raise ValueError(f"{text!r} is not a printed number or array")
    shape = _shape(source) if bracketed else ()
    half_units = np.array([half_unit(numeral) for numeral in numerals])
    return Printed(np.array([float(numeral) for numeral in numerals]).reshape(shape), half_units.reshape(shape))


def half_unit(numeral: str) -> float:
    """Half a unit in the last place of a decimal; zero for a whole number, which is stated exactly.

    >>> half_unit("4.6667"), half_unit("0."), half_unit("1.50e-3")
    (5e-05, 0.0, 5e-06)
    """
    mantissa = numeral.lower().partition("e")[0]
    if not mantissa.partition(".")[2]:
        return 0.0
    exponent = Decimal(numeral).as_tuple().exponent
    return 0.5 * 10.0 ** int(exponent)


def _shape(source: str) -> tuple[int, ...]:
    """The shape of a bracketed array, whose rows may be set apart by commas or, as NumPy prints, by spaces."""
    commas = re.sub(r"\]\s*,?\s*\[", "], [", source)
    zeros = re.sub(r"(?<=0)\s*,?\s*(?=0)", ", ", _NUMERAL.sub("0", commas))
    return np.asarray(ast.literal_eval(zeros)).shape
