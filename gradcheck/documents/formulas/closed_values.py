"""Arithmetic that a formula carries out with numbers alone: each side is worked out exactly."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from gradcheck.articles.claims import Judgement
from gradcheck.documents.formulas.links import Links, is_closed
from gradcheck.documents.formulas.statements import Statement
from gradcheck.documents.formulas.tree import Name, Node, Power, Side
from gradcheck.documents.formulas.values_at import last_place, literal, same_number, worked_out
from gradcheck.documents.formulas.wording import not_checkable
from gradcheck.results import Diagnosis, Evidence

RULE = "each side is worked out exactly; a stated decimal claims half a unit in its last place"
ROUNDED = 1e-6
"""Relative distance below which two decimals may be one number in floating point."""


def arithmetic_judgement(statement: Statement, found: Links) -> Judgement | None:
    """The judgement on sides without letters; None where one has no value, or where a count stands for a quotient."""
    start = found.derivative
    value = _worked_out(start.node)
    if value is None or not value.is_real:
        return None
    approximate = "≈" in statement.equation.relations or statement.cut == "…"
    for side in found.others:
        text = _text(statement, side)
        if same_number(sp.N(value, 30), side.node, text):
            continue
        other = _worked_out(side.node)
        if other is None or not other.is_real:
            return None
        away = abs(sp.N(value - other, 30))
        if away <= last_place(side.node, text):
            continue
        if away <= ROUNDED * max(1, abs(value)):
            return not_checkable("the sides differ by no more than rounding")
        return _different(statement, start, side, value, approximate)
    if statement.cut not in ("", "…"):
        return not_checkable(f"the formula goes on with `{statement.cut}`, which is not understood")
    return Judgement(
        "confirmed",
        f"`{_text(statement, start)}` is {_shown(value)}",
        RULE if _all_compared(statement) else f"{RULE}; sides with letters are not compared",
        evidence=_evidence(start, value, statement),
    )


def _all_compared(statement: Statement) -> bool:
    """Whether every side but a name is a number."""
    return all(is_closed(side.node) or isinstance(side.node, Name) for side in statement.equation.sides)


def _worked_out(node: Node) -> sp.Expr | None:
    try:
        return worked_out(node)
    except (ArithmeticError, ValueError, TypeError, AttributeError):
        return None


def _different(statement: Statement, start: Side, side: Side, value: sp.Expr, approximate: bool) -> Judgement | None:
    if approximate:
        return not_checkable("it is stated as an approximation")
    if statement.cut or not statement.alone:
        return not_checkable("more of a formula stands beside it")
    node = literal(side.node) if literal(side.node) is not None else _power_of_ten(side.node)
    if node is not None and node.denominator == 1 and not value.is_integer:
        return not_checkable("a whole number beside a fraction may be rounded")
    if node is not None and abs(sp.N(value, 30) - _rational(node)) <= _last_digit(node) / 2:
        return not_checkable("a number of few digits may be rounded")
    first, stated, right = _text(statement, start), _text(statement, side), _shown(value)
    return Judgement(
        "refuted",
        actual=f"`{first}` is {right}",
        rule=RULE,
        diagnosis=Diagnosis("arithmetic", f"`{first}` is {right}, not `{stated}`"),
        evidence=_evidence(start, value, statement),
        suggestion=f"write {right} in place of `{stated}`",
    )


def _power_of_ten(node: Node) -> Fraction | None:
    """The number that 10^12 or 3·10^8 is."""
    value = _worked_out(node) if any(isinstance(each, Power) for each in node.walk()) else None
    return Fraction(value.p, value.q) if isinstance(value, sp.Rational) else None


def _rational(number: Fraction) -> sp.Rational:
    return sp.Rational(number.numerator, number.denominator)


def _last_digit(number: Fraction) -> int:
    """What the last digit counts that is not 0: 100 for 1200; 0 where that is one or less.

    >>> _last_digit(Fraction(1200)), _last_digit(Fraction(12))
    (100, 0)
    """
    digits = str(number.numerator)
    zeros = len(digits) - len(digits.rstrip("0"))
    return 10**zeros if zeros and number.denominator == 1 else 0


def _evidence(start: Side, value: sp.Expr, statement: Statement) -> tuple[Evidence, ...]:
    return Evidence("SymPy", f"{_text(statement, start)} = {_shown(value)}"), Evidence("stated", statement.text)


def _shown(value: sp.Expr) -> str:
    return str(value) if isinstance(value, sp.Rational) and value.q < 1000 else f"{float(value):.10g}"


def _text(statement: Statement, side: Side) -> str:
    return statement.text[side.start - statement.equation.start : side.end - statement.equation.start]
