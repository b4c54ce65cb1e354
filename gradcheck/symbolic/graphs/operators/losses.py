"""Losses, in the forms of the catalogue; those that torch takes apart itself are not here."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import sympy as sp

from gradcheck.symbolic.functions import absolute, huber, softplus
from gradcheck.symbolic.graphs.operators import Operator
from gradcheck.symbolic.graphs.operators.reductions import mean, total
from gradcheck.symbolic.graphs.tensors import GraphTensor, as_tensor, elementwise, number
from gradcheck.symbolic.piecewise import cases
from gradcheck.symbolic.tracing.scalars import compare, exact

NONE, MEAN, SUM = range(3)
"""How torch numbers the reductions."""
REDUCED: dict[int, Callable[[GraphTensor], GraphTensor]] = {NONE: lambda x: x, MEAN: mean, SUM: total}


def of_residual(function: Callable[..., sp.Expr]) -> Operator:
    """The loss that applies a function to every entry of prediction less target; it may have a parameter."""

    def loss(p: GraphTensor, y: GraphTensor, reduction: int = MEAN, *options: Any) -> GraphTensor:
        return REDUCED[reduction](elementwise(lambda a, b: function(number(a) - number(b), *options), p, y))

    return loss


def smooth(t: sp.Expr, beta: Any = 1) -> sp.Expr:
    """t²/(2 beta) where |t| < beta, and |t| - beta/2 elsewhere."""
    b = exact(beta)
    if b == 0:
        return absolute(t)
    return cases((t**2 / (2 * b), compare(sp.Lt, absolute(t), b)), otherwise=absolute(t) - b / 2)


def binary_nll(p: sp.Expr, y: sp.Expr) -> sp.Expr:
    """-(y log p + (1 - y) log(1 - p))."""
    return -(y * sp.log(p) + (1 - y) * sp.log(1 - p))


def binary_cross_entropy(p: GraphTensor, y: GraphTensor, weight: Any = None, reduction: int = MEAN) -> GraphTensor:
    """The binary cross-entropy of probabilities; torch bounds the logarithms at -100, which only shows at 0 and 1."""
    w = 1 if weight is None else weight
    return REDUCED[reduction](elementwise(lambda a, b, c: exact(c) * binary_nll(number(a), number(b)), p, y, w))


def binary_cross_entropy_with_logits(
    z: GraphTensor, y: GraphTensor, weight: Any = None, pos_weight: Any = None, reduction: int = MEAN
) -> GraphTensor:
    """The same of logits: softplus(z) - y z, or with weights of the positive class in two terms."""
    w = 1 if weight is None else weight
    plain = elementwise(lambda a, b, c: exact(c) * (softplus(number(a)) - number(b) * number(a)), z, y, w)
    if pos_weight is None:
        return REDUCED[reduction](plain)
    return REDUCED[reduction](
        elementwise(
            lambda a, b, c, v: exact(c) * (v * number(b) * softplus(-a) + (1 - number(b)) * softplus(a)),
            *(z, y, w, pos_weight),
        )
    )


def soft_margin(z: GraphTensor, y: GraphTensor, reduction: int = MEAN) -> GraphTensor:
    """softplus(-y z)."""
    return REDUCED[reduction](elementwise(lambda a, b: softplus(-number(b) * a), z, y))


def nll(z: GraphTensor, c: GraphTensor, weight: Any, reduction: int, ignored: int) -> tuple[GraphTensor, GraphTensor]:
    """Minus the entry of the target's class, and the sum of the weights; a mean is over that sum.

    The classes are along axis 1, or along the only axis.
    """
    axis = min(1, z.ndim - 1)
    weights = elementwise(lambda k: _weight(k, weight, ignored), c)

    def entry(*indices: sp.Expr) -> sp.Expr:
        label = c.entry(*indices)
        return weights.entry(*indices) * z.entry(*indices[:axis], label, *indices[axis:])

    likelihoods = GraphTensor(c.shape, entry)
    if reduction == NONE:
        return elementwise(operator.neg, likelihoods), as_tensor(0)
    summed, weighed = total(likelihoods), total(weights)
    return elementwise(lambda a, b: -a / b if reduction == MEAN else -a, summed, weighed), weighed


def _weight(label: sp.Expr, weight: Any, ignored: int) -> sp.Expr:
    """The weight of a class; a label below 0 has none in any case, since it is no class."""
    own = sp.S.One if weight is None else weight.entry(label)
    return own if ignored < 0 else cases((sp.S.Zero, compare(sp.Eq, label, ignored)), otherwise=own)


OPERATORS: dict[str, Operator] = {
    "mse_loss": of_residual(lambda t: t**2),
    "smooth_l1_loss": of_residual(smooth),
    "huber_loss": of_residual(lambda t, c=1: huber(t, exact(c))),
    "binary_cross_entropy": binary_cross_entropy,
    "binary_cross_entropy_with_logits": binary_cross_entropy_with_logits,
    "soft_margin_loss": soft_margin,
    **dict.fromkeys(("nll_loss_forward", "nll_loss2d_forward"), nll),
}
