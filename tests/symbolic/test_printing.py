"""Index expressions as people write them."""

from __future__ import annotations

import pytest
import sympy as sp

from gradcheck.symbolic.binding import canonical
from gradcheck.symbolic.printing import latex, text
from gradcheck.symbolic.tensors import Determinant, Inverse, delta, dimension, index, logsumexp, sum_over, tensor
from tests.symbolic.cases import softmax

m, n = dimension("m n")
i, j = index("i j")
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
    "exponential": (sp.exp(x[i] - x[j]), "exp(x[i] - x[j])", "e^{x_{i} - x_{j}}"),
}


@pytest.mark.parametrize("case", WRITTEN)
def test_expressions_read_as_people_write_them(case: str) -> None:
    expression, as_text, as_latex = WRITTEN[case]
    assert text(canonical(expression)) == as_text
    assert latex(canonical(expression)) == as_latex
