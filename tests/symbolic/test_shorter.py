"""Shorter ways to write an expression: always the same value, and shorter."""

from __future__ import annotations

import pytest
import sympy as sp

from gradcheck.symbolic.printing import text
from gradcheck.symbolic.shorter import over_one_denominator, shorter, with_shorter_sums
from gradcheck.symbolic.tensors import dimension, sum_over, tensor

x, y = sp.symbols("x y", real=True)
n = dimension("n")
a, b = tensor("a", n), tensor("b", n)

SHORTER = {
    "factored": (x * sp.sin(x) + x * sp.cos(x), "x*(sin(x) + cos(x))"),
    "multiplied out": ((x - 1) * (x + 1) - x**2, "-1"),
    "one denominator": (sp.cos(x) / x - sp.sin(x) / x**2, "(x*cos(x) - sin(x))/x**2"),
    "quotient in a quotient": ((1 + x / sp.sqrt(x**2 + 1)) / (x + sp.sqrt(x**2 + 1)), "1/sqrt(x**2 + 1)"),
    "what cancels": (x * (1 - x) * (y / x - (1 - y) / (1 - x)), "y - x"),
    "minus in front": (sp.exp(x) / (-x - 1) / y - x * sp.exp(x) / (x + 1) / y, "-exp(x)/y"),
}


@pytest.mark.parametrize("case", SHORTER)
def test_an_expression_is_written_shorter_and_keeps_its_value(case: str) -> None:
    expression, written = SHORTER[case]
    found = shorter(expression)
    assert found is not None
    assert text(found) == written
    at = {x: sp.Rational(3, 7), y: sp.Rational(5, 3)}
    assert sp.N(found.subs(at) - expression.subs(at), 30, chop=1e-25) == 0


@pytest.mark.parametrize(
    "expression", [sp.cos(x), x / (x + 1), sp.sqrt(x**2 + y**2), sp.Piecewise((x, x > 0), (-x, True))]
)
def test_what_is_shortest_stays(expression: sp.Expr) -> None:
    assert shorter(expression) is None


def test_terms_are_shortened_within_their_sums() -> None:
    nested = sum_over(n, lambda k: a[k] / b[k] - sum_over(n, lambda l: a[l] * (b[k] + 1) - a[l]) / b[k])
    assert text(with_shorter_sums(nested)) == "Σ_l ((a[l] - Σ_k (a[k]*b[l]))/b[l])"


def test_a_quotient_has_no_common_factors() -> None:
    assert over_one_denominator((x**2 - 1) / (x - 1) * sp.sin(y)) == sp.expand((x + 1) * sp.sin(y))
