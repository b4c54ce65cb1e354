"""Scalars made of matrices: inner products and traces, in the form with the fewest marks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sympy as sp

from gradcheck.symbolic.matrices.algebra import (
    hadamard,
    is_filled,
    joined,
    marks,
    product,
    scaled,
    split,
    transpose,
    weight,
)
from gradcheck.symbolic.matrices.nodes import Call, Hadamard, Matrix, Ones, Power, Product, Quotient


def dot(factors: Sequence[Matrix]) -> Matrix:
    """The sum over the entries of an entrywise product of columns."""
    merged = split(hadamard(factors))
    body = merged.body
    if body is None or is_filled(body):
        return scaled(factors[0].shape[0], [scaled(*merged._replace(body=None))], (), None)
    outside = scaled(*merged._replace(body=None))
    return scaled(sp.S.One, [outside, _dot(body)], (), None)


def _dot(body: Matrix) -> Matrix:
    if isinstance(body, Power) and body.exponent == 2:
        return Power(Call("norm", body.base), sp.Integer(2))
    factors = body.factors if isinstance(body, Hadamard) else (body,)
    if isinstance(body, Quotient) and isinstance(body.numerator, Hadamard):
        first, *rest = body.numerator.factors
        return product(transpose(first), Quotient(joined(rest, first.shape), body.denominator))
    if isinstance(body, Call) and body.kind == "diagonal":
        return Call("tr", body.argument)
    if len(factors) == 1:
        return product(transpose(Ones(body.shape[0])), body)
    first, *rest = factors
    other = joined(rest, first.shape)
    return min(product(transpose(first), other), product(transpose(other), first), key=marks)


def trace_of_product(first: Matrix, second: Matrix) -> Matrix:
    """tr(A B) in the order, or transposed, that has the fewest marks."""
    orders = (product(first, second), product(second, first))
    candidates: Iterable[Matrix] = (*orders, *(transpose(order) for order in orders))
    return min((_trace(candidate) for candidate in candidates), key=weight)


def _trace(matrix: Matrix) -> Matrix:
    """tr(XᵀX) is the squared norm of X."""
    scaling = split(matrix)
    body = scaling.body
    if isinstance(body, Product) and len(body.factors) == 2 and body.factors[0] == transpose(body.factors[1]):
        return scaled(*scaling._replace(body=Power(Call("norm", body.factors[1]), sp.Integer(2))))
    return scaled(*scaling._replace(body=Call("tr", body))) if body is not None else matrix
