"""Functions of a whole matrix, and of a matrix given by its entries: values and derivatives in three ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp
import torch

from gradcheck.symbolic.compile import compile_expression
from gradcheck.symbolic.differentiate import derivative
from gradcheck.symbolic.evaluate import difference_quotient, evaluate
from gradcheck.symbolic.matrix_functions import Cholesky, Cosine, Eigenvalue, Eigenvector, Exponential, Sine
from gradcheck.symbolic.matrix_kernels import exponential
from gradcheck.symbolic.printing import latex, text
from gradcheck.symbolic.tensors import (
    Determinant,
    Inverse,
    delta,
    dimension,
    index,
    matrix_of,
    max_over,
    sum_over,
    tensor,
)

m, n = dimension("m n")
i, k, a, b = index("i k a b")
X, Y = tensor("X", n, n), tensor("Y", m, n)
GRAM = matrix_of(n, lambda r, c: sum_over(m, lambda s: Y[s, r] * Y[s, c]) + delta(r, c))
SYMMETRIC = matrix_of(n, lambda r, c: (X[r, c] + X[c, r]) / 2)
GENERATOR = np.random.default_rng(0)
SQUARE = np.round(3 * np.eye(3) + GENERATOR.normal(size=(3, 3)), 3)
TALL = np.round(GENERATOR.normal(size=(4, 3)), 3)


def sine(x: torch.Tensor) -> torch.Tensor:
    """The matrix sine by torch's exponential."""
    return torch.matrix_exp(1j * x.to(torch.complex128)).imag


def gram(y: torch.Tensor) -> torch.Tensor:
    """YᵀY + I."""
    return y.mT @ y + torch.eye(y.shape[-1], dtype=y.dtype)


def half_sum(x: torch.Tensor) -> torch.Tensor:
    """The symmetric part."""
    return (x + x.mT) / 2


def projector(x: torch.Tensor) -> torch.Tensor:
    """v vᵀ to the smallest eigenvalue, which no sign of v changes."""
    v = torch.linalg.eigh(half_sum(x)).eigenvectors[:, 0]
    return torch.outer(v, v)


PROJECTOR = Eigenvector(SYMMETRIC, i, 0) * Eigenvector(SYMMETRIC, k, 0)
CASES: dict[str, tuple[sp.Expr, sp.IndexedBase, int, Callable[[torch.Tensor], torch.Tensor]]] = {
    "inverse of a Gram matrix": (Inverse(GRAM, i, k), Y, 2, lambda y: torch.linalg.inv(gram(y))),
    "its determinant": (Determinant(GRAM), Y, 0, lambda y: torch.linalg.det(gram(y))),
    "exponential": (Exponential(X, i, k), X, 2, torch.matrix_exp),
    "exponential of a Gram matrix": (Exponential(GRAM, i, k), Y, 2, lambda y: torch.matrix_exp(gram(y))),
    "sine": (Sine(X, i, k), X, 2, sine),
    "Cholesky factor": (Cholesky(SYMMETRIC, i, k), X, 2, lambda x: torch.linalg.cholesky(half_sum(x))),
    "eigenvalues": (Eigenvalue(SYMMETRIC, i), X, 1, lambda x: torch.linalg.eigvalsh(half_sum(x))),
    "spectral projector": (PROJECTOR, X, 2, projector),
}


@pytest.mark.parametrize("case", CASES)
def test_value_and_jacobian_agree_with_torch_and_to_40_digits(case: str) -> None:
    expression, variable, outputs, function = CASES[case]
    point = SQUARE if variable is X else TALL
    free = {i: n, k: n} if outputs == 2 else {i: n} if outputs else {}
    slope = derivative(expression, variable[a, b])
    axes = {**free, a: variable.shape[0], b: n}
    value = compile_expression(expression, [variable], free)(point)
    jacobian = compile_expression(slope, [variable], axes)(point)
    tensor_point = torch.as_tensor(point)
    expected: Any = torch.func.jacrev(function)(tensor_point)
    assert value == pytest.approx(function(tensor_point).numpy(), abs=1e-12, rel=1e-12)
    assert jacobian == pytest.approx(expected.numpy(), abs=1e-11, rel=1e-11)
    by_torch = compile_expression(slope, [variable], axes, "torch")(tensor_point)
    assert by_torch.numpy() == pytest.approx(jacobian, abs=1e-11, rel=1e-11)
    at = {m: 4, n: 3, i: 2, k: 1, a: 1, b: 2, str(variable.label): point}
    exact = difference_quotient(expression, str(variable.label), (1, 2), at)
    assert abs(evaluate(slope, at) - exact) < 1e-18 * (1 + abs(exact))


def test_the_exponential_is_as_exact_for_large_and_for_zero_matrices() -> None:
    for scale in (0.0, 1e-3, 1.0, 20.0):
        x = scale * GENERATOR.normal(size=(4, 4))
        expected = torch.matrix_exp(torch.as_tensor(x)).numpy()
        assert exponential(x) == pytest.approx(expected, rel=1e-10, abs=1e-10 * np.abs(expected).max())


def test_sine_and_cosine_square_to_the_identity_where_they_commute() -> None:
    at = {n: 3, "X": SQUARE}
    squares = sum_over(n, lambda r: Sine(X, i, r) * Sine(X, r, k) + Cosine(X, i, r) * Cosine(X, r, k))
    assert abs(evaluate(squares, {**at, i: 0, k: 2})) < 1e-35
    assert abs(evaluate(squares - 1, {**at, i: 1, k: 1})) < 1e-35


def test_a_function_without_a_rule_says_so() -> None:
    with pytest.raises(TypeError, match="Cosine has no derivative rule"):
        sp.diff(Cosine(X, i, k), X[a, b])


def test_matrices_of_expressions_are_printed_with_their_entries() -> None:
    assert text(Determinant(matrix_of(n, lambda r, c: 2 * X[r, c]))) == "det([2*X[k, l]]_k,l)"
    assert latex(Inverse(matrix_of(n, lambda r, c: 2 * X[r, c]), i, k)).startswith(r"{{\left[2 X_{")
    assert text(Exponential(X, i, k)) == "exp(X)[i, k]"


def test_the_largest_takes_its_slope_from_where_it_stands() -> None:
    x = tensor("x", n)
    largest = max_over(n, lambda r: x[r] ** 2)
    slope = compile_expression(derivative(largest, x[a]), [x], {a: n})
    assert slope([1.0, -3.0, 2.0]).tolist() == [0.0, -6.0, 0.0]
    assert slope([2.0, -2.0]).tolist() == [4.0, 0.0]
    assert text(largest) == "max_k(x[k]**2)"
    assert text(derivative(largest, x[a])) == "2*δ[a, argmax_k(x[k]**2)]*x[a]"
    complex_value = compile_expression(largest, [x], {})(np.array([1.0, -3.0 + 1e-20j]))
    assert complex_value.imag == pytest.approx(-6e-20)


def test_the_largest_of_largest_keeps_both_indices() -> None:
    largest = max_over(n, lambda r: max_over(n, lambda s: X[r, s]))
    slope = compile_expression(derivative(largest, X[a, b]), [X], {a: n, b: n})
    assert slope([[1.0, 5.0], [7.0, 2.0]]).tolist() == [[0.0, 0.0], [1.0, 0.0]]
    assert text(largest) == "max_l(max_k(X[l, k]))"
