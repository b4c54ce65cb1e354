"""Index expressions as people write them."""

from __future__ import annotations

import pytest
import sympy as sp

from gradcheck.symbolic.binding import canonical
from gradcheck.symbolic.functions import absolute
from gradcheck.symbolic.parser import parse
from gradcheck.symbolic.printing import latex, text
from gradcheck.symbolic.tensors import Determinant, Inverse, delta, dimension, index, logsumexp, sum_over, tensor
from gradcheck.symbolic.tracing import special
from gradcheck.symbolic.tracing.scalars import decimal
from tests.symbolic.cases import softmax

m, n = dimension("m n")
i, j = index("i j")
u, v = sp.symbols("u v", real=True)
x, X, A = tensor("x", n), tensor("X", m, n), tensor("A", n, n)

WRITTEN = {
    "sum": (sum_over(n, lambda k: X[i, k] * x[k]), "Σ_k (X[i, k]*x[k])", r"\sum_{k} X_{i,k} x_{k}"),
    "softmax": (softmax(i), "softmax_i(z[i])", r"\operatorname{softmax}_{i}\left(z_{i}\right)"),
    "logsumexp": (
        logsumexp(n, lambda k: x[k]),
        "logsumexp_k(x[k])",
        r"\operatorname{logsumexp}_{k}\left(x_{k}\right)",
    ),
    "delta": (delta(i, j) - x[i], "δ[i, j] - x[i]", r"\delta_{i j} - x_{i}"),
    "minus sign last": (x[j] - x[i], "x[j] - x[i]", "x_{j} - x_{i}"),
    "inverse": (Inverse(A, i, j), "A⁻¹[i, j]", r"{A^{-1}}_{i,j}"),
    "determinant": (Determinant(A), "det(A)", r"\det A"),
    "common number": (2 * (x[i] - x[j]) / n, "2*(x[i] - x[j])/n", r"\frac{2 \left(x_{i} - x_{j}\right)}{n}"),
    "number before a sum": (
        sum_over(n, lambda k: 2 * (x[k] - x[i])),
        "2*Σ_k (x[k] - x[i])",
        r"2 \sum_{k} \left(x_{k} - x_{i}\right)",
    ),
    "power of a sum": (sum_over(n, lambda k: x[k]) ** 2, "(Σ_k x[k])**2", r"\left(\sum_{k} x_{k}\right)^{2}"),
    "function of a sum": (
        sp.tanh(sum_over(n, lambda k: x[k])) * x[i],
        "tanh(Σ_k x[k])*x[i]",
        r"\tanh{\left(\sum_{k} x_{k} \right)} x_{i}",
    ),
    "numbered variable": (tensor("W1", m, n)[i, j], "W1[i, j]", "{W_{1}}_{i,j}"),
    "decimals": (decimal(0.1) * x[i] + decimal(0.3), "0.1*x[i] + 0.3", "0.1 x_{i} + 0.3"),
    "polynomial": (u**2 - 3 * u + 1, "u**2 - 3*u + 1", "u^{2} - 3 u + 1"),
    "power below": (
        u / (u + 1) ** 2 + u**-2,
        "u/(u + 1)**2 + 1/u**2",
        r"\frac{u}{\left(u + 1\right)^{2}} + \frac{1}{u^{2}}",
    ),
    "absolute value": (absolute(u) ** 3, "abs(u)**3", r"\left|u\right|^{3}"),
    "maximum": (special.Maximum(u, v), "maximum(u, v)", r"\max\left(u, v\right)"),
    "logsumexp of two": (
        special.LogSumExp(u, v) ** 2,
        "logsumexp(u, v)**2",
        r"\operatorname{logsumexp}^{2}\left(u, v\right)",
    ),
    "length": (special.Euclidean(u, v), "hypot(u, v)", r"\sqrt{u^{2} + v^{2}}"),
    "length squared": (special.Euclidean(u, v) ** 2, "hypot(u, v)**2", r"\left(\sqrt{u^{2} + v^{2}}\right)^{2}"),
    "ratio": (v * special.Ratio(u + 1, v), "v*((u + 1)/v)", r"v \frac{u + 1}{v}"),
    "ratio squared": (special.Ratio(u, v) ** 2, "(u/v)**2", r"\left(\frac{u}{v}\right)^{2}"),
    "rounded down": (special.Rounded(u, -1) ** 2, "floor(u)**2", r"\lfloor u \rfloor^{2}"),
    "rounded to even": (special.Rounded(u, 0), "round(u)", r"\operatorname{round}\left(u\right)"),
    "name with a digit": (sp.atan2(u, v) ** 2, "atan2(u, v)**2", r"\operatorname{atan2}^{2}\left(u, v\right)"),
    "cases": (
        sp.Piecewise((u, (u > 1) | (u < 0)), (v, True)),
        "(u where u > 1 or u < 0, else v)",
        r"\begin{cases} u & \text{for}\: u > 1 \vee u < 0 \\v & \text{otherwise} \end{cases}",
    ),
    "barred and numbered": (tensor("h2bar", n)[i], "h2bar[i]", r"{\bar{h}_{2}{}}_{i}"),
    "e": (sp.E * u, "e*u", "e u"),
    "exponential": (sp.exp(x[i] - x[j]), "exp(x[i] - x[j])", "e^{x_{i} - x_{j}}"),
}


@pytest.mark.parametrize("case", WRITTEN)
def test_expressions_read_as_people_write_them(case: str) -> None:
    expression, as_text, as_latex = WRITTEN[case]
    assert text(canonical(expression)) == as_text
    assert latex(canonical(expression)) == as_latex


@pytest.mark.parametrize(
    ("written", "shown", "in_latex"),
    [
        ("minimum(x, y)", "minimum(x, y)", r"\min\left(x, y\right)"),
        ("-minimum(x, y)", "maximum(-x, -y)", r"\max\left(- x, - y\right)"),
        ("-maximum(x, y)", "-maximum(x, y)", r"- \max\left(x, y\right)"),
        ("-maximum(-x, y)", "-maximum(-x, y)", r"- \max\left(- x, y\right)"),
    ],
)
def test_a_minimum_is_shown_as_one(written: str, shown: str, in_latex: str) -> None:
    assert text(parse(written)) == shown
    assert latex(parse(written)) == in_latex
