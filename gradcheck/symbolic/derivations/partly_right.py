"""Lines that are right in part: on some entries of the derivative, or where a matrix is symmetric."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sympy as sp

from gradcheck.symbolic.compile import Variable, variable_shape
from gradcheck.symbolic.derivations.derivation import TOLERANCE
from gradcheck.symbolic.derivations.verification import Places, apart

AT_DIAGONAL = "it is right on the diagonal alone, and the coupling of the other entries is forgotten"
OFF_DIAGONAL = "it is right off the diagonal alone: a term with a delta is missing"
Found = tuple[str, str, str]
"""A slip's kind, what to say of it, and the rule that slipped."""


def on_some_entries(
    axes: Sequence[sp.Symbol], places: Places, written: Sequence[Any], truth: Sequence[Any]
) -> Found | None:
    """What to say of a line that is right on the diagonal of a square derivative alone, or off it alone."""
    half = len(axes) // 2
    pairs = list(zip(axes[:half], axes[half:], strict=True))
    right: dict[bool, set[bool]] = {True: set(), False: set()}
    for place, own, true in zip(places.places, written, truth, strict=True):
        on_diagonal = all(place[a] == place[b] for a, b in pairs)
        right[on_diagonal].add(apart([own], [true]) <= TOLERANCE)
    if right == {True: {True}, False: {False}}:
        return "coupling", AT_DIAGONAL, ""
    return ("term", OFF_DIAGONAL, "") if right == {True: {False}, False: {True}} else None


def if_symmetric(variables: Iterable[Variable], line: sp.Expr, true: sp.Expr, places: Places) -> Found | None:
    """What to say of a line that is right where one of the square matrices is symmetric."""
    for matrix in variables:
        shape = variable_shape(matrix)
        if len(shape) == 2 and shape[0] == shape[1]:
            own, other = (_with_symmetric(each, matrix) for each in (line, true))
            if places.distance(own, other) <= TOLERANCE:
                return "symmetric", f"it is right where {matrix.label} is symmetric alone", ""
    return None


def _with_symmetric(expression: sp.Expr, matrix: sp.IndexedBase) -> sp.Expr:
    """The expression with the mean of the matrix and its transpose in place of the matrix."""
    entries = [each for each in expression.atoms(sp.Indexed) if each.base == matrix]
    return expression.xreplace({each: (each + matrix[each.indices[::-1]]) / 2 for each in entries})
