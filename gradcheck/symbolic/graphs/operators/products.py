"""Products of matrices and vectors."""

from __future__ import annotations

from typing import Any

from gradcheck.symbolic.graphs.indices import sum_over_index
from gradcheck.symbolic.graphs.operators import Operator
from gradcheck.symbolic.graphs.operators.pointwise import add, multiply
from gradcheck.symbolic.graphs.tensors import GraphTensor


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


OPERATORS: dict[str, Operator] = {
    **dict.fromkeys(("mm", "mv", "dot", "bmm"), product),
    **dict.fromkeys(("addmm", "addmv", "baddbmm"), plus_product),
}
