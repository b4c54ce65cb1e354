"""Products of matrices and vectors."""

from __future__ import annotations

from typing import Any

import sympy as sp

from gradcheck.symbolic.functions import absolute, real_power
from gradcheck.symbolic.graphs.indices import sum_over_index
from gradcheck.symbolic.graphs.operators import Operator
from gradcheck.symbolic.graphs.operators.pointwise import add, multiply
from gradcheck.symbolic.graphs.refusals import NotTraceable
from gradcheck.symbolic.graphs.tensors import GraphTensor
from gradcheck.symbolic.tracing.scalars import exact


def product(a: GraphTensor, b: GraphTensor) -> GraphTensor:
    """The sum over the last axis of `a` and the last but one of `b`, or its only one; other axes are the batch's.

    mv, mm, dot and bmm are all of this form.
    """
    batch = a.ndim - 2 if b.ndim == a.ndim and a.ndim > 2 else 0
    inner = 0 if b.ndim == 1 else b.ndim - 2
    rows = a.ndim - 1

    def entry(*indices: Any) -> Any:
        left, right = indices[:rows], (*indices[:batch], *indices[rows:])
        return sum_over_index(a.shape[-1], lambda k: a.entry(*left, k) * b.entry(*right[:inner], k, *right[inner:]))

    return GraphTensor((*a.shape[:-1], *b.shape[inner + 1 :]), entry)


def plus_product(c: GraphTensor, a: GraphTensor, b: GraphTensor, *, beta: Any = 1, alpha: Any = 1) -> GraphTensor:
    """beta c + alpha a b."""
    return add(multiply(c, beta), product(a, b), alpha=alpha)


def distances(a: GraphTensor, b: GraphTensor, p: Any = 2, *_: Any) -> GraphTensor:
    """The p-norm of the difference of each row of `a` and each row of `b`; the other axes are the batch's."""
    power = exact(p)
    if not (power.is_finite and power.is_positive):
        raise NotTraceable(f"distances by the norm of order {power} have no formula here", "take an order such as 2")

    def entry(*i: sp.Expr) -> sp.Expr:
        *batch, row, other = i

        def term(k: sp.Expr) -> sp.Expr:
            gap = a.entry(*batch, row, k) - b.entry(*batch, other, k)
            return gap**power if power == 2 else absolute(gap) ** power

        return real_power(sum_over_index(a.shape[-1], term), 1 / power)

    return GraphTensor((*a.shape[:-1], b.shape[-2]), entry)


OPERATORS: dict[str, Operator] = {
    "_cdist_forward": distances,
    **dict.fromkeys(("mm", "mv", "dot", "bmm"), product),
    **dict.fromkeys(("addmm", "addmv", "baddbmm"), plus_product),
}
