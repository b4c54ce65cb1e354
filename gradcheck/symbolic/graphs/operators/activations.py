"""Activation functions, in the forms of the catalogue: their slopes at kinks are torch's."""

from __future__ import annotations

from typing import Any

import sympy as sp

from gradcheck.symbolic.functions import relu, sigmoid, softplus
from gradcheck.symbolic.graphs.operators import Operator
from gradcheck.symbolic.graphs.operators.pointwise import mapped, paired
from gradcheck.symbolic.graphs.tensors import GraphTensor, elementwise, number
from gradcheck.symbolic.piecewise import cases
from gradcheck.symbolic.tracing.scalars import compare, exact

GELU_CUBIC = sp.Rational(44715, 10**6)
Number = Any


def within(t: sp.Expr, low: Number, high: Number) -> sp.Expr:
    """t kept between two bounds, with slope 0 at them."""
    low, high = exact(low), exact(high)
    return cases((low, compare(sp.Le, t, low)), (high, compare(sp.Ge, t, high)), otherwise=t)


def positive_or(t: sp.Expr, otherwise: sp.Expr) -> sp.Expr:
    """t above 0, else something else."""
    return cases((t, compare(sp.Gt, t, 0)), otherwise=otherwise)


def leaky_relu(t: sp.Expr, slope: Number = 0.01) -> sp.Expr:
    """a t + (1 - a) relu(t)."""
    a = exact(slope)
    return a * t + (1 - a) * relu(t)


def elu(t: sp.Expr, alpha: Number = 1, scale: Number = 1, input_scale: Number = 1) -> sp.Expr:
    """scale t above 0, and scale alpha (exp(input_scale t) - 1) elsewhere."""
    return exact(scale) * positive_or(t, exact(alpha) * (sp.exp(exact(input_scale) * t) - 1))


def celu(t: sp.Expr, alpha: Number = 1) -> sp.Expr:
    """t above 0, and alpha (exp(t/alpha) - 1) elsewhere."""
    a = exact(alpha)
    return positive_or(t, a * (sp.exp(t / a) - 1))


def gelu(t: sp.Expr, *, approximate: str = "none") -> sp.Expr:
    """t times the normal distribution function, or its approximation by tanh."""
    if approximate == "tanh":
        return t * (1 + sp.tanh(sp.sqrt(2 / sp.pi) * (t + GELU_CUBIC * t**3))) / 2
    return t * (1 + sp.erf(t / sp.sqrt(2))) / 2


def hardswish(t: sp.Expr) -> sp.Expr:
    """0 up to -3, t from 3, and t (t + 3)/6 between."""
    return cases((sp.S.Zero, compare(sp.Le, t, -3)), (t, compare(sp.Ge, t, 3)), otherwise=t * (t + 3) / 6)


def softplus_of(t: sp.Expr, beta: Number = 1, threshold: Number = 20) -> sp.Expr:
    """log(1 + exp(beta t))/beta; t itself where beta t is above a threshold, which from 20 on only rounds."""
    b, bound = exact(beta), exact(threshold)
    smooth = softplus(b * t) / b
    return smooth if bound >= 20 else cases((t, compare(sp.Gt, b * t, bound)), otherwise=smooth)


def softshrink(t: sp.Expr, strength: Number = 0.5) -> sp.Expr:
    """t moved towards 0 by a strength, and 0 where it would pass it."""
    s = exact(strength)
    return cases((t - s, compare(sp.Gt, t, s)), (t + s, compare(sp.Lt, t, -s)), otherwise=sp.S.Zero)


def hardshrink(t: sp.Expr, strength: Number = 0.5) -> sp.Expr:
    """t where it is beyond a strength on either side, else 0."""
    s = exact(strength)
    return cases((t, compare(sp.Gt, t, s)), (t, compare(sp.Lt, t, -s)), otherwise=sp.S.Zero)


def threshold(t: sp.Expr, bound: Number, value: Number) -> sp.Expr:
    """t above a bound, a value elsewhere."""
    return cases((t, compare(sp.Gt, t, exact(bound))), otherwise=exact(value))


def log_sigmoid(x: GraphTensor) -> tuple[GraphTensor, GraphTensor]:
    """The logarithm of the sigmoid, and a buffer that torch keeps for the backward pass."""
    return elementwise(lambda t: -softplus(-number(t)), x), x


OPERATORS: dict[str, Operator] = {
    "relu": mapped(relu),
    "hardtanh": mapped(lambda t, low=-1, high=1: within(t, low, high)),
    "hardsigmoid": mapped(lambda t: within(t / 6 + sp.S.Half, 0, 1)),
    "hardswish": mapped(hardswish),
    "leaky_relu": mapped(leaky_relu),
    "elu": mapped(elu),
    "celu": mapped(celu),
    "gelu": mapped(gelu),
    "silu": mapped(lambda t: t * sigmoid(t)),
    "mish": mapped(lambda t: t * sp.tanh(softplus(t))),
    "softplus": mapped(softplus_of),
    "softshrink": mapped(softshrink),
    "hardshrink": mapped(hardshrink),
    "threshold": mapped(threshold),
    "_prelu_kernel": paired(lambda t, w: positive_or(t, w * t)),
    "log_sigmoid_forward": log_sigmoid,
}
