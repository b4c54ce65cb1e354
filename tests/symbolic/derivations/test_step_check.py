"""A right line is accepted in several writings, and each kind of slip that is planted is named."""

from __future__ import annotations

from functools import cache

import pytest

from gradcheck import UsageError, derive
from gradcheck.symbolic.derivations.derivation import Derivation
from gradcheck.symbolic.derivations.derive import derive as derive_formula
from gradcheck.symbolic.derivations.slips import SLIPS
from gradcheck.symbolic.matrices.parser import matrix_formula
from gradcheck.symbolic.parser import ParseError

MATRIX = {
    "mean": ("norm(X@w - y)**2 / m", "X: m n, w: n, y: m", "w"),
    "layer": ("norm(relu(W@x + b) - y)**2", "W: m n, x: n, b: m, y: m", "W"),
    "deep": ("norm(tanh(A@tanh(B@x)) - y)**2", "A: m n, B: n p, x: p, y: m", "B"),
    "square": ("x@(A@x)", "A: n n, x: n", "x"),
}
"""Matrix expressions by a short name: text, shapes, variable."""


@cache
def derivation(what: str, wrt: str = "x") -> Derivation:
    """What is derived: a matrix expression, a formula of the catalogue, or a text."""
    if what in MATRIX:
        text, shapes, wrt = MATRIX[what]
        return derive_formula(matrix_formula(text, shapes), wrt)
    if what.isidentifier():
        return derive(what)
    return derive(what, wrt, order=2) if what == "sin(2*x)" else derive(what, wrt)


RIGHT = [
    ("x**2*sin(x)", "2*x*sin(x) + x**2*cos(x)"),
    ("x**2*sin(x)", "x*(2*sin(x) + x*cos(x))"),
    ("0.1*x**2", "x/5"),
    ("1/(1 + exp(-x))", "σ(x)*(1 - σ(x))"),
    ("x**2*sin(x)", "df/dx = x**2*d/dx(sin(x)) + sin(x)*d/dx(x**2)"),
    ("x**2*sin(x)", "sin(x)*x/0.5 − x**2*-cos(x)"),
    ("sin(2*x)", "-8*sin(x)*cos(x)"),
    ("softmax", "diag(softmax(z)) - outer(softmax(z), softmax(z))"),
    ("softmax", "(δ[i, j] - s[j])*s[i]"),
    ("softmax", "softmax(z)[i]*(δ[i, j] - softmax(z)[j])"),
    ("softmax", "∂f[i]/∂z[j] = (δ[i, j] - Σ_l (softmax_l(z[l])*∂/∂z[j](z[l])))*softmax_i(z[i])"),
    ("softmax", "exp(z[i] - logsumexp_k(z[k]))*delta[i, j] - s[j]*s[i]"),
    ("mean", "2*X.T@(X@w - y)/m"),
    ("mean", "(X@w - y)@X*2/m"),
    ("mean", "2/m*Σ_l ((Σ_k (X[l, k]*w[k]) - y[l])*X[l, j])"),
    ("mean", "-2*Σ_l (y[l]*X[l, j])/m + 2*Σ_l,k (X[l, j]*X[l, k]*w[k])/m"),
    ("deep", "2*outer(A.T@((tanh(A@tanh(B@x)) - y)*(1 - tanh(A@tanh(B@x))**2))*(1 - tanh(B@x)**2), x)"),
    ("deep", "h1bar[a]*x[b]"),
    ("layer", "outer((relu(W@x + b) - y)*(1 + sign(W@x + b)), x)"),
]

