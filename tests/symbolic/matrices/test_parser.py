"""Matrix expressions: what they mean, by NumPy and by torch's autograd, and what each mistake is told."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradcheck.errors import UsageError
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.matrices.parser import matrix_formula
from gradcheck.symbolic.matrices.shapes import read_shapes
from gradcheck.symbolic.matrices.vocabulary import ENTRYWISE, VOCABULARY
from gradcheck.symbolic.parser import ParseError
from gradcheck.symbolic.points import distinct_sizes, sample_point

LINEAR = "X: m n, w: n, y: m, b:"
FORMS: dict[tuple[str, str, str], str | None] = {
    ("norm(X@w - y)**2 / m", LINEAR, "w"): "2 Xᵀ(Xw - y) / m",
    ("norm(X@w - y)**2 / m", LINEAR, "X"): "2 (Xw - y) wᵀ / m",
    ("mean((X@w + b - y)**2)", LINEAR, "b"): "2 𝟏ᵀ(Xw + b 𝟏 - y) / m",
    ("sum(softplus(X@w) - y*(X@w))", LINEAR, "w"): "Xᵀ(σ(Xw) - y)",
    ("norm(X@w - y)**2 + c*norm(w)**2", LINEAR + ", c:", "w"): "2 (Xᵀ(Xw - y) + c w)",
    ("norm(sigmoid(W@x + b) - y)", "W: m n, x: n, b: m, y: m", "x"): (
        "Wᵀ(h ⊙ (h - y) ⊙ (𝟏 - h)) / ‖h - y‖ where h = σ(Wx + b)"
    ),
    ("sum(exp(z))/2 + log(sum(exp(z)))", "z: n", "z"): "(2 exp(z) / (𝟏ᵀ exp(z)) + exp(z)) / 2",
    ("x.T @ A @ x", "x: n, A: n n", "x"): "(A + Aᵀ) x",
    ("x @ A @ x / (x @ x)", "x: n, A: n n", "A"): "x xᵀ / ‖x‖²",
    ("tr(A @ X @ B)", "A: p m, X: m n, B: n p", "X"): "AᵀBᵀ",
    ("trace(X.T @ A @ X)", "X: m n, A: m m", "X"): "(A + Aᵀ) X",
    ("det(X)", "X: n n", "X"): "det(X) X⁻ᵀ",
    ("logdet(X.T @ X + eye(n))", "X: m n", "X"): "2 X(XᵀX + I)⁻¹",
    ("w @ inv(X.T @ X + c*eye(n)) @ w", "X: m n, w: n, c:", "w"): "2 (XᵀX + c I)⁻¹ w",
    ("inv(X) @ a", "X: n n, a: n", "a"): "X⁻¹",
    ("sum(σ(X@w))", "X: m n, w: n", "w"): "Xᵀ(σ(Xw) ⊙ (𝟏 - σ(Xw)))",
    ("-mean(y*log(σ(X@w)) + (1 - y)*log(1 - σ(X@w)))", "X: m n, w: n, y: m", "w"): "Xᵀ(σ(Xw) - y) / m",
    ("softmax(z)", "z: n", "z"): "diag(s) - s sᵀ where s = softmax(z)",
    ("log_softmax(z)", "z: n", "z"): "I - 𝟏 softmax(z)ᵀ",
    ("mean(logsumexp(X @ W) - sum(Y*(X @ W), axis=1))", "X: m n, W: n p, Y: m p", "W"): ("Xᵀ(softmax(XW) - Y) / m"),
    ("dot(a, x)**2", "a: n, x: n", "x"): "2 (aᵀx) a",
    ("outer(a, b) @ c", "a: m, b: n, c: n", "c"): "a bᵀ",
    ("diag(a) @ b", "a: n, b: n", "a"): "diag(b)",
    ("sum(diag(A) * x)", "A: n n, x: n", "x"): "diag(A)",
    ("sum(transpose(X) @ y)", "X: m n, y: m", "X"): "y 𝟏ᵀ",
    ("sum(X, 0) @ w", "X: m n, w: n", "X"): "𝟏 wᵀ",
    ("sum(mean(X, axis=-1)**2)", "X: m n", "X"): "2 X𝟏 𝟏ᵀ / n²",
    ("sum((X - w)**2)", "X: m n, w: n", "X"): "2 (X - 𝟏 wᵀ)",
    ("sum(softmax(X, 0) * X)", "X: m n", "X"): "X ⊙ Sᵀ + Sᵀ - Sᵀ diag((S ⊙ Xᵀ) 𝟏) where S = softmax(Xᵀ)",
    ("ones(m) @ X @ ones(n)", "X: m n", "X"): "𝟏 𝟏ᵀ",
    ("sum(maximum(x, y))", "x: n, y: n", "x"): "{𝟏 where x > y, 0 where x < y, else 𝟏 / 2}",
    ("sum(minimum(x, 0))", "x: n", "x"): "{𝟏 where x < 0, 0 where x > 0, else 𝟏 / 2}",
    ("ln(c) * c**2 / pi", "c:", "c"): "2 c log(c) / pi + c / pi",
    ("-(+x) * m / 2", "x: n, X: m n", "x"): "-m I / 2",
    ("2**c * e", "c:", "c"): "e 2^c log(2)",
    ("sigmoid(W@x + b)", "W: m n, x: n, b: m", "W"): None,
}
"""(text, shapes, variable) -> the matrix form of the derivative."""


@pytest.mark.parametrize(("text", "shapes", "wrt"), FORMS)
def test_derivatives_have_the_matrix_form_of_textbooks(text: str, shapes: str, wrt: str) -> None:
    form = matrix_formula(text, shapes).matrix_form(wrt)
    assert (form and form.text) == FORMS[text, shapes, wrt]


@pytest.mark.parametrize(("text", "shapes"), dict.fromkeys((text, shapes) for text, shapes, _ in FORMS))
def test_compiled_derivatives_are_those_of_autograd(text: str, shapes: str) -> None:
    formula = matrix_formula(text, shapes)
    point = _point(formula)
    for place, wrt in enumerate(formula.wrt):
        expected = _autograd(formula, point, place)
        found = formula.compile("numpy", wrt)(*point)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11)
        in_torch = formula.compile("torch", wrt)(*map(torch.tensor, point))
        np.testing.assert_allclose(in_torch.numpy(), expected, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("name", ENTRYWISE)
def test_every_entrywise_function_and_its_derivative_are_torch_s(name: str) -> None:
    formula = matrix_formula(f"{name}(x)", "x: n")
    point = _point(formula)
    value = formula.torch(*map(torch.tensor, point)).numpy()
    np.testing.assert_allclose(formula.compile("numpy")(*point), value, rtol=1e-12, atol=1e-14)
    expected = _autograd(formula, point, 0)
    np.testing.assert_allclose(formula.compile("numpy", "x")(*point), expected, rtol=1e-9, atol=1e-12)


def test_every_function_is_tried() -> None:
    called = {name for text, _, _ in FORMS for name in re.findall(r"(\w+)\(", text)}
    assert set(VOCABULARY) - set(ENTRYWISE) <= called


def test_a_formula_made_of_a_text_checks_itself() -> None:
    results = matrix_formula("norm(A@x)**2 / m", "x: n, A: m n").check()
    assert [(result.wrt, result.ok) for result in results] == [("x", True), ("A", True)]
    assert set(results[0].oracles) >= {"reverse", "forward", "finite_difference", "complex_step"}


def test_variables_live_where_the_expression_is_real() -> None:
    formula = matrix_formula("sum(sqrt(1 - x**2) * log(y)) + logdet(A)", "x: n, y: n, A: n n")
    assert formula.domains["x"].description == "numbers between 0 and 1"
    assert formula.domains["A"].description == "square matrices of positive determinant"


def test_indices_get_names_that_no_variable_has() -> None:
    formula = matrix_formula("i * k", "i: n, k: n")
    assert list(map(str, formula.output)) == ["r"]
    assert str(matrix_formula("outer(i, k)", "i: n, k: m").matrix_form("i")) == "None"


def _point(formula: Formula) -> list[Any]:
    sizes = distinct_sizes(formula.dimensions, 1)
    values = sample_point(formula, sizes, np.random.default_rng(2))
    return [values[name] for name in formula.variable_names]


def _autograd(formula: Formula, point: list[Any], place: int) -> Any:
    values = [torch.tensor(value) for value in point]

    def function(value: Any) -> Any:
        return formula.torch(*values[:place], value, *values[place + 1 :])

    return torch.autograd.functional.jacobian(function, values[place]).numpy()


SHAPES = "X: m n, A: n n, w: n, y: m, c:"
ERRORS: dict[tuple[str, str], tuple[int, str]] = {
    ("X@y", SHAPES): (2, "X@y: X has columns n, y has rows m"),
    ("w + X @ X", SHAPES): (7, "X @ X: X has columns n, X has rows m"),
    ("y @ w", SHAPES): (3, "y @ w: y has entries m, w has entries n"),
    ("w @ X", SHAPES): (3, "w @ X: w has columns n, X has rows m"),
    ("c @ w", SHAPES): (3, "c is a scalar; write * for a multiple"),
    ("X - y", SHAPES): (3, "X - y: X has columns n, y has entries m; shapes are aligned at their last axis"),
    ("(X) * (X.T)", SHAPES): (5, "X has columns n, X.T has columns m"),
    ("w @ w.T", SHAPES): (3, "write outer(w, w) or w @ w"),
    ("w ** y", SHAPES): (3, "w ** y: w has entries n, y has entries m"),
    ("det(X)", SHAPES): (1, "det: X has rows m and columns n, where a square matrix is needed"),
    ("1 + tr(w)", SHAPES): (5, "tr: w is a vector of n, where a matrix is needed"),
    ("norm(c)", SHAPES): (1, "norm: c is a scalar, where a vector is needed"),
    ("dot(X, w)", SHAPES): (1, "dot: X is a matrix m by n, where a vector is needed"),
    ("maximum(w, y)", SHAPES): (1, "maximum: w has entries n, y has entries m"),
    ("softmax(w, 1)", SHAPES): (1, "softmax: w is a vector of n, it has no axis 1"),
    ("sum(w, 0.5)", SHAPES): (8, "an axis is 0, 1, -1 or -2"),
    ("sum(w, axis=True)", SHAPES): (13, "an axis is 0, 1, -1 or -2"),
    ("sum(w, y, 0)", SHAPES): (1, "sum takes 1 argument, and an axis, got 3"),
    ("sum(w, dim=0)", SHAPES): (12, "sum takes its arguments by position and axis"),
    ("norm(x=w)", SHAPES): (8, "norm takes its arguments by position"),
    ("norm()", SHAPES): (1, "norm takes 1 argument, got 0"),
    ("dot(w)", SHAPES): (1, "dot takes 2 arguments, got 1"),
    ("ones()", SHAPES): (1, "ones takes 1 or 2 arguments, got 0"),
    ("eye(3)", SHAPES): (5, "eye takes sizes; known are m, n"),
    ("eye(c)", "c:"): (5, "eye takes sizes; known are none"),
    ("sfotmax(w)", SHAPES): (1, "no function is named 'sfotmax'; did you mean 'softmax'"),
    ("1 + qq(w)", SHAPES): (5, "no function is named 'qq'; known are abs"),
    ("weight @ w", "weights: n, w: n"): (1, "no variable or size is named 'weight'; did you mean 'weights'?"),
    ("w * lam", SHAPES): (5, "declare it in the shapes, a scalar as 'lam:'"),
    ("norm * 2", SHAPES): (1, "norm is a function; write norm(…)"),
    ("X.shape", SHAPES): (1, ".shape is not allowed; the only attribute is .T"),
    ("w.__class__", SHAPES): (1, ".__class__ is not allowed"),
    ("__import__('os')", SHAPES): (1, "no function is named '__import__'"),
    ("X.T()", SHAPES): (1, "this is not allowed (Call)"),
    ("w[0]", SHAPES): (1, "indexing is not allowed"),
    ("w ^ 2", SHAPES): (1, "write ** for a power"),
    ("[w]", SHAPES): (1, "this is not allowed (List)"),
    ("'w'", SHAPES): (1, "this is not allowed (Constant)"),
    ("w if c else y", SHAPES): (1, "this is not allowed (IfExp)"),
    ("w / 0", SHAPES): (5, "division by zero"),
    ("c + 9**9**9", SHAPES): (8, "the power is too large"),
    ("sqrt(-1)", SHAPES): (1, "no real number"),
    ("w +", SHAPES): (4, "not an expression"),
    ("", SHAPES): (1, "there is nothing"),
    ("2w", SHAPES): (1, "write a product as 2*x"),
    ("-" * 70 + "w", SHAPES): (62, "nested deeper than"),
    ("softmax(" * 9 + "w" + ")" * 9, SHAPES): (1, "the expression works out too long"),
    ("αβ + sni(w)", "αβ: n, w: n"): (6, "did you mean 'sin'"),
}


@pytest.mark.parametrize(("text", "shapes"), ERRORS)
def test_a_mistake_is_told_at_its_column(text: str, shapes: str) -> None:
    column, message = ERRORS[text, shapes]
    with pytest.raises(ParseError) as caught:
        matrix_formula(text, shapes)
    assert message in str(caught.value)
    assert caught.value.column == column


WRONG_SHAPES: dict[str, tuple[int, str]] = {
    "": (1, 'write "X: m n, w: n" for a matrix'),
    "X: m n,, w: n": (8, 'write "X: m n, w: n" for a matrix'),
    "X: m n, w": (9, "'w' has no colon"),
    "X: m n, w: 3": (12, "'3' is no name, and sizes are names"),
    "2x: n": (1, "'2x' is no name"),
    "_x: n": (1, "'_x' is no name"),
    "x: n: m": (5, "':' is no name"),
    "lambda: n": (1, "'lambda' is a word of Python's"),
    "e: n": (1, "'e' is the number 2.718"),
    "exp: n": (1, "'exp' is the name of a function"),
    "t1: n": (1, "'t1' is the name of a function"),
    "X: a b c": (1, "X has 3 sizes; at most two are allowed"),
    "x: n, x: m": (7, "x is declared twice"),
    "x: n, n:": (4, "n is both a variable and a size"),
    "A: a b, B: c d, C: f g": (1, "6 different sizes; at most 5 are allowed"),
}


@pytest.mark.parametrize("shapes", WRONG_SHAPES)
def test_a_mistake_in_the_shapes_is_told_at_its_column(shapes: str) -> None:
    column, message = WRONG_SHAPES[shapes]
    with pytest.raises(UsageError) as caught:
        read_shapes(shapes)
    assert message in str(caught.value)
    assert isinstance(caught.value, ParseError)
    assert caught.value.column == column


def test_the_message_shows_the_text_with_a_caret() -> None:
    with pytest.raises(ParseError) as caught:
        matrix_formula("y + X@y", SHAPES)
    assert str(caught.value).splitlines()[1:] == ["  y + X@y", "       ^"]


# Expressions that are drawn at random: each by its text and the kind of its value ("" a scalar, "n", "m n", ...).
NAMES = {"": ("c", "m", "2", "0.5"), "n": ("w",), "m": ("y",), "m n": ("X",), "n n": ("A",), "n m": ("X.T",)}
MAPS = ("tanh({})", "sigmoid({})", "-{}", "exp(-abs({}))", "({})**2", "sin({})")


def _inner(kind: str) -> list[tuple[str, str, str]]:
    """Products of two kinds that have this one."""
    left, _, right = kind.partition(" ")
    if not kind:
        return [("({} @ {})", size, size) for size in ("n", "m")]
    if not right:
        return [("({} @ {})", f"{left} {size}", size) for size in ("n", "m") if f"{left} {size}" in NAMES]
    kinds = [(f"{left} {size}", f"{size} {right}") for size in ("n", "m")]
    return [("({} @ {})", a, b) for a, b in kinds if a in NAMES and b in NAMES]


def expressions(kind: str, depth: int) -> st.SearchStrategy[str]:
    """Texts whose value has this kind."""
    leaf = st.sampled_from(NAMES[kind])
    if depth == 0:
        return leaf
    smaller = expressions(kind, depth - 1)
    options = [leaf, st.builds(str.format, st.sampled_from(MAPS), smaller)]
    options.append(st.builds("({} {} {})".format, smaller, st.sampled_from("+-*"), smaller))
    options += [
        st.builds(shape.format, expressions(a, depth - 1), expressions(b, depth - 1)) for shape, a, b in _inner(kind)
    ]
    if not kind:
        options += [st.builds("sum({})".format, expressions(other, depth - 1)) for other in ("n", "m n")]
        options += [st.builds("norm({})".format, expressions("n", depth - 1))]
    elif " " not in kind:
        options.append(st.builds("({} / (1 + {}**2))".format, smaller, expressions("", depth - 1)))
    elif kind == "m n":
        options.append(st.builds("({} + {})".format, smaller, expressions("n", depth - 1)))
        options.append(st.builds("outer({}, {})".format, expressions("m", depth - 1), expressions("n", depth - 1)))
    return st.one_of(options)


NUMPY: dict[str, Any] = {
    **{name: getattr(np, name) for name in ("tanh", "exp", "abs", "sin", "sum", "outer")},
    "norm": np.linalg.norm,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.sampled_from(sorted(NAMES)).flatmap(lambda kind: expressions(kind, 2)))
def test_any_expression_means_what_it_means_in_numpy(text: str) -> None:
    formula = matrix_formula(text, SHAPES)
    point = _point(formula)
    sizes = {"m": point[0].shape[0], "n": point[0].shape[1]}
    values = {**NUMPY, **sizes, **dict(zip(formula.variable_names, point, strict=True))}
    meant = eval(text, {"__builtins__": {}}, values)
    found = formula.compile("numpy")(*point)
    in_torch = formula.torch(*map(torch.tensor, point)).numpy()
    np.testing.assert_allclose(found, meant, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(in_torch, meant, rtol=1e-10, atol=1e-12)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(expressions("", 2))
def test_any_gradient_and_its_matrix_form_are_those_of_autograd(text: str) -> None:
    formula = matrix_formula(text, SHAPES)
    point = _point(formula)
    sizes = {"m": point[0].shape[0], "n": point[0].shape[1]}
    for wrt in ("X", "w"):
        expected = _autograd(formula, point, formula.variable_names.index(wrt))
        np.testing.assert_allclose(formula.compile("numpy", wrt)(*point), expected, rtol=1e-8, atol=1e-10)
        if (form := formula.matrix_form(wrt)) is not None:
            columns = [value if value.ndim == 2 else value.reshape(-1, 1) for value in point]
            value = form.value({**sizes, **dict(zip(formula.variable_names, columns, strict=True))})
            np.testing.assert_allclose(value.reshape(expected.shape), expected, rtol=1e-8, atol=1e-10)
