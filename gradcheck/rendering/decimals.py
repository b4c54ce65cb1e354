"""Numbers and arrays of numbers as a reader wants them: few digits, as text and as LaTeX."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcheck.rendering.words import number

DIGITS = 6
"""Significant digits."""


def decimal(value: float) -> str:
    """A number in six significant digits."""
    return number(float(value), DIGITS)


def array_text(value: Any) -> str:
    """An array on several lines, in columns."""
    return np.array2string(np.asarray(value), precision=DIGITS, suppress_small=True, max_line_width=80)


def array_latex(value: Any) -> str:
    r"""A vector as a column, a matrix in brackets; of more axes, the shape.

    >>> print(array_latex([1.0, 0.5]))
    \begin{bmatrix} 1 \\ 0.5 \end{bmatrix}
    """
    array = np.asarray(value)
    if array.ndim > 2:
        return rf"\text{{{array.shape} entries}}"
    rows = array.reshape(-1, 1) if array.ndim == 1 else array
    body = r" \\ ".join(" & ".join(map(decimal, row)) for row in rows)
    return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"
