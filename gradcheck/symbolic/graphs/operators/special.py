"""Error functions, gamma and Bessel functions, and logarithms with their conventions at 0."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.codegen.cfunctions import log1p

from gradcheck.symbolic.functions import absolute, softplus
from gradcheck.symbolic.graphs.operators import Operator
from gradcheck.symbolic.graphs.operators.pointwise import mapped, paired
from gradcheck.symbolic.graphs.tensors import GraphTensor, elementwise, number
from gradcheck.symbolic.piecewise import cases
from gradcheck.symbolic.special_functions import bessel_i0, bessel_i1, erfcx, log_ndtr, ndtri
from gradcheck.symbolic.tracing.scalars import compare, exact

LN2 = sp.log(2)


def _sinc(x: sp.Expr) -> sp.Expr:
    return cases((sp.S.One, compare(sp.Eq, x, 0)), otherwise=sp.sin(sp.pi * x) / (sp.pi * x))


def _logit(x: sp.Expr, eps: Any = None) -> sp.Expr:
    """The bounded entry has slope 0 outside the bounds, 1 at them, as torch's clamp."""
    if eps is not None:
        low, high = exact(eps), 1 - exact(eps)
        x = cases((low, compare(sp.Lt, x, low)), (high, compare(sp.Gt, x, high)), otherwise=x)
    return sp.log(x / (1 - x))


def _entropy(x: sp.Expr) -> sp.Expr:
    positive = (-x * sp.log(x), compare(sp.Gt, x, 0))
    return cases(positive, (sp.S.Zero, compare(sp.Eq, x, 0)), otherwise=sp.S.NegativeInfinity)


def x_log(logarithm: Any, pole: int) -> Operator:
    """x times a logarithm of y, and 0 where x is 0 and y is at the pole or beyond it."""

    def of(x: sp.Expr, y: sp.Expr) -> sp.Expr:
        if x.is_number:
            return x * logarithm(y) if x != 0 else sp.S.Zero
        if y.is_number and y > pole:
            return x * logarithm(y)
        nothing = compare(sp.Eq, x, 0)
        beyond = nothing if x == y and not pole else sp.And(nothing, compare(sp.Le, y, pole))
        return cases((sp.S.Zero, beyond), otherwise=x * logarithm(y))

    return paired(of)


def polygamma(order: int, x: GraphTensor) -> GraphTensor:
    """The derivative of that order of the digamma function."""
    return elementwise(lambda a: sp.polygamma(order, number(a)), x)


OPERATORS: dict[str, Operator] = {
    "lgamma": mapped(sp.loggamma),
    "digamma": mapped(lambda x: sp.polygamma(0, x)),
    "polygamma": polygamma,
    "sinc": mapped(_sinc),
    "i0": mapped(bessel_i0),
    "special_i1": mapped(bessel_i1),
    "special_i0e": mapped(lambda x: sp.exp(-absolute(x)) * bessel_i0(x)),
    "special_i1e": mapped(lambda x: sp.exp(-absolute(x)) * bessel_i1(x)),
    "special_log_ndtr": mapped(log_ndtr),
    "special_ndtri": mapped(ndtri),
    "special_erfcx": mapped(erfcx),
    "special_entr": mapped(_entropy),
    "logit": mapped(_logit),
    "logaddexp": paired(lambda a, b: a + softplus(b - a)),
    "logaddexp2": paired(lambda a, b: a + softplus((b - a) * LN2) / LN2),
    **dict.fromkeys(("xlogy.Tensor", "xlogy.Scalar_Self", "xlogy.Scalar_Other"), x_log(sp.log, 0)),
    **dict.fromkeys(
        ("special_xlog1py", "special_xlog1py.self_scalar", "special_xlog1py.other_scalar"), x_log(log1p, -1)
    ),
}
