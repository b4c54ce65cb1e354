"""Matrix forms: what they read like, that they equal torch's derivatives, and that a false one is never shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest
import sympy as sp
import torch

from gradcheck import catalogue
from gradcheck.symbolic.differentiate import derivative
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.matrices import algebra as matrix_algebra
from gradcheck.symbolic.matrices import conversion as matrix_conversion
from gradcheck.symbolic.matrices import form as matrix_form
from gradcheck.symbolic.matrices import network as matrix_network
from gradcheck.symbolic.matrices import simplification as matrix_simplification
from gradcheck.symbolic.matrices.cases import Condition
from gradcheck.symbolic.matrices.form import MatrixForm
from gradcheck.symbolic.matrices.nodes import Call, Matrix, Number
from gradcheck.symbolic.piecewise import cases
from gradcheck.symbolic.points import distinct_sizes, sample_point
from gradcheck.symbolic.tensors import (
    Determinant,
    Inverse,
    delta,
    dimension,
    index,
    integer_tensor,
    matrix_of,
    scalar,
    sum_over,
    tensor,
)

WRITTEN: dict[tuple[str, str], str] = {
    ("linear", "x"): "W",
    ("linear", "b"): "I",
    ("relu", "x"): "diag(step(x))",
    ("sigmoid", "x"): "diag(σ(x) ⊙ (𝟏 - σ(x)))",
    ("tanh", "x"): "diag(𝟏 - tanh²(x))",
    ("scalar_by_vector", "x"): "(𝟏ᵀx) 𝟏 + u ⊙ cos(x)",
    ("scalar_by_matrix", "X"): "2 A ⊙ X",
    ("vector_by_scalar", "t"): "c ⊙ u ⊙ exp(t c)",
    ("mse", "p"): "2 (p - y) / n",
    ("mae", "p"): "sign(p - y) / n",
    ("huber", "p"): "clip(p - y, δ) / n",
    ("binary_cross_entropy", "p"): "-(y ⊘ p - (𝟏 - y) ⊘ (𝟏 - p)) / n",
    ("binary_cross_entropy_with_logits", "z"): "(σ(z) - y) / n",
    ("cross_entropy_index", "Z"): "(softmax(Z) - onehot(c)) / m",
    ("cross_entropy_soft", "Z"): "(diag(P𝟏) softmax(Z) - P) / m",
    ("hessian_of_cross_entropy", "z"): "(𝟏ᵀp) (diag(s) - s sᵀ) where s = softmax(z)",
    ("kl_divergence", "q"): "-p ⊘ q",
    ("linear_form", "x"): "a",
    ("quadratic_form", "x"): "(A + Aᵀ) x",
    ("quadratic_form", "A"): "x xᵀ",
    ("bilinear_form", "X"): "u vᵀ",
    ("rayleigh_quotient", "x"): "(A + Aᵀ) x / ‖x‖² - 2 (xᵀAx) x / ‖x‖⁴",
    ("trace_of_product", "X"): "Aᵀ",
    ("trace_of_quadratic_form", "X"): "(A + Aᵀ) X",
    ("trace_of_triple_product", "X"): "AᵀBᵀ",
    ("trace_of_inverse", "X"): "-X⁻ᵀAᵀX⁻ᵀ",
    ("frobenius_norm", "X"): "X / ‖X‖",
    ("log_det", "X"): "X⁻ᵀ",
    ("det", "X"): "det(X) X⁻ᵀ",
    ("relu6", "x"): "diag({0 where x ≤ 0, 0 where x ≥ 6 𝟏, else 𝟏})",
    ("smooth_l1", "p"): "{(p - y) / β where |p - y| < β 𝟏, else sign(p - y)} / n",
    ("chain_rule", "x"): "diag(σ(Vh) ⊙ (𝟏 - σ(Vh))) V diag(𝟏 - h^⊙2) W where h = tanh(Wx)",
    ("two_layer_relu", "W2"): "2 (W2 h + b2 - y) hᵀ where h = relu(W1 x + b1)",
    ("two_layer_relu", "W1"): "2 (step(W1 x + b1) ⊙ (W2ᵀ (W2 relu(W1 x + b1) + b2 - y))) xᵀ",
    ("xor_network", "W2"): ("Hᵀ(U ⊙ (U - Y) ⊙ (𝟏 𝟏ᵀ - U)) where H = σ(X W1 + 𝟏 b1ᵀ), U = σ(H W2 + 𝟏 b2ᵀ)"),
    ("linear_regression", "w"): "2 Xᵀ(Xw + b 𝟏 - y) / m",
    ("linear_regression", "b"): "2 𝟏ᵀ(Xw + b 𝟏 - y) / m",
    ("linear_regression", "X"): "2 (Xw + b 𝟏 - y) wᵀ / m",
    ("squared_norm", "w"): "2 Xᵀ(Xw - y)",
    ("half_mean_square", "w"): "Xᵀ(Xw - y) / m",
    ("ridge", "w"): "2 (Xᵀ(Xw - y) + λ w)",
    ("one_sample_loss", "w"): "(wᵀx - y) x",
    ("softmax", "z"): "diag(s) - s sᵀ where s = softmax(z)",
    ("softmax_temperature", "z"): "(diag(s) - s sᵀ) / T where s = softmax(z / T)",
    ("softmax_temperature", "T"): "s ⊙ ((zᵀs) 𝟏 - z) / T² where s = softmax(z / T)",
    ("log_softmax", "z"): "I - 𝟏 softmax(z)ᵀ",
    ("logsumexp", "z"): "softmax(z)",
}

LATEX: dict[tuple[str, str], str] = {
    ("det", "X"): r"\det\left(X\right) X^{-\top}",
    ("half_mean_square", "w"): r"\frac{1}{m} X^{\top} \left(X w - y\right)",
    ("softmax", "z"): (
        r"\operatorname{diag}\left(s\right) - s s^{\top}"
        r" \quad \text{where } s = \operatorname{softmax}\left(z\right)"
    ),
    ("sigmoid", "x"): (
        r"\operatorname{diag}\left(\sigma\left(x\right) \odot \left(\mathbf{1} - \sigma\left(x\right)\right)\right)"
    ),
    ("two_layer_relu", "b2"): (r"2 \left(W_{2} \operatorname{relu}\left(W_{1} x + b_{1}\right) + b_{2} - y\right)"),
    ("tanh", "x"): r"\operatorname{diag}\left(\mathbf{1} - \tanh^{2}\left(x\right)\right)",
    ("relu6", "x"): (
        r"\operatorname{diag}\left(\begin{cases} 0 & x \le 0 \\ 0 & x \ge 6 \mathbf{1} \\"
        r" \mathbf{1} & \text{otherwise} \end{cases}\right)"
    ),
    ("kl_divergence", "q"): r"-p \oslash q",
    ("frobenius_norm", "X"): r"\frac{1}{\left\lVert X \right\rVert} X",
}


def form_of(name: str, wrt: str) -> MatrixForm:
    form = catalogue.formula(name).matrix_form(wrt)
    assert form is not None
    return form


@pytest.mark.parametrize(("name", "wrt"), WRITTEN)
def test_gradients_read_as_textbooks_write_them(name: str, wrt: str) -> None:
    assert form_of(name, wrt).text == WRITTEN[name, wrt]


DEFINITIONS = {
    "linear": "Wx + b",
    "mse": "‖p - y‖² / n",
    "kl_divergence": "pᵀ(log(p) - log(q))",
    "quadratic_form": "xᵀAx",
    "trace_of_triple_product": "tr(AXB)",
    "log_det": "log(det(X))",
    "linear_regression": "‖Xw + b 𝟏 - y‖² / m",
    "ridge": "‖Xw - y‖² + λ ‖w‖²",
    "log_softmax": "z - logsumexp(z) 𝟏",
    "two_layer_relu": "‖W2 relu(W1 x + b1) + b2 - y‖²",
}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_definitions_read_as_textbooks_write_them(name: str) -> None:
    assert str(catalogue.formula(name).matrix_definition()) == DEFINITIONS[name]


@pytest.mark.parametrize(("name", "wrt"), LATEX)
def test_latex(name: str, wrt: str) -> None:
    assert form_of(name, wrt).latex == LATEX[name, wrt]


@pytest.mark.parametrize(("name", "wrt"), WRITTEN)
def test_forms_equal_what_torch_derives(name: str, wrt: str) -> None:
    formula = catalogue.formula(name)
    sizes = distinct_sizes(formula.dimensions, 1)
    point = sample_point(formula, sizes, np.random.default_rng(11))
    expected = _torch_jacobian(formula, point, wrt)
    columns = {key: value if value.ndim == 2 else value.reshape(-1, 1) for key, value in point.items()}
    found = form_of(name, wrt).value({**sizes, **columns})
    np.testing.assert_allclose(found.reshape(expected.shape), expected, rtol=1e-9, atol=1e-12)


def _torch_jacobian(formula: Formula, point: dict[str, Any], wrt: str) -> Any:
    tensors = {name: torch.tensor(value) for name, value in point.items()}
    return torch.autograd.functional.jacobian(
        lambda value: formula.torch(*{**tensors, wrt: value}.values()), tensors[wrt]
    ).numpy()


WITHOUT = {("linear", "W"), ("inverse", "X"), ("matrix_product", "X"), ("matrix_product", "A")}
"""Derivatives of three or four axes."""
TOPICS = ("linear", "regression", "softmax", "matrix", "definitions", "losses", "networks")


def test_the_formulas_that_textbooks_write_with_matrices_have_a_form() -> None:
    """The bundled formulas in `WRITTEN`'s topics all have one, but for derivatives of more than two axes."""
    names = {name for name, _ in WRITTEN} | {name for name, _ in WITHOUT}
    pairs = {(name, wrt) for name in names for wrt in catalogue.formula(name).wrt}
    missing = {(name, wrt) for name, wrt in pairs if catalogue.formula(name).matrix_form(wrt) is None}
    assert missing == WITHOUT
    assert {catalogue.formula(name).topic for name in names} >= set(TOPICS)


