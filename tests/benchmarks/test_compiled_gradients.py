"""The compiled gradients of ten formulas in daily use, beside NumPy written by hand. Aim: within 2 times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gradcheck import formula

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

Array = NDArray[np.float64]
SEED = np.random.default_rng(0)
ENTRIES, ROWS, COLUMNS = 500, 2000, 200
Z = SEED.normal(size=ENTRIES)
LONG, TARGETS = SEED.normal(size=100_000), SEED.uniform(size=100_000)
X, Y, W = SEED.normal(size=(ROWS, COLUMNS)), SEED.normal(size=ROWS), SEED.normal(size=COLUMNS)
A = SEED.normal(size=(ENTRIES, ENTRIES))


@dataclass(frozen=True)
class Gradient:
    """A formula's gradient by one variable, the same by hand, and the arguments of both."""

    name: str
    wrt: str
    by_hand: Callable[..., Any]
    arguments: tuple[Any, ...]


def softmax(z: Array) -> Array:
    exponentials = np.exp(z - z.max())
    return np.asarray(exponentials / exponentials.sum())


def sigmoid(z: Array) -> Array:
    """Of either sign without overflow."""
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + small), small / (1 + small))


GRADIENTS = (
    Gradient("relu", "x", lambda x: np.diag((x > 0).astype(float)), (Z,)),
    Gradient("sigmoid", "x", lambda x: np.diag(sigmoid(x) * (1 - sigmoid(x))), (Z,)),
    Gradient("tanh", "x", lambda x: np.diag(1 - np.tanh(x) ** 2), (Z,)),
    Gradient("softmax", "z", lambda z: np.diag(softmax(z)) - np.outer(softmax(z), softmax(z)), (Z,)),
    Gradient("log_softmax", "z", lambda z: np.eye(len(z)) - softmax(z), (Z,)),
    Gradient("logsumexp", "z", softmax, (LONG,)),
    Gradient("mse", "p", lambda p, y: 2 * (p - y) / len(p), (LONG, TARGETS)),
    Gradient("binary_cross_entropy_with_logits", "z", lambda z, y: (sigmoid(z) - y) / len(z), (LONG, TARGETS)),
    Gradient("linear_regression", "w", lambda x, w, b, y: 2 * x.T @ (x @ w + b - y) / len(y), (X, W, 0.5, Y)),
    Gradient("quadratic_form", "x", lambda x, a: a @ x + a.T @ x, (Z, A)),
)
CASES = [
    pytest.param(gradient, function, id=f"{gradient.name}-{how}", marks=pytest.mark.benchmark(group=gradient.name))
    for gradient in GRADIENTS
    for how, function in (
        ("by hand", gradient.by_hand),
        ("compiled", formula(gradient.name).compile("numpy", gradient.wrt)),
    )
]


@pytest.mark.parametrize(("gradient", "function"), CASES)
def test_gradient(benchmark: BenchmarkFixture, gradient: Gradient, function: Callable[..., Any]) -> None:
    expected = gradient.by_hand(*gradient.arguments)
    np.testing.assert_allclose(benchmark(function, *gradient.arguments), expected, rtol=1e-9, atol=1e-12)
