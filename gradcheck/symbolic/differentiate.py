"""The derivative of an index expression with respect to one entry of a tensor, for symbolic sizes."""

from __future__ import annotations

import sympy as sp

from gradcheck.symbolic.binding import canonical
from gradcheck.symbolic.contract import contract


def derivative(expression: sp.Expr, entry: sp.Expr) -> sp.Expr:
    """Differentiate with respect to `entry`, a scalar symbol or a tensor's entry at indices bound nowhere else.

    The result is contracted, with canonical bound indices. Its axes are the free indices of the expression
    followed by those of the entry: output axes, then input axes.

    >>> from gradcheck.symbolic.tensors import dimension, index, sum_over, tensor
    >>> n, j = dimension("n"), index("j")
    >>> x = tensor("x", n)
    >>> derivative(sum_over(n, lambda k: x[k] ** 2), x[j])
    2*x[j]
    """
    return canonical(contract(sp.diff(expression, entry)))
