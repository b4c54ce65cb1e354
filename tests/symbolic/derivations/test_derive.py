"""`derive`: formulas, names, expressions and texts; several variables, higher orders, numbers carried along."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy as sp

import gradcheck
from gradcheck.errors import UnknownName, UsageError
from gradcheck.symbolic.derivations.derive import derive
from gradcheck.symbolic.derivations.rule import By, Match, NoRule
from gradcheck.symbolic.derivations.rules import RULES
from gradcheck.symbolic.expression_formula import expression_formula
from gradcheck.symbolic.functions import sigmoid
from gradcheck.symbolic.parser import ParseError
from gradcheck.symbolic.printing import text
from gradcheck.symbolic.tensors import dimension, logsumexp, mean_over, scalar, sum_over, tensor

m, n = dimension("m n")
x, w, y, z, p = tensor("x", n), tensor("w", n), tensor("y", m), tensor("z", n), tensor("p", n)
X = tensor("X", m, n)


def predicted(k: sp.Expr) -> sp.Expr:
    """The probability that logistic regression gives the sample."""
    return sigmoid(sum_over(n, lambda l: X[k, l] * w[l]))


TEXTS = {
    "x**2*sin(x)": "x*(x*cos(x) + 2*sin(x))",
    "a*x**3 + b": "3*a*x**2",
    "exp(-x**2/2)": "-x*exp(-x**2/2)",
    "sigmoid(x)": "(1 - sigmoid(x))*sigmoid(x)",
    "softplus(x)": "sigmoid(x)",
    "-y*log(sigmoid(x)) - (1 - y)*log(1 - sigmoid(x))": "sigmoid(x) - y",
    "log(x)/x": "(1 - log(x))/x**2",
    "x**x": "x**x*(log(x) + 1)",
    "tanh(x)": "1 - tanh(x)**2",
    "sqrt(1 + x**2)": "x/sqrt(x**2 + 1)",
    "2**x": "2**x*log(2)",
    "abs(x)": "sign(x)",
    "exp(x)/(1 + exp(x))": "(1 - sigmoid(x))*sigmoid(x)",
    "log(1 + exp(x))": "sigmoid(x)",
    "1/(1 + exp(-2*x))": "2*(1 - sigmoid(2*x))*sigmoid(2*x)",
    "atan(1/x)": "-1/(x**2 + 1)",
    "log(x + sqrt(x**2 + 1))": "1/sqrt(x**2 + 1)",
    "asin(x/3)": "1/sqrt(9 - x**2)",
    "minimum(x, 2*x - 1)": "(1 where x < 2*x - 1, 2 where x > 2*x - 1, else 3/2)",
    "x*minimum(x, 1)": "x*(1 where x < 1, 0 where x > 1, else 1/2) + minimum(x, 1)",
    "0.1*x**3": "0.3*x**2",
    "x*tanh(0.7*(x + 0.044715*x**3))": "x*(1 - tanh(0.0313005*x**3 + 0.7*x)**2)*(0.0939015*x**2 + 0.7)"
    " + tanh(0.0313005*x**3 + 0.7*x)",
}

TENSORS: dict[str, tuple[Any, str, str]] = {
    "mean square of a residual": (
        mean_over(m, lambda k: (sum_over(n, lambda l: X[k, l] * w[l]) - y[k]) ** 2),
        "w",
        "2*Σ_l ((Σ_k (X[l, k]*w[k]) - y[l])*X[l, j])/m",
    ),
    "quadratic form": (
        sum_over(n, lambda k: sum_over(n, lambda l: x[k] * x[l] * z[k] * p[l])),
        "x",
        "p[j]*Σ_k (x[k]*z[k]) + z[j]*Σ_k (p[k]*x[k])",
    ),
    "logistic loss": (
        mean_over(m, lambda k: sp.log(1 + sp.exp(-y[k] * sum_over(n, lambda l: X[k, l] * w[l])))),
        "w",
        "-Σ_l ((1 - sigmoid(y[l]*Σ_k (X[l, k]*w[k])))*X[l, j]*y[l])/m",
    ),
    "binary cross-entropy": (
        mean_over(m, lambda k: y[k] * sp.log(predicted(k)) + (1 - y[k]) * sp.log(1 - predicted(k))),
        "w",
        "Σ_l ((y[l] - sigmoid(Σ_k (X[l, k]*w[k])))*X[l, j])/m",
    ),
    "cross-entropy": (
        mean_over(n, lambda k: p[k] * (logsumexp(n, lambda l: z[l]) - z[k])),
        "z",
        "(s[j]*Σ_k p[k] - p[j])/n",
    ),
}


@pytest.mark.parametrize("written", TEXTS)
def test_a_text_ends_as_textbooks_write_it(written: str) -> None:
    derivation = derive(written, "x")
    assert derivation.ok, str(derivation)
    assert text(derivation.steps[-1].line) == TEXTS[written]


@pytest.mark.parametrize("name", TENSORS)
def test_a_tensor_expression_ends_as_textbooks_write_it(name: str) -> None:
    expression, wrt, expected = TENSORS[name]
    derivation = derive(expression, wrt)
    assert derivation.ok, str(derivation)
    assert text(derivation.steps[-1].line) == expected


def test_a_formula_by_name_needs_no_variable_where_there_is_one() -> None:
    assert text(gradcheck.derive("softmax").steps[-1].line) == "(δ[i, j] - s[j])*s[i]"


def test_the_softmax_as_a_quotient_is_verified_too() -> None:
    i = sp.Symbol("i", integer=True, nonnegative=True)
    derivation = derive(sp.exp(z[i]) / sum_over(n, lambda k: sp.exp(z[k])), "z")
    assert derivation.ok
    assert derivation.steps[0].rule.id == "quotient"


@pytest.mark.parametrize("wrt", ["x,y", ("x", "y")])
def test_two_variables_give_the_mixed_derivative(wrt: Any) -> None:
    derivation = derive("x**2*exp(y)*a", wrt)
    assert derivation.ok
    a, s, t = (scalar(name) for name in "axy")
    assert sp.expand(derivation.result - 2 * a * s * sp.exp(t)) == 0
    assert derivation.left_side(2) == "∂²f/∂x∂y"


@pytest.mark.parametrize("given", [{"order": 2}, {"wrt": "x,x"}, {"wrt": "x", "order": 2}])
def test_the_second_derivative_has_steps_for_both(given: dict[str, Any]) -> None:
    derivation = derive("x**2*sin(x)", **given)
    assert derivation.ok
    assert {step.order for step in derivation.steps} == {1, 2}
    assert "d²f/dx² = " in str(derivation)
    assert derivation.left_side_latex(2) == r"\frac{d^{2} f}{d x^{2}}"


def test_the_third_derivative() -> None:
    derivation = derive("x**5", order=3)
    assert derivation.ok
    assert text(derivation.result) == "60*x**2"


def test_the_hessian_of_a_square_is_a_matrix() -> None:
    derivation = derive(sum_over(n, lambda k: x[k] ** 3), "x", order=2)
    assert derivation.ok, str(derivation)
    assert text(derivation.steps[-1].line) == "6*δ[j, q]*x[j]"
    assert [str(index) for index in derivation.axes] == ["j", "q"]


def test_numbers_are_carried_through_every_step() -> None:
    derivation = derive("a*x**2*sin(x)", "x", at={"x": 1.5, "a": 2.0})
    expected = 2 * (1.5**2 * np.cos(1.5) + 3 * np.sin(1.5))
    assert [step.value for step in derivation.steps] == pytest.approx([expected] * len(derivation.steps))


def test_arrays_are_carried_through_every_step() -> None:
    derivation = gradcheck.derive("softmax", at={"z": [0.0, 0.0]})
    for step in derivation.steps:
        assert step.value == pytest.approx(np.array([[0.25, -0.25], [-0.25, 0.25]]))
    assert "(δ[i, j] - s[j])*s[i] = [[0.25, -0.25], [-0.25, 0.25]]" in str(derivation)


def test_a_wrong_step_has_a_wrong_number_too() -> None:
    def unchanged(f: sp.Expr, by: By) -> Match | None:
        return Match(f) if f.is_Pow else None

    wrong = replace(RULES["power"], apply=unchanged)
    derivation = derive("x**2", at={"x": 3.0}, rules={**RULES, "power": wrong})
    assert derivation.steps[0].value == 9.0
    assert not derivation.ok


@pytest.mark.parametrize(
    ("what", "given", "message"),
    [
        ("x*y", {}, "choose one of x, y"),
        ("x**2", {"wrt": "t"}, "no variable of f is named 't'"),
        ("x**2", {"order": 0}, "order: 0 is not a whole number from 1 to 3"),
        ("x*y", {"wrt": "x,y", "order": 3}, "order: 3 does not fit the 2 variables"),
        ("x", {"wrt": "x,x,x,x"}, "at most 3 derivatives"),
        ("x**2", {"at": {"x": [1.0, 2.0]}}, "x has 0 axes, the value given has 1"),
        ("a*x", {"wrt": "x", "at": {"x": 1.0}}, "no value is given for a"),
        ("a*x", {"wrt": "x", "at": {"y": 1.0}}, "no variable is named 'y'"),
        ("log(-1 - x**2)", {}, "no point was found"),
        (3.5, {}, "what is of type float"),
        ("2 + pi", {}, "has no variable to differentiate by"),
        (sp.IndexedBase("v")[sp.Symbol("i", integer=True)], {}, "the tensor v has no shape"),
    ],
)
def test_bad_input_says_what_is_accepted(what: Any, given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        derive(what, **given)


@pytest.mark.parametrize("wrt", [w, w[0], "w", [w]])
def test_a_tensor_or_its_entry_does_for_its_name(wrt: Any) -> None:
    assert derive(sum_over(n, lambda k: w[k] * z[k]), wrt).result == z[sp.Symbol("j", integer=True, nonnegative=True)]


def test_a_deep_formula_carries_numbers_too() -> None:
    at = {"x": [0.5, -1.0], "W": [[1.0, 2.0]], "V": [[0.5]]}
    derivation = gradcheck.derive("chain_rule", "x", at=at)
    assert len({np.round(step.value, 12).tobytes() for step in derivation.steps}) == 1


def test_an_error_in_a_text_points_at_its_column() -> None:
    with pytest.raises(ParseError, match="column 6") as caught:
        derive("x**2*sni(x)")
    assert caught.value.column == 6


def test_a_function_without_a_rule_says_what_would_supply_one() -> None:
    s = scalar("x")
    with pytest.raises(NoRule, match=r"no rule differentiates g: g\(x\); a subclass of .*Elementary"):
        derive(sp.Function("g")(s) * s, "x")


def test_a_formula_of_a_function_without_a_value_is_refused() -> None:
    unknown = replace(
        gradcheck.formula("tanh"), definition=sp.Function("g")(x[sp.Symbol("i", integer=True)]), stated={}
    )
    with pytest.raises(NoRule, match="no rule differentiates g"):
        derive(unknown)


def test_an_unknown_name_suggests_the_nearest_formula() -> None:
    with pytest.raises(UnknownName, match="did you mean 'softmax'"):
        gradcheck.derive("sotfmax")


def test_a_single_letter_is_a_variable() -> None:
    assert gradcheck.derive("x").result == 1


def test_markdown_and_text_show_names_with_their_meaning() -> None:
    derivation = gradcheck.derive("softmax")
    assert "where s[i] = softmax_i(z[i])" in str(derivation)
    assert r"s_{i} = \operatorname{softmax}_{i}" in derivation._repr_markdown_()


@pytest.mark.parametrize("written", ["tan(1e10*x)", "exp(exp(exp(exp(exp(x)))))"])
def test_what_varies_fast_is_no_wrong_step(written: str) -> None:
    derivation = derive(written)
    assert derivation.ok, str(derivation)


@pytest.mark.parametrize(("written", "value"), [("log(x)", -1.0), ("sqrt(x)", 0.0), ("exp(exp(exp(x)))", 10.0)])
def test_a_point_without_a_value_is_refused(written: str, value: float) -> None:
    with pytest.raises(UsageError, match="at: the function or its derivative is"):
        derive(written, at={"x": value})


def test_a_softmax_of_a_slice_is_not_folded() -> None:
    """Its entries are x[k + 2]: they run over no axis of their own that a name could have."""
    t = tensor("t", n + 2)
    own = sum_over(n, lambda k: sp.exp(t[k + 2] - logsumexp(n, lambda r: t[r + 2])) * z[k])
    assert derive(expression_formula(own, ("t", "z")), "t").ok