m, n, p = dimension("m n p")
i, j, a, b = index("i j a b")
x, y, w = tensor("x", n), tensor("y", m), tensor("w", n)
X, A, B, C = tensor("X", m, n), tensor("A", n, n), tensor("B", n, p), tensor("C", p, m)
s, c = scalar("s"), integer_tensor("c", m)
GRAM = matrix_of(n, lambda row, column: sum_over(m, lambda k: X[k, row] * X[k, column]))


FORMS: dict[str, tuple[sp.Expr, dict[sp.Symbol, sp.Expr]]] = {
    "0": (sp.S.Zero, {i: n}),
    "𝟏": (sp.S.One, {i: n}),
    "s 𝟏 𝟏ᵀ": (s, {i: n, j: m}),
    "𝟏 xᵀ": (x[j], {i: m, j: n}),
    "wᵀx": (sum_over(n, lambda k: x[k] * w[k]), {}),
    "XᵀCᵀ": (sum_over(m, lambda k: X[k, i] * C[j, k]), {i: n, j: p}),
    "tr(BCX)": (
        sum_over(m, lambda k: sum_over(n, lambda r: sum_over(p, lambda q: X[k, r] * B[r, q] * C[q, k]))),
        {},
    ),
    "A diag(x) B": (sum_over(n, lambda k: A[i, k] * x[k] * B[k, j]), {i: n, j: p}),
    "(A ⊙ Aᵀ) x": (sum_over(n, lambda k: A[i, k] * A[k, i] * x[k]), {i: n}),
    "xᵀ diag(A)": (sum_over(n, lambda k: A[k, k] * x[k]), {}),
    "X(A + Aᵀ)": (sum_over(n, lambda k: X[i, k] * (A[k, j] + A[j, k])), {i: m, j: n}),
    "A(w + x)": (sum_over(n, lambda k: A[i, k] * x[k]) + sum_over(n, lambda k: A[i, k] * w[k]), {i: n}),
    "diag(x) A": (x[i] * A[i, j], {i: n, j: n}),
    "X - y 𝟏ᵀ": (X[i, j] - y[i], {i: m, j: n}),
    "𝟏ᵀX𝟏": (sum_over(m, lambda k: sum_over(n, lambda r: X[k, r])), {}),
    "2 X(XᵀX)⁻¹": (derivative(sp.log(Determinant(GRAM)), X[a, b]), {a: m, b: n}),
    "s n": (sum_over(n, lambda _: s), {}),
    "{x where x > 0, else 0}": (cases((x[i], x[i] > 0), otherwise=sp.S.Zero), {i: n}),
    "{𝟏 where x ≤ 0 and s x ≥ w, x where w ≠ 0, else 2 𝟏}": (
        cases((sp.S.One, (x[i] <= 0) & (s * x[i] >= w[i])), (x[i], sp.Ne(w[i], 0)), otherwise=sp.Integer(2)),
        {i: n},
    ),
    "onehot(c)": (delta(c[i], j), {i: m, j: n}),
}