SLIPPED = [
    ("sin(x**2)", "cos(x**2)", "inner derivative", "Chain rule"),
    ("softmax", "s[i]*(1 - s[i])", "coupling", ""),
    ("softmax", "s[i]*(1 - s[j])", "coupling", ""),
    ("softmax", "softmax(z)[i]*(1 - softmax(z)[j])", "coupling", ""),
    ("softmax", "s[i]*(δ[i, j] - s[i])", "coupling", ""),
    ("softmax", "-s[i]*s[j]", "term", ""),
    ("square", "2*A@x", "symmetric", ""),
    ("sin(x**2)", "2*x*sin(x**2)", "outer derivative", "Chain rule"),
    ("sin(x**2)", "2*x*cos(2*x)", "outer derivative", "Chain rule"),
    ("0.1*x**2", "0.1*x", "factor", "Power rule"),
    ("x**x", "x*x**(x - 1)", "power rule", "Logarithmic differentiation"),
    ("exp(-x)", "-x*exp(-x - 1)", "power rule", "Chain rule"),
    ("(3*x + 1)**4", "4*(3*x + 1)**3", "inner derivative", "Power and chain rule"),
    ("exp(a*x)*cos(x)", "exp(a*x)*cos(x) - exp(a*x)*sin(x)", "inner derivative", "Chain rule"),
    ("sqrt(sin(x) + 2)", "1/(2*sqrt(sin(x) + 2))", "inner derivative", "Square root"),
    ("sin(2*x)", "-2*sin(2*x)", "inner derivative", "Chain rule"),
    ("layer", "2*outer(relu(W@x + b) - y, x)", "outer derivative", "Chain rule"),
    ("deep", "2*outer(A.T@((tanh(A@tanh(B@x)) - y)*(1 - a2**2)), x)", "outer derivative", "Chain rule"),
    ("x**2*sin(x)", "2*x*sin(x)", "product rule", "Product rule"),
    ("x**2*sin(x)", "2*x*cos(x)", "product rule", "Product rule"),
    ("x*exp(x)*sin(x)", "exp(x)*sin(x) + x*exp(x)*sin(x)", "product rule", "Product rule"),
    ("(x**2 + 1)/(x + 3)", "2*x/(x + 3)", "quotient rule", "Quotient rule"),
    ("(x**2 + 1)/(x + 3)", "2*x", "quotient rule", "Quotient rule"),
    ("(x**2 + 1)/(x + 3)", "(2*x*(x + 3) - x**2 - 1)/(x + 3)", "quotient rule", "Quotient rule"),
    ("(x**2 + 1)/(x + 3)", "(2*x*(x + 3) + x**2 + 1)/(x + 3)**2", "sign", "Quotient rule"),
    ("x**5 + x", "x**4 + 1", "factor", "Power rule"),
    ("a*sin(x)", "cos(x)", "factor", "Constant multiple"),
    ("sqrt(sin(x) + 2)", "cos(x)/sqrt(sin(x) + 2)", "factor", "Square root"),
    ("a**x", "a**x", "factor", "Exponential of any base"),
    ("a**x", "x*a**(x - 1)", "power rule", "Exponential of any base"),
    ("x**5 + x", "5*x**5 + 1", "exponent", "Power rule"),
    ("x**5 + 7", "5*x**4 + 7", "constant", "Constant"),
    ("x + cos(x)", "1 + sin(x)", "sign", "Cosine"),
    ("x**3 - exp(x)", "3*x**2 + exp(x)", "sign", "Sum rule"),
    ("x**3 + exp(x)", "3*x**2 - exp(x)", "sign", "Exponential"),
    ("sin(x**2)", "14*x*cos(x**2)", "factor", ""),
    ("x**2*sin(x)", "-2*x*sin(x) - x**2*cos(x)", "sign", ""),
    ("x**2*sin(x)", "x**2*sin(x)", "not differentiated", ""),
    ("softmax", "diag(softmax(z))", "coupling", "Log-sum-exp"),
    ("softmax", "diag(softmax(z)*(1 - softmax(z)))", "coupling", ""),
    ("softmax", "softmax(z)*(1 - softmax(z))", "coupling", ""),
    ("cross_entropy_soft", "softmax(Z) - P", "mean", "Constant multiple"),
    ("cross_entropy_soft", "-P/m", "coupling", "Log-sum-exp"),
    ("mean", "2*X.T@(X@w - y)", "mean", "Constant multiple"),
    ("mean", "X.T@(X@w - y)/m", "factor", "Power and chain rule"),
    ("mean", "X.T@(X@w - y)", "mean", ""),
    ("mean", "2*X.T@(y - X@w)/m", "sign", "Sum rule"),
    ("mean", "2*X@(X@w - y)/m", "transposed", ""),
    ("layer", "outer(x, (relu(W@x + b) - y)*(1 + sign(W@x + b)))", "transposed", ""),
    ("square", "A@x + A@x", "transposed", ""),
    ("mean", "2*(X@w - y)/m", "shape", ""),
    ("x**2*sin(x)", "exp(x)", "unexplained", ""),
    ("softmax", "z[i]*Σ_k z[k]", "unexplained", ""),
    ("x**2*sin(x)", "log(-1 - x**2)", "unexplained", ""),
]


