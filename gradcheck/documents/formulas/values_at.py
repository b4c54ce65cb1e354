"""Derivatives stated as numbers: right or wrong at the point that the document gives, and in their arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from gradcheck.documents.formulas.comparison import Comparison
from gradcheck.documents.formulas.definitions import Definition, Definitions, Place
from gradcheck.documents.formulas.evaluation import CannotEvaluate
from gradcheck.documents.formulas.symbolic_oracle import SymbolicOracle, numbers
from gradcheck.documents.formulas.tree import Negated, Node, Number


def known_values(definitions: Definitions, labels: Sequence[str], place: Place) -> dict[str, Definition] | None:
    """The definitions that give each name a number; None where one has none."""
    found: dict[str, Definition] = {}
    for label in labels:
        values = [
            each for each in definitions.of(label, place) if each.body is not None and literal(each.body) is not None
        ]
        if not values:
            return None
        found[label] = values[0]
    return found


def letters(comparison: Comparison) -> list[str] | None:
    """The names on which the derivative's value depends; None for one that is an array."""
    side = comparison.sides[0]
    if side.shape:
        return None
    return sorted(symbol.name for symbol in side.item().free_symbols)


def value_at(comparison: Comparison, values: dict[str, Definition]) -> Any:
    """The derivative at the values that the document gives."""
    point = {}
    for label, each in values.items():
        assert each.body is not None
        number = literal(each.body)
        assert number is not None
        point[label] = np.array(mpmath.mpf(number.numerator) / number.denominator, dtype=object)
    return numbers(np.asarray(comparison.sides[0], dtype=object), point).item()


def literal(node: Node) -> Fraction | None:
    """The number that a node is, as it stands."""
    if isinstance(node, Number):
        return Fraction(node.value)
    if isinstance(node, Negated):
        inner = literal(node.operand)
        return None if inner is None else -inner
    return None


def worked_out(node: Node) -> sp.Expr | None:
    """The exact number that an expression without letters is; None where it has no value."""
    try:
        return SymbolicOracle({}, {}, {}).value(node).item()
    except CannotEvaluate:
        return None


def same_number(value: Any, node: Node, text: str) -> bool:
    """Whether a number is that of a side; a decimal on its own stands for all that round to it."""
    stated = worked_out(node)
    if stated is None:
        return False
    with mpmath.workdps(30):
        exact = mpmath.mpf(sp.N(stated, 30)) if not isinstance(stated, sp.Rational) else mpmath.mpf(stated.p) / stated.q
        return bool(abs(mpmath.mpf(value) - exact) <= _slack(node, text) + abs(exact) * mpmath.mpf(10) ** -15)


def last_place(node: Node, text: str) -> Any:
    """A unit in the last place of a decimal, within which digits that go on, or are cut off, may lie."""
    return 2 * _slack(node, text)


def _slack(node: Node, text: str) -> Any:
    """Half a unit in the last place of a decimal with at least two digits behind its point."""
    digits = text.strip().rpartition(".")[2] if literal(node) is not None and "." in text else ""
    return mpmath.mpf(10) ** -len(digits) / 2 if digits.isdigit() else mpmath.mpf(0)
