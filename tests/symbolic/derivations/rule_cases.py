"""For each rule an expression whose derivation uses it: rule id -> (expression or text, variable)."""

from __future__ import annotations

from typing import Any

import sympy as sp

from gradcheck.symbolic.derivations.function_rules import FUNCTION_RULES
from gradcheck.symbolic.derivations.rule_tables import CONSTANTS, TABLE
from gradcheck.symbolic.functions import ELEMENTARY
from gradcheck.symbolic.matrix_functions import Exponential
from gradcheck.symbolic.special_functions import SPECIAL
from gradcheck.symbolic.tensors import (
    Determinant,
    Inverse,
    dimension,
    index,
    logsumexp,
    max_over,
    scalar,
    sum_over,
    tensor,
)
from gradcheck.symbolic.whole_axes import ProductOver, SharedMax

n = dimension("n")
i, j, k = index("i j k")
x, c = tensor("x", n), tensor("c", n)
A = tensor("A", n, n)
t, u, bound, a = scalar("t"), scalar("u"), sp.Symbol("c", positive=True), scalar("a")

FUNCTIONS = {each.__name__: each for each in (*(row.function for row in TABLE), *ELEMENTARY, *SPECIAL)}
OF_FUNCTIONS: dict[str, tuple[Any, str]] = {
    rule.id: (FUNCTIONS[rule.id](u, *[bound] * CONSTANTS.get(FUNCTIONS[rule.id], 0)), "u") for rule in FUNCTION_RULES
}

NETWORK = sum_over(
    n, lambda k: c[k] * sp.tanh(sum_over(n, lambda l: A[k, l] * sp.tanh(sum_over(n, lambda r: A[l, r] * x[r]))))
)

CASES: dict[str, tuple[Any, str]] = {
    **OF_FUNCTIONS,
    "constant": ("sin(x) + a", "x"),
    "identity": ("x", "x"),
    "sum": ("sin(x) - cos(x)", "x"),
    "constant_multiple": ("3*a*sin(x)", "x"),
    "quotient": ("sin(x)/x", "x"),
    "product": ("x**2*sin(x)", "x"),
    "power": ("x**5", "x"),
    "reciprocal": ("1/cos(x)", "x"),
    "square_root": ("sqrt(2 + sin(x))", "x"),
    "general_power": ("sin(x)**3", "x"),
    "exponential": ("2**sin(x)", "x"),
    "logarithmic": ("x**sin(x)", "x"),
    "maximum": ("maximum(x, 1 - x)", "x"),
    "piecewise": ("where(x > 0, x**2, sin(x))", "x"),
    "piecewise_constant": ("floor(3*x)*x", "x"),
    "chain": ("exp(sin(x))", "x"),
    "chain_of_several": ("logaddexp(x, x**2)", "x"),
    "polygamma": (sp.polygamma(0, sp.Symbol("x", real=True)), "x"),
    "entry": (x[i] ** 2, "x"),
    "sum_over_index": (sum_over(n, lambda k: x[k] ** 2), "x"),
    "logsumexp": (logsumexp(n, lambda k: x[k] * c[k]), "x"),
    "log_determinant": (3 * sp.log(Determinant(A)), "A"),
    "inverse": (Inverse(A, i, j), "A"),
    "determinant": (Determinant(A) ** 2, "A"),
    "matrix_function": (Exponential(A, i, j), "A"),
    "shared_maximum": (SharedMax(x[k] * c[k], (k, 0, n - 1)), "x"),
    "product_over_index": (ProductOver(x[k] + c[k], (k, 0, n - 1)), "x"),
    "maximum_over": (max_over(n, lambda k: x[k] * c[k]), "x"),
    "sift": (sum_over(n, lambda k: x[k] ** 3), "x"),
    "constants_out": (sum_over(n, lambda k: a * sp.exp(c[k] * t)), "t"),
    "rename": (sum_over(n, lambda k: sum_over(n, lambda l: x[k] * A[k, l] * x[l])), "x"),
    "combine_sums": (sum_over(n, lambda k: sum_over(n, lambda l: x[k] * A[k, l] * x[l])), "x"),
    "algebra": ("x**2*sin(x)", "x"),
    "symmetric_pair": (
        sum_over(n, lambda k: sum_over(n, lambda l: sp.sin(t * c[k]) * sp.sin(t * c[l]) * c[k] * c[l])),
        "t",
    ),
    "fold_softmax_quotient": (sp.exp(x[i]) / sum_over(n, lambda k: sp.exp(x[k])), "x"),
    "fold_sigmoid": ("1/(1 + exp(-a*x))", "x"),
    "backpropagation": (NETWORK, "x"),
    "adjoint": (NETWORK, "x"),
    "fold_softmax": (sp.exp(x[i] - logsumexp(n, lambda k: x[k])), "x"),
}