@pytest.mark.parametrize(("what", "line"), RIGHT)
def test_a_right_line_is_accepted_in_any_writing(what: str, line: str) -> None:
    verdict = derivation(what).check_step(line)
    assert (verdict.ok, verdict.kind) == (True, "right"), verdict


@pytest.mark.parametrize(("what", "line", "kind", "rule"), SLIPPED)
def test_a_planted_slip_is_named(what: str, line: str, kind: str, rule: str) -> None:
    verdict = derivation(what).check_step(line)
    assert not verdict
    assert (verdict.kind, verdict.rule) == (kind, rule), verdict


def test_every_kind_of_slip_is_planted() -> None:
    assert {slip.kind for slip in SLIPS} <= {kind for _, _, kind, _ in SLIPPED}


def test_the_verdict_says_where_the_line_differs() -> None:
    verdict = derivation("sin(x**2)").check_step("cos(x**2)")
    assert "the inner derivative is forgotten: Chain rule (Sine), at d/dx(sin(x**2))" in str(verdict)
    assert "at x = 0.126: this line is 0.999874, the derivative 0.251968" in str(verdict)


def test_a_right_line_says_what_is_still_to_do() -> None:
    verdict = derivation("x**2*sin(x)").check_step("x**2*d/dx(sin(x)) + sin(x)*d/dx(x**2)")
    assert "2 derivatives are still to be worked out" in verdict.text


@pytest.mark.parametrize(
    ("what", "line", "message"),
    [
        ("sin(x**2)", "2*y", "column 3: nothing is named 'y' here"),
        ("sin(x**2)", "sni(x)", "column 1: no function is named 'sni'; did you mean 'sin'"),
        ("sin(x**2)", "cos(x**2", "column 4: not an expression: '(' was never closed"),
        ("sin(x**2)", "df/dx = cos(x**2)*2x", "column 19: not an expression"),
        ("sin(x**2)", "d/dy(x)", "nothing is named 'y' here"),
        ("sin(x**2)", "", "there is nothing"),
        ("sin(x**2)", "__import__('os').system('true')", "attributes are not allowed"),
        ("sin(x**2)", "x[0]", "an index is a letter"),
        ("softmax", "s[i]*(δ[i, k] - s[j])", "column 12: no index is named 'k'"),
        ("softmax", "s[i, j]", "s has 1 indices, not 2"),
        ("softmax", "s[i]*z", "z is an array; write its entry z[i]"),
        ("softmax", "Σ_k 3", "k stands at no array"),
        ("mean", "X@X", "X has columns n, X has rows m"),
    ],
)
def test_a_line_that_cannot_be_read_is_pointed_at(what: str, line: str, message: str) -> None:
    with pytest.raises(ParseError) as caught:
        derivation(what).check_step(line)
    assert message in str(caught.value)


def test_a_derivation_of_nothing_is_refused() -> None:
    loose = Derivation(**{**vars(derivation("sin(x**2)")), "formula": None})
    with pytest.raises(UsageError, match="does not say what formula"):
        loose.check_step("x")
