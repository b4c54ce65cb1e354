"""Each function that tracing knows, held against torch's autograd and central differences, also where it is hard."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp
import torch
from torch.nn import functional

from gradcheck.symbolic.gradient_function import get_gradient_function

MATRIX = np.random.default_rng(1).normal(size=(3, 4))
SQUARE = np.random.default_rng(2).normal(size=(3, 3))
"""No entry is special: a square matrix is no transpose of itself."""


def points(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape)


def central_difference(f: Callable[..., Any], x: Any, step: float = 1e-6) -> Any:
    """The Jacobian, output axes then input axes; error about 1e-9 for functions of order one."""
    x = np.asarray(x, dtype=float)
    columns = []
    for place in np.ndindex(*x.shape):
        shift = np.zeros_like(x)
        shift[place] = step
        columns.append((np.asarray(f(x + shift)) - np.asarray(f(x - shift))) / (2 * step))
    return np.stack(columns, -1).reshape(columns[0].shape + x.shape)


def autograd(f: Callable[..., Any], *inputs: Any) -> tuple[Any, ...]:
    tensors = [torch.as_tensor(each, dtype=torch.float64).requires_grad_() for each in inputs]
    return torch.autograd.grad(f(*tensors), tensors)


SCALAR_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "x**3": lambda x: x**3,
    "sin(x)*exp(-x)": lambda x: torch.sin(x) * torch.exp(-x),
    "x**0.5": lambda x: x**0.5,
    "2**x": lambda x: 2**x,
    "tanh(x)/x": lambda x: torch.tanh(x) / x,
    "log1p(x)": torch.log1p,
    "expm1(x)": torch.expm1,
    "log2, log10": lambda x: torch.log2(x) * torch.log10(x),
    "gelu": functional.gelu,
    "gelu, tanh": lambda x: functional.gelu(x, approximate="tanh"),
    "silu": functional.silu,
    "elu": functional.elu,
    "selu": functional.selu,
    "mish": functional.mish,
    "softplus, beta": lambda x: functional.softplus(x, beta=2),
    "logsigmoid": functional.logsigmoid,
    "leaky_relu": lambda x: functional.leaky_relu(-x, 0.1),
    "erf": torch.erf,
    "atan2": lambda x: torch.atan2(x, x**2),
    "clamp": lambda x: torch.clamp(3 * x, min=0.5, max=2.0),
    "where": lambda x: torch.where(x > 0.4, x**2, torch.log(x)),
    "floor": lambda x: x * torch.floor(3 * x),
    "remainder": lambda x: x**2 % 0.3,
    "asinh": lambda x: torch.asinh(x) + torch.atan(x) + torch.cosh(x),
    "hypot": lambda x: torch.hypot(x, 2 * x),
    "logaddexp": lambda x: torch.logaddexp(x, x**2),
    "rsqrt": lambda x: torch.rsqrt(x) + torch.reciprocal(x) + torch.square(x),
}


@pytest.mark.parametrize("name", SCALAR_FUNCTIONS)
@pytest.mark.parametrize("x", [0.3, 0.71, 1.9])
def test_a_scalar_torch_function_agrees_with_autograd(name: str, x: float) -> None:
    f = SCALAR_FUNCTIONS[name]
    (expected,) = autograd(f, x)
    assert get_gradient_function(f)(x) == pytest.approx(expected.item(), rel=1e-12, abs=1e-14)


ARRAY_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "sum of squares": lambda x: (x**2).sum(),
    "mean of rows": lambda x: (x.mean(1) ** 3).sum(),
    "softmax": lambda x: (torch.softmax(x, 1) ** 2).sum(),
    "log_softmax": lambda x: (functional.log_softmax(x, dim=-1) * torch.arange(4)).sum(),
    "logsumexp": lambda x: torch.logsumexp(x, dim=0).sum(),
    "std": lambda x: torch.std(x, dim=1).sum() + torch.var(x, unbiased=False),
    "norm": lambda x: torch.norm(x) + torch.linalg.norm(x, dim=1).sum() + torch.norm(x, p=1),
    "prod": lambda x: torch.prod(x, 1).sum(),
    "amax": lambda x: torch.amax(x, 1).sum() - torch.min(x),
    "matmul": lambda x: (x @ x.T).sum() + (torch.as_tensor(MATRIX) @ x.T).sum(),
    "einsum": lambda x: torch.einsum("ij,ik->jk", x, x**2).sum(),
    "linear": lambda x: torch.tanh(functional.linear(x, torch.as_tensor(MATRIX), torch.arange(3.0).double())).sum(),
    "indexing": lambda x: x[0, 1] * x[1].sum() + (x[:, 2:] ** 2).sum(),
    "reshaping": lambda x: (x.reshape(4, 2)[1] * x.flatten()[:2] * torch.transpose(x, 0, 1)[3]).sum(),
    "stack": lambda x: torch.stack([x[0] * x[1], x[0] ** 2]).sum(0).prod(),
    "cat": lambda x: (torch.cat([x, 2 * x], dim=1) ** 2).mean(),
    "unsqueeze": lambda x: ((x.unsqueeze(0) - x.unsqueeze(1)) ** 2).sum(),
    "size": lambda x: x.sum() / x.size(0) + (x**2).sum() / x.numel(),
    "cumsum": lambda x: (torch.cumsum(x, 1) ** 2).sum(),
    "constant": lambda x: torch.ones_like(x).sum() + 0 * x.sum(),
}


@pytest.mark.parametrize("name", ARRAY_FUNCTIONS)
def test_an_array_torch_function_agrees_with_autograd(name: str) -> None:
    f = ARRAY_FUNCTIONS[name]
    x = torch.as_tensor(points(2, 4))
    (expected,) = autograd(f, x)
    result = get_gradient_function(f)(x)
    assert result.shape == (2, 4)
    torch.testing.assert_close(result, expected, rtol=1e-11, atol=1e-12)


NUMPY_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "quadratic form": lambda x: x @ SQUARE @ x,
    "norms": lambda x: np.linalg.norm(x) + np.linalg.norm(x, 1) + np.linalg.norm(SQUARE * x, axis=0).sum(),
    "std": lambda x: np.std(x) + np.var(x) + np.var(x, ddof=1),
    "Jacobian": lambda x: MATRIX.T @ x,
    "outer": lambda x: np.outer(x, x**2),
    "dot": lambda x: np.dot(MATRIX.T, x) * np.inner(x, x),
    "add.reduce": lambda x: np.add.reduce(x**2) + np.multiply.reduce(x),
    "array of entries": lambda x: np.array([x[0] * x[1], math.sin(x[2])]),
    "concatenate": lambda x: np.concatenate([x, [1.0], x[::-1] ** 2]),
    "where": lambda x: np.where(x > 0, x**2, np.exp(x)).sum(),
    "condition as a number": lambda x: (x**3 * (x > 0)).sum(),
    "clip": lambda x: np.clip(x, -0.1, 0.2).sum() + np.maximum(x, 0.1).sum(),
    "loop": lambda x: sum(math.exp(v) * k for k, v in enumerate(x)),
    "max": lambda x: max(x[0], x[1], 0.05) + min(x) + np.max(x),
    "trace": lambda x: np.trace(np.outer(x, x) @ SQUARE),
    "tensordot": lambda x: np.tensordot(SQUARE, x, 1),
    "diagonal": lambda x: np.diag(x) @ SQUARE,
    "broadcasting": lambda x: x[:, None] - x[None, :] ** 2,
    "roll": lambda x: (x * np.roll(x, 1)).sum(),
}


@pytest.mark.parametrize("name", NUMPY_FUNCTIONS)
def test_a_numpy_function_agrees_with_central_differences(name: str) -> None:
    f = NUMPY_FUNCTIONS[name]
    x = points(3, seed=7)
    expected = central_difference(f, x)
    result = get_gradient_function(f)(x)
    assert result.dtype == np.float64
    assert result.shape == expected.shape
    np.testing.assert_allclose(result, expected, rtol=1e-6, atol=1e-7)


KINKS: dict[str, Callable[[Any], Any]] = {
    "relu": torch.relu,
    "abs": torch.abs,
    "maximum": lambda x: torch.maximum(x, torch.zeros_like(x)),
    "minimum of a slope": lambda x: torch.minimum(3 * x, torch.zeros_like(x)),
    "clamp": lambda x: torch.clamp(x, min=0.0),
    "relu6": functional.relu6,
    "leaky_relu": functional.leaky_relu,
    "hardtanh": lambda x: functional.hardtanh(x, 0.0, 1.0),
    "elu": functional.elu,
    "sign": lambda x: x * torch.sign(x),
    "where": lambda x: torch.where(x > 0, x, 2 * x),
    "norm": lambda x: torch.norm(torch.stack([x, 2 * x])),
}


@pytest.mark.parametrize("name", KINKS)
def test_at_a_kink_the_slope_is_torchs(name: str) -> None:
    (expected,) = autograd(KINKS[name], 0.0)
    gradient = get_gradient_function(KINKS[name])
    assert gradient(0.0) == expected.item()
    assert not {"Heaviside", "DiracDelta"} & {
        type(part).__name__ for part in sp.preorder_traversal(gradient.expression)
    }


def test_entries_that_tie_for_the_maximum_share_its_slope() -> None:
    np.testing.assert_array_equal(get_gradient_function(np.max)(np.array([1.0, 3.0, 3.0])), [0.0, 0.5, 0.5])


EXTREME: dict[str, tuple[Callable[[Any], Any], tuple[float, float]]] = {
    "sigmoid": (torch.sigmoid, (0.0, 0.0)),
    "softplus": (functional.softplus, (0.0, 1.0)),
    "logsigmoid": (functional.logsigmoid, (1.0, 0.0)),
    "tanh": (torch.tanh, (0.0, 0.0)),
    "silu": (functional.silu, (0.0, 1.0)),
    "gelu": (functional.gelu, (0.0, 1.0)),
    "logaddexp": (lambda x: np.logaddexp(0, x), (0.0, 1.0)),
}


@pytest.mark.parametrize("name", EXTREME)
def test_nothing_overflows_far_out(name: str) -> None:
    f, expected = EXTREME[name]
    np.testing.assert_array_equal(get_gradient_function(f)(np.array([-800.0, 800.0])), expected)


def test_softmax_and_logsumexp_do_not_overflow() -> None:
    x = torch.tensor([-800.0, 799.0, 800.0], dtype=torch.float64)
    for f in (
        lambda x: torch.softmax(x, 0)[2],
        lambda x: torch.logsumexp(x, 0) ** 2,
        lambda x: functional.log_softmax(x, 0)[0],
    ):
        torch.testing.assert_close(get_gradient_function(f)(x), autograd(f, x)[0], rtol=1e-12, atol=1e-15)


def test_a_branch_not_taken_does_not_spoil_the_gradient() -> None:
    gradient = get_gradient_function(lambda x: np.where(x > 0, np.sqrt(x), 0.0).sum())
    np.testing.assert_array_equal(gradient(np.array([-1.0, 0.0, 4.0])), [0.0, 0.0, 0.25])
