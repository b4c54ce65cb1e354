"""Networks of any depth, written out: the squared error of layers tanh(Wx + b)."""

from __future__ import annotations

import sympy as sp

from gradcheck.symbolic.tensors import dimension, sum_over, tensor

m, n = dimension("m n")
x, y = tensor("x", n), tensor("y", m)


def unit(depth: int, row: sp.Expr) -> sp.Expr:
    """One unit of the layer at that depth; at depth 0 an input."""
    if depth == 0:
        return x[row]
    size = n if depth == 1 else m
    W, b = tensor(f"W{depth}", m, size), tensor(f"b{depth}", m)
    return sp.tanh(sum_over(size, lambda k: W[row, k] * unit(depth - 1, k)) + b[row])


def squared_error(depth: int) -> sp.Expr:
    """The squared distance of the last layer from y."""
    return sum_over(m, lambda k: (unit(depth, k) - y[k]) ** 2)