@pytest.mark.parametrize("written", FORMS)
def test_forms_of_expressions(written: str) -> None:
    assert str(matrix_form.matrix_form(*FORMS[written])) == written


NONE: dict[str, tuple[sp.Expr, dict[sp.Symbol, sp.Expr]]] = {
    "three axes": (X[i, j] * x[a], {i: m, j: n, a: n}),
    "an index of three matrices": (sum_over(n, lambda k: A[i, k] * A[j, k] * A[k, 0]), {i: n, j: n}),
    "three matrices meet": (
        sum_over(n, lambda k: sum_over(n, lambda r: A[i, k] * A[j, k] * A[r, k] * A[i, r] * A[j, r])),
        {i: n, j: n},
    ),
    "a gather": (X[i, c[i]], {i: m}),
    "a mask": (delta(i, j + 1), {i: n, j: n}),
    "an index as a number": (x[i] * i, {i: n}),
    "an incomplete choice": (sp.Piecewise((x[i], x[i] > 0)), {i: n}),
    "one entry of an inverse": (Inverse(A, i, 0), {i: n}),
    "a variable called I": (tensor("I", n, n)[i, j] - delta(i, j), {i: n, j: n}),
}


@pytest.mark.parametrize("case", NONE)
def test_where_there_is_no_form_there_is_none(case: str) -> None:
    assert matrix_form.matrix_form(*NONE[case]) is None


