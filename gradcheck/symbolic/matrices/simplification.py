"""Sums of matrices written shortly: common factors in front, common ends of products taken out, one diagonal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import sympy as sp

from gradcheck.symbolic.matrices import algebra
from gradcheck.symbolic.matrices.cases import Choice, Condition
from gradcheck.symbolic.matrices.nodes import (
    Apply,
    Call,
    Hadamard,
    Identity,
    Matrix,
    Ones,
    Power,
    Product,
    Quotient,
    Scaled,
    Total,
)

LARGEST_DENOMINATOR = 24
"""Fractions of larger ones are decimals in disguise, and stay where they are."""


def collect(node: Matrix) -> Matrix:
    """The same matrix, with every sum in it collected, innermost first."""
    rebuilt = rebuild(node, collect)
    return _collected(rebuilt) if isinstance(rebuilt, Total) else rebuilt


Change = Callable[[Matrix], Matrix]


def rebuild(node: Matrix, change: Change) -> Matrix:
    """The node with each of its parts changed."""
    return REBUILD[type(node)](node, change) if type(node) in REBUILD else node


def _scaled(node: Scaled, change: Change) -> Matrix:
    inner = None if node.body is None else change(node.body)
    return algebra.scaled(node.coefficient, list(map(change, node.scalars)), list(map(change, node.divisors)), inner)


def _call(node: Call, change: Change) -> Matrix:
    argument = change(node.argument)
    build = {"transpose": algebra.transpose, "diag": algebra.diag}.get(node.kind)
    return build(argument) if build else replace(node, argument=argument)


REBUILD: dict[type[Matrix], Callable[[Any, Change], Matrix]] = {
    Total: lambda node, change: algebra.total(map(change, node.terms)),
    Product: lambda node, change: algebra.product(*map(change, node.factors)),
    Hadamard: lambda node, change: algebra.hadamard(list(map(change, node.factors))),
    Quotient: lambda node, change: Quotient(change(node.numerator), change(node.denominator)),
    Scaled: _scaled,
    Call: _call,
    Power: lambda node, change: replace(node, base=change(node.base)),
    Apply: lambda node, change: replace(node, arguments=tuple(map(change, node.arguments))),
    Condition: lambda node, change: replace(node, left=change(node.left), right=change(node.right)),
    Choice: lambda node, change: Choice(
        tuple(map(change, node.branches)), tuple(map(change, node.conditions)), change(node.otherwise)
    ),
}
"""How each kind of node that has parts is put together again."""


def _collected(node: Total) -> Matrix:
    terms = _one_diagonal(node.terms)
    while (shorter := _merged_pair(terms)) is not None:
        terms = shorter
    result = algebra.total(terms)
    return _common_scalars(result) if isinstance(result, Total) else result


def _one_diagonal(terms: Sequence[Matrix]) -> list[Matrix]:
    """diag(a) + diag(b) = diag(a + b), where I counts as diag(1)."""
    vectors = {term: vector for term in terms if (vector := _diagonal_vector(term)) is not None}
    only_identities = all(isinstance(algebra.split(vector).body, Ones) for vector in vectors.values())
    if len(vectors) < 2 or only_identities:
        return list(terms)
    return [*(term for term in terms if term not in vectors), algebra.diag(collect(algebra.total(vectors.values())))]


def _diagonal_vector(term: Matrix) -> Matrix | None:
    scaling = algebra.split(term)
    body = scaling.body
    if isinstance(body, Identity):
        return algebra.scaled(*scaling._replace(body=Ones(body.size)))
    if isinstance(body, Call) and body.kind == "diag":
        return algebra.scaled(*scaling._replace(body=body.argument))
    return None


def _merged_pair(terms: Sequence[Matrix]) -> list[Matrix] | None:
    """A C + B C = (A + B) C and C A + C B = C (A + B), for the first pair where it applies."""
    for first, second in combinations(terms, 2):
        if (merged := _merged(first, second)) is not None:
            return [merged, *(term for term in terms if term not in (first, second))]
    return None


def _merged(first: Matrix, second: Matrix) -> Matrix | None:
    a, b = algebra.split(first), algebra.split(second)
    ratio = b.coefficient / a.coefficient
    if not ratio.is_Rational or (a.scalars, a.divisors) != (b.scalars, b.divisors):
        return None
    if not isinstance(a.body, Product) or not isinstance(b.body, Product):
        return None
    left, right = a.body.factors, b.body.factors
    if left[-1] == right[-1]:
        heads = _sum(left[:-1], right[:-1], ratio)
        return algebra.scaled(*a._replace(body=algebra.product(heads, left[-1])))
    if left[0] == right[0]:
        tails = _sum(left[1:], right[1:], ratio)
        return algebra.scaled(*a._replace(body=algebra.product(left[0], tails)))
    return None


def _sum(left: Sequence[Matrix], right: Sequence[Matrix], ratio: sp.Expr) -> Matrix:
    return collect(algebra.total([algebra.product(*left), algebra.scaled(ratio, (), (), algebra.product(*right))]))


def _common_scalars(node: Total) -> Matrix:
    """What all terms are multiplied or divided by, in front of the sum."""
    parts = [algebra.split(term) for term in node.terms]
    coefficient = _common_coefficient([part.coefficient for part in parts])
    scalars = [s for s in parts[0].scalars if all(s in part.scalars for part in parts)]
    divisors = [d for d in parts[0].divisors if all(d in part.divisors for part in parts)]
    if coefficient == 1 and not scalars and not divisors:
        return node
    rest = [algebra.scaled(1 / coefficient, divisors, scalars, term) for term in node.terms]
    return algebra.scaled(coefficient, scalars, divisors, algebra.total(rest))


def _common_coefficient(coefficients: Sequence[sp.Expr]) -> sp.Expr:
    """The positive number and the powers of symbols that all coefficients share."""
    numbers, symbols = zip(*(c.as_coeff_Mul() for c in coefficients), strict=True)
    rational = all(number.is_Rational for number in numbers)
    number = sp.Rational(sp.gcd([n.p for n in numbers]), sp.lcm([n.q for n in numbers])) if rational else sp.S.One
    number = number if number.q <= LARGEST_DENOMINATOR else sp.S.One
    powers = [symbol.as_powers_dict() for symbol in symbols]
    shared = [base**e for base, e in powers[0].items() if base != 1 and all(p.get(base) == e for p in powers)]
    return number * sp.Mul(*shared)
