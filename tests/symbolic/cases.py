"""Index expressions that the core must differentiate: (expression, output axes, variable)."""

from __future__ import annotations

from itertools import product
from typing import Any

import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p

from gradcheck.symbolic.functions import absolute, clip, huber, relu, sigmoid, softplus
from gradcheck.symbolic.piecewise import cases, larger, smaller
from gradcheck.symbolic.tensors import (
    Determinant,
    Inverse,
    delta,
    dimension,
    index,
    integer_tensor,
    logsumexp,
    mean_over,
    scalar,
    sum_over,
    tensor,
)

m, n = dimension("m n")
SIZES = {m: 3, n: 2}
i = index("i")
x, z, y, X, A = tensor("x", n), tensor("z", n), tensor("y", m), tensor("X", m, n), tensor("A", n, n)
c, s = integer_tensor("c", m), scalar("s")


def product_with_x(row: sp.Expr) -> sp.Expr:
    return sum_over(n, lambda k: X[row, k] * x[k])


def softmax(at: sp.Expr) -> sp.Expr:
    return sp.exp(z[at] - logsumexp(n, lambda k: z[k]))


CASES: dict[str, tuple[sp.Expr, dict[Any, Any], Any]] = {
    "softmax": (softmax(i), {i: n}, z),
    "log-softmax": (z[i] - logsumexp(n, lambda k: z[k]), {i: n}, z),
    "logsumexp of a product": (logsumexp(m, product_with_x), {}, x),
    "mean square": (mean_over(m, lambda p: (product_with_x(p) - y[p]) ** 2), {}, x),
    "mean square by its matrix": (mean_over(m, lambda p: (product_with_x(p) - y[p]) ** 2), {}, X),
    "quadratic form": (sum_over(n, lambda k: sum_over(n, lambda l: x[k] * A[k, l] * x[l])), {}, x),
    "square of a sum": (sum_over(n, lambda k: x[k] ** 3) ** 2, {}, x),
    "product of equal sums": (sum_over(n, lambda k: x[k]) * sum_over(n, lambda k: x[k] ** 2), {}, x),
    "quotient of sums": (sum_over(n, lambda k: x[k] * z[k]) / sum_over(n, lambda k: x[k] ** 2), {}, x),
    "norm": (sp.sqrt(sum_over(m, lambda k: sum_over(n, lambda l: X[k, l] ** 2))), {}, X),
    "cross-entropy by index": (
        -mean_over(m, lambda p: X[p, c[p]] - logsumexp(n, lambda k: X[p, k])),
        {},
        X,
    ),
    "log of a determinant": (sp.log(Determinant(A)), {}, A),
    "inverse": (Inverse(A, i, 0), {i: n}, A),
    "trace of an inverse": (sum_over(n, lambda k: Inverse(A, k, k)), {}, A),
    "trace of a square": (sum_over(n, lambda k: sum_over(n, lambda l: A[k, l] * A[l, k])), {}, A),
    "diagonal": (A[i, i] ** 2, {i: n}, A),
    "delta mask": (sum_over(n, lambda k: (delta(i, k) + x[k]) * x[k] ** 2), {i: n}, x),
    "elementary functions": (
        sigmoid(x[i]) * softplus(-x[i]) + relu(x[i] - 1) + absolute(x[i]) * sp.tanh(x[i]) + sp.erf(x[i]),
        {i: n},
        x,
    ),
    "inverse functions": (
        sp.asin(x[i] / 2) * sp.acos(x[i] / 3)
        + sp.atan(x[i]) / sp.asinh(x[i])
        + sp.acosh(1 + x[i]) * sp.atanh(x[i] / 2),
        {i: n},
        x,
    ),
    "special functions": (
        sp.erfc(x[i]) * sp.loggamma(x[i]) + sp.polygamma(1, x[i]) * expm1(x[i]) + log1p(x[i]) * sp.erfinv(x[i] / 2),
        {i: n},
        x,
    ),
    "special functions of a scalar": (sp.erfc(s) * sp.loggamma(s) + sp.polygamma(1, s), {}, s),
    "angle of two": (sp.atan2(x[i], z[i]) * x[i], {i: n}, x),
    "cases": (cases((x[i] ** 2, x[i] > s), (z[i], x[i] < sp.Rational(1, 2)), otherwise=-x[i] * z[i]), {i: n}, x),
    "mean of cases": (mean_over(n, lambda k: cases((x[k] * z[k], x[k] > z[k]), otherwise=x[k] ** 2 + x[k])), {}, x),
    "cases of sums": (
        cases((product_with_x(i), sp.And(product_with_x(i) > y[i], y[i] > 1)), otherwise=sp.S.Zero),
        {i: m},
        x,
    ),
    "cases of numbers": (cases((sp.S.One, sp.Or(x[i] > 1, z[i] > 1)), otherwise=sp.S.Zero) * x[i], {i: n}, x),
    "sum of the larger": (sum_over(n, lambda k: larger(x[k], z[k]) * smaller(x[k], s)), {}, x),
    "clipped": (huber(2 * x[i], s) + clip(x[i], s), {i: n}, x),
    "scalar": (sum_over(n, lambda k: sp.sin(s * x[k])) / s, {}, s),
    "vector by scalar": (sp.exp(-s * x[i]), {i: n}, s),
    "logsumexp beside its square": (z[i] + 3 * logsumexp(n, lambda k: z[k]) ** 2, {i: n}, z),
    "logsumexp over two indices": (logsumexp(n, lambda k: logsumexp(m, lambda l: X[l, k] ** 2)), {}, X),
    "logsumexp of equal terms": (y[0] * logsumexp(m, lambda k: x[i] ** 2) * logsumexp(n, lambda k: s), {i: n}, x),
    "sum of equal terms": (y[0] * sum_over(m, lambda k: x[i] * z[i] ** 2) + sum_over(n, lambda k: s), {i: n}, x),
    "sum over one of two indices": (sum_over(n, lambda k: sum_over(m, lambda l: x[k])) ** 2 + y[0], {}, x),
    "first entry": (X[0, i] * x[i], {i: n}, X),
    "functions of numbers": (y[0] * x[i] * softplus(1) + sp.sqrt(sum_over(m, lambda k: 2)) * x[i], {i: n}, x),
    "numbers": (sp.pi * x[i] ** sp.Rational(3, 2) / 7, {i: n}, x),
}


def positions(axes: dict[sp.Symbol, sp.Symbol]) -> list[dict[sp.Symbol, int]]:
    """Every assignment of integers to the indices."""
    return [dict(zip(axes, at, strict=True)) for at in product(*(range(SIZES[size]) for size in axes.values()))]