def test_a_form_shows_itself_in_a_notebook() -> None:
    form = form_of("det", "X")
    assert str(form) == form.text
    assert form._repr_latex_() == f"$${form.latex}$$"


def _drop_transpose(node: Matrix) -> Matrix:
    return node


def _drop_scalars(*scaling: Any) -> Matrix:
    coefficient, _, _, body = scaling
    dropped: Matrix = Number(coefficient) if body is None else body
    return dropped


def _first_term(terms: Iterable[Matrix]) -> Matrix:
    return next(iter(terms))


def _reversed_product(*factors: Matrix) -> Matrix:
    return ORIGINAL_PRODUCT(*reversed(factors))


def _off_diagonal(vector: Matrix) -> Matrix:
    return vector


def _first_factor(factors: Any) -> Matrix:
    factor: Matrix = factors[0]
    return factor


ORIGINAL_PRODUCT = matrix_algebra.product

FAULTS: dict[str, tuple[Any, str, Callable[..., Any], tuple[str, str]]] = {
    "a transpose dropped in a contraction": (matrix_algebra, "transpose", _drop_transpose, ("squared_norm", "w")),
    "a transpose dropped where shapes fit": (matrix_algebra, "transpose", _drop_transpose, ("quadratic_form", "x")),
    "a transpose dropped off an entry": (matrix_algebra, "transpose", _drop_transpose, ("log_det", "X")),
    "a factor dropped": (matrix_algebra, "scaled", _drop_scalars, ("mse", "p")),
    "a term dropped": (matrix_algebra, "total", _first_term, ("ridge", "w")),
    "a product reversed": (matrix_algebra, "product", _reversed_product, ("trace_of_quadratic_form", "X")),
    "a diagonal matrix left a column": (matrix_algebra, "diag", _off_diagonal, ("sigmoid", "x")),
    "an entrywise factor dropped": (matrix_algebra, "hadamard", _first_factor, ("scalar_by_matrix", "X")),
    "an inverse forgotten": (
        matrix_conversion,
        "MATRIX_FUNCTIONS",
        {Inverse: lambda matrix: matrix, Determinant: lambda matrix: Call("det", matrix)},  # type: ignore[dict-item]
        ("det", "X"),
    ),
    "a comparison turned round": (
        matrix_conversion,
        "Condition",
        lambda left, sign, right: Condition(right, sign, left),
        ("smooth_l1", "p"),
    ),
    "heads merged with a sign lost": (
        matrix_simplification,
        "_sum",
        lambda left, right, _: matrix_algebra.total([ORIGINAL_PRODUCT(*left), ORIGINAL_PRODUCT(*left)]),
        ("quadratic_form", "x"),
    ),
    "an inner product for a trace": (
        matrix_network,
        "trace_of_product",
        lambda first, second: Number(sp.S.One),
        ("frobenius_norm", "X"),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_conversion_is_stopped_by_the_verification(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, name, planted, (formula, wrt) = FAULTS[fault]
    subject = catalogue.formula(formula)
    arguments = subject.jacobian(wrt), subject.axes(wrt), subject.variables
    right = matrix_form.matrix_form(*arguments)
    monkeypatch.setattr(module, name, planted)
    assert right is not None
    assert matrix_form.matrix_form(*arguments) is None
    monkeypatch.undo()
    assert matrix_form.matrix_form(*arguments) == right
