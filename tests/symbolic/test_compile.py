"""Compiled code: layout, dtypes, stability at the edges, sharing of equal parts, and clear refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy as sp
import torch

from gradcheck.symbolic.compile import compile_expression
from gradcheck.symbolic.differentiate import derivative
from gradcheck.symbolic.functions import huber, relu, sigmoid, softplus
from gradcheck.symbolic.tensors import delta, dimension, index, logsumexp, sum_over, tensor
from tests.symbolic.cases import softmax

m, n = dimension("m n")
i, j = index("i j")
z, X = tensor("z", n), tensor("X", m, n)
JACOBIAN = derivative(softmax(i), z[j])


def reference_jacobian(logits: Any) -> Any:
    shifted = np.exp(logits - np.max(logits))
    s = shifted / shifted.sum()
    return np.diag(s) - np.outer(s, s)


@pytest.mark.parametrize("logits", [[800.0, -800.0, 0.0], [1e4, 9999.0, -1e4], [-1e4, -1e4, -1e4]])
@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_softmax_jacobian_is_right_at_huge_logits(logits: list[float], backend: Any) -> None:
    argument = torch.tensor(logits, dtype=torch.float64) if backend == "torch" else np.array(logits)
    found = np.asarray(compile_expression(JACOBIAN, [z], {i: n, j: n}, backend)(argument))
    np.testing.assert_allclose(found, reference_jacobian(np.array(logits)), rtol=1e-14, atol=1e-16)


def test_output_axes_follow_the_order_asked_for() -> None:
    x = np.arange(6.0).reshape(2, 3)
    straight = compile_expression(X[i, j] * 2, [X], {i: m, j: n})(x)
    transposed = compile_expression(X[i, j] * 2, [X], {j: n, i: m})(x)
    np.testing.assert_array_equal(straight, 2 * x)
    np.testing.assert_array_equal(transposed, 2 * x.T)


def test_axes_that_the_expression_lacks_are_broadcast() -> None:
    found = compile_expression(z[i] ** 2, [z, X], {j: m, i: n})(np.array([1.0, 2.0]), np.zeros((3, 2)))
    np.testing.assert_array_equal(found, [[1.0, 4.0]] * 3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_results_take_the_dtype_of_the_inputs(dtype: Any) -> None:
    logits = np.array([0.5, 1.0, -1.0], dtype)
    assert compile_expression(JACOBIAN, [z], {i: n, j: n})(logits).dtype == dtype
    tensor_result = compile_expression(JACOBIAN, [z], {i: n, j: n}, "torch")(torch.from_numpy(logits))
    assert tensor_result.dtype == torch.from_numpy(logits).dtype


def test_equal_parts_are_computed_once_whatever_their_index() -> None:
    compiled: Any = compile_expression(JACOBIAN, [z], {i: n, j: n})
    assert compiled.source.count("= exp(") == 1


def test_a_delta_of_the_output_axes_fills_no_identity_matrix() -> None:
    compiled: Any = compile_expression(JACOBIAN, [z], {i: n, j: n})
    assert "identity" not in compiled.source


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_a_delta_of_axes_of_different_sizes_is_no_square_matrix(backend: Any) -> None:
    rectangle = compile_expression(delta(i, j), [X], {i: m, j: n}, backend)
    argument = torch.zeros(3, 2) if backend == "torch" else np.zeros((3, 2))
    assert rectangle(argument).tolist() == [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_a_constant_takes_the_dtype_of_the_inputs(backend: Any) -> None:
    argument = torch.zeros(3, dtype=torch.float32) if backend == "torch" else np.zeros(3, dtype=np.float32)
    for constant in (sp.Integer(2), n, sum_over(n, lambda k: sp.Rational(1, 3))):
        found = compile_expression(constant, [z], {}, backend)(argument)
        assert (found.dtype, tuple(found.shape)) == (argument.dtype, ())


def test_adding_to_the_diagonal_leaves_the_input_alone() -> None:
    x = np.ones((2, 2))
    found = compile_expression(X[i, j] + delta(i, j), [X], {i: n, j: n})
    square = tensor("X", n, n)
    found = compile_expression(square[i, j] + delta(i, j), [square], {i: n, j: n})
    np.testing.assert_array_equal(found(x), [[2.0, 1.0], [1.0, 2.0]])
    np.testing.assert_array_equal(x, np.ones((2, 2)))


@pytest.mark.parametrize("function", [sigmoid, softplus, relu])
@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_functions_and_slopes_stay_finite_far_out(function: Any, backend: Any) -> None:
    far = [-1e4, -800.0, 0.0, 800.0, 1e4]
    argument = torch.tensor(far, dtype=torch.float64) if backend == "torch" else np.array(far)
    for expression in (function(z[i]), derivative(function(z[i]), z[i])):
        assert np.isfinite(np.asarray(compile_expression(expression, [z], {i: n}, backend)(argument))).all()


@pytest.mark.parametrize("kernel", [sigmoid, softplus, relu])
def test_a_nan_is_not_hidden(kernel: Any) -> None:
    assert np.isnan(compile_expression(kernel(z[i]), [z], {i: n})(np.array([np.nan]))).all()


def test_numpy_code_carries_a_complex_step() -> None:
    x, h = np.array([0.3, -1.2, 2.5]), 1e-200
    expression = logsumexp(n, lambda k: sigmoid(z[k]) * softplus(z[k]) + huber(z[k], 1) + relu(z[k]))
    definition = compile_expression(expression, [z], {})
    gradient = compile_expression(derivative(expression, z[j]), [z], {j: n})(x)
    for entry in range(3):
        step = np.zeros(3, complex)
        step[entry] = 1j * h
        assert definition(x + step).imag / h == pytest.approx(gradient[entry], rel=1e-13)


def test_an_unknown_backend_is_refused_with_the_known_ones() -> None:
    backend: Any = "jax"
    with pytest.raises(ValueError, match="numpy, torch, got 'jax'"):
        compile_expression(z[i], [z], {i: n}, backend)


def test_a_size_no_argument_has_is_refused() -> None:
    with pytest.raises(ValueError, match="size m"):
        compile_expression(sum_over(m, lambda k: z[k]), [z], {})


def test_a_node_without_array_code_is_named() -> None:
    import sympy as sp

    with pytest.raises(TypeError, match="gamma"):
        compile_expression(sp.gamma(z[i]), [z], {i: n})
