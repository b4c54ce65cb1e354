"""Compiled code keeps double precision: constants are folded exactly, and nothing large cancels."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
import torch

from gradcheck.symbolic.compile import compile_expression
from gradcheck.symbolic.differentiate import derivative
from gradcheck.symbolic.tensors import dimension, index, tensor

n = dimension("n")
i, j = index("i j")
x = tensor("x", n)
ROOT = sp.sqrt(2 / sp.pi)


def test_an_irrational_constant_keeps_double_precision_in_torch() -> None:
    scaled = compile_expression(ROOT * x[i], [x], {i: n}, "torch")
    point = torch.tensor([0.126, -0.64], dtype=torch.float64)
    assert scaled(point).dtype == torch.float64
    assert scaled(point).tolist() == pytest.approx([float(ROOT) * 0.126, float(ROOT) * -0.64], rel=1e-15)


def test_an_irrational_constant_leaves_the_dtype_of_the_inputs() -> None:
    scaled = compile_expression(ROOT * x[i], [x], {i: n})
    assert scaled(np.array([1.0, 2.0], dtype=np.float32)).dtype == np.float32


def test_a_diagonal_of_large_terms_that_cancel_is_exact() -> None:
    saturated = x[i] ** 3 * (1 - sp.tanh(x[i]) ** 2)
    jacobian = compile_expression(derivative(saturated, x[j]), [x], {i: n, j: n})
    assert jacobian(np.array([800.0, -800.0])).tolist() == [[0.0, 0.0], [0.0, 0.0]]
