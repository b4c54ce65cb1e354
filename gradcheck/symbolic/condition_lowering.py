"""How choices by cases and the conditions of their branches are lowered."""

from __future__ import annotations

import sympy as sp
from sympy.core.relational import Relational

from gradcheck.symbolic.lowering import Lower, Lowering, Value


def choice(self: Lowering, expression: sp.Expr) -> Value:
    """Nested choices, the last case innermost."""
    *pairs, (last, _) = expression.args
    chosen = self.lower(last)
    for branch, condition in reversed(pairs):
        values = [self.lower(condition), self.lower(branch), chosen]
        axes = self.union(values)
        code = ", ".join(self.align(value, axes) for value in values)
        chosen = self.assign(f"choose({code}, {self.like})", axes)
    return chosen


def relational(self: Lowering, expression: Relational) -> Value:
    """Two sides compared as real numbers, or as whole ones."""
    values = [self.lower(expression.lhs), self.lower(expression.rhs)]
    axes = self.union(values)
    codes = [self.align(value, axes) for value in values]
    plain = [side.is_integer or side.is_number for side in expression.args]
    left, right = (c if number else f"real({c})" for c, number in zip(codes, plain, strict=True))
    return self.assign(f"{left} {expression.rel_op} {right}", axes)


def logical(operator: str) -> Lower:
    """Conditions joined by an operator."""

    def lower(self: Lowering, expression: sp.Basic) -> Value:
        values = [self.lower(argument) for argument in expression.args]
        axes = self.union(values)
        return self.assign(f" {operator} ".join(f"({self.align(value, axes)})" for value in values), axes)

    return lower
