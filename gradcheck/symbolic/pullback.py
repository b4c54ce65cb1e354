"""A formula's derivative contracted with a weight for each output: no Jacobian is filled, whatever the sizes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import sympy as sp

from gradcheck.symbolic.binding import substitute
from gradcheck.symbolic.compile import Backend, compile_expression
from gradcheck.symbolic.differentiate import derivative
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.tensors import scalar, sum_over, tensor

WEIGHT = "grad_output"
"""The name of the weights: no formula has a variable of that name."""


@cache
def pullback(formula: Formula, wrt: str, backend: Backend = "numpy") -> Callable[..., Any]:
    """A function of the formula's variables, in order, then of weights of the output's shape.

    It returns the gradient of the weighted sum of outputs with respect to `wrt`, of that variable's shape: the
    product v·J of reverse mode.

    >>> from gradcheck import formula
    >>> product = pullback(formula("softmax"), "z")
    >>> product([0.0, 0.0], [1.0, 0.0])
    array([ 0.25, -0.25])
    """
    weight = tensor(WEIGHT, *formula.output.values()) if formula.output else scalar(WEIGHT)
    total = weight * formula.definition if not formula.output else weight[tuple(formula.output)] * formula.definition
    for free, size in formula.output.items():
        total = _summed(total, free, size)
    entry, axes = formula.entry(wrt)
    return compile_expression(derivative(sp.sympify(total), entry), (*formula.variables, weight), axes, backend)


def _summed(total: sp.Expr, free: sp.Symbol, size: sp.Expr) -> sp.Expr:
    """The sum over an index that was free."""
    return sum_over(size, lambda k: substitute(total, free, k))
