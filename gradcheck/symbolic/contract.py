"""Contraction: pull constants out of sums and sift Kronecker deltas, so that a derivative reads as a textbook's.

Sums are never evaluated with `doit` (which wraps results in Piecewise) and nothing is simplified: every rewrite
here is one of the identities
    Σ_k c f_k = c Σ_k f_k        Σ_k (f_k + g_k) = Σ_k f_k + Σ_k g_k  (only to free a delta)
    Σ_k δ_kj f_k = f_j           Σ_k c = n c
    {δ_kj f or 0 by cases} = δ_kj {f or 0 by cases}
Free indices are taken to lie within their dimension.
"""

from __future__ import annotations

import sympy as sp
from sympy import Add, KroneckerDelta, Mul

from gradcheck.symbolic.binding import substitute
from gradcheck.symbolic.piecewise import BY_CASES, with_deltas_in_front
from gradcheck.symbolic.tensors import ArgMax, Sum

SIFTED_TO = (sp.Symbol, sp.Integer, sp.Indexed, ArgMax)
"""Indices that a sum can be sifted to."""


def contract(expression: sp.Expr) -> sp.Expr:
    """Contract every sum in the expression, innermost first.

    >>> from gradcheck.symbolic.tensors import delta, dimension, index, sum_over, tensor
    >>> n, j = dimension("n"), index("j")
    >>> x = tensor("x", n)
    >>> contract(sum_over(n, lambda k: 2 * x[k] * delta(k, j)))
    2*x[j]
    """
    if isinstance(expression, sp.Indexed | KroneckerDelta) or not expression.has(sp.Sum, *BY_CASES):
        return expression
    if not isinstance(expression, sp.Sum):
        return with_deltas_in_front(expression.func(*(contract(argument) for argument in expression.args)))
    body = contract(expression.function)
    for limits in expression.limits:
        body = _sum(body, *limits)
    return body


def _sum(body: sp.Expr, k: sp.Symbol, lower: sp.Expr, upper: sp.Expr) -> sp.Expr:
    if k not in body.free_symbols:
        return (upper - lower + 1) * body
    if isinstance(body, Add) and _holds_delta(body, k):
        return Add(*(_sum(term, k, lower, upper) for term in body.args))
    constants, factors = _split(Mul.make_args(body), k)
    return Mul(*constants) * _sum_product(factors, k, lower, upper)


def _sum_product(factors: list[sp.Expr], k: sp.Symbol, lower: sp.Expr, upper: sp.Expr) -> sp.Expr:
    for position, factor in enumerate(factors):
        others = factors[:position] + factors[position + 1 :]
        if isinstance(factor, KroneckerDelta) and (target := _sifted_to(factor, k)) is not None:
            return contract(substitute(Mul(*others), k, target))
        if isinstance(factor, Add) and _holds_delta(factor, k):
            return Add(*(_sum(Mul(term, *others), k, lower, upper) for term in factor.args))
    return Sum(Mul(*factors), (k, lower, upper))


def _split(factors: tuple[sp.Expr, ...], k: sp.Symbol) -> tuple[list[sp.Expr], list[sp.Expr]]:
    constants: list[sp.Expr] = []
    varying: list[sp.Expr] = []
    for factor in factors:
        (varying if k in factor.free_symbols else constants).append(factor)
    return constants, varying


def _holds_delta(expression: sp.Expr, k: sp.Symbol) -> bool:
    """Whether a delta that k can be sifted by stands in a term of the expression."""
    return any(
        _sifted_to(factor, k) is not None or (isinstance(factor, Add) and _holds_delta(factor, k))
        for term in Add.make_args(expression)
        for factor in Mul.make_args(term)
    )


def _sifted_to(factor: sp.Expr, k: sp.Symbol) -> sp.Expr | None:
    """The index that the delta sets k equal to; an affine delta stays as it is and acts as a mask."""
    if not isinstance(factor, KroneckerDelta) or k not in factor.args[:2]:
        return None
    other = factor.args[1] if factor.args[0] == k else factor.args[0]
    return other if k not in other.free_symbols and isinstance(other, SIFTED_TO) else None
