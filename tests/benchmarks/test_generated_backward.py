"""Generated backward passes of ten functions in daily use, beside autograd's own. Aim: within 1.5 times."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
import torch

from gradcheck.checking.generated_backward import generate_backward

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

GENERATOR = torch.Generator().manual_seed(0)
SMALL = 5
"""The example that the code is generated from has at most so many entries along an axis."""


def normal(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=GENERATOR, dtype=torch.float64)


def layer_norm(x: torch.Tensor, g: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    centred = x - x.mean(-1, keepdim=True)
    return g * centred / torch.sqrt((centred**2).mean(-1, keepdim=True) + 1e-5) + b


def attention(Q: torch.Tensor, K: torch.Tensor, V: torch.Tensor) -> torch.Tensor:
    return torch.softmax(Q @ K.T / K.shape[1] ** 0.5, -1) @ V


def network(X: torch.Tensor, W: torch.Tensor, b: torch.Tensor, V: torch.Tensor) -> torch.Tensor:
    return torch.relu(X @ W + b) @ V


FUNCTIONS: dict[str, tuple[Callable[..., torch.Tensor], tuple[torch.Tensor, ...]]] = {
    "mean squared error": (lambda p, y: ((p - y) ** 2).mean(), (normal(500_000), normal(500_000))),
    "linear regression": (
        lambda X, w, y: ((X @ w - y) ** 2).mean(),
        (normal(2000, 300), normal(300), normal(2000)),
    ),
    "softmax": (lambda z: torch.softmax(z, -1), (normal(1000, 300),)),
    "cross-entropy": (
        lambda z, t: -(t * torch.log_softmax(z, 1)).sum() / z.shape[0],
        (normal(1000, 300), normal(1000, 300)),
    ),
    "logistic loss": (
        lambda z, y: (torch.nn.functional.softplus(z) - y * z).mean(),
        (normal(300_000), normal(300_000)),
    ),
    "linear layer": (lambda x, W, b: x @ W.T + b, (normal(500, 300), normal(200, 300), normal(200))),
    "layer norm": (layer_norm, (normal(1000, 300), normal(300), normal(300))),
    "attention": (attention, (normal(400, 64), normal(400, 64), normal(400, 64))),
    "SiLU": (lambda x: x * torch.sigmoid(x), (normal(300_000),)),
    "two-layer network": (network, (normal(500, 200), normal(200, 300), normal(300), normal(300, 50))),
}


def generated(name: str) -> Callable[..., torch.Tensor]:
    """The function with its generated backward pass, made from a small example."""
    function, values = FUNCTIONS[name]
    small = [value[tuple(slice(SMALL) for _ in value.shape)] for value in values]
    found: dict[str, Any] = {}
    exec(generate_backward(function, *small).source, found)
    made: type[torch.autograd.Function] = next(each for key, each in found.items() if key.endswith("Function"))
    return made.apply


CASES = [
    pytest.param(name, how, id=f"{name}-{how}", marks=pytest.mark.benchmark(group=name))
    for name in FUNCTIONS
    for how in ("autograd", "generated")
]


@pytest.mark.parametrize(("name", "how"), CASES)
def test_forward_and_backward_pass(benchmark: BenchmarkFixture, name: str, how: str) -> None:
    function, values = FUNCTIONS[name]
    applied = function if how == "autograd" else generated(name)
    leaves = [value.clone().requires_grad_() for value in values]
    weight = torch.ones_like(function(*values))
    found = benchmark(lambda: torch.autograd.grad(applied(*leaves), leaves, weight))
    expected = torch.autograd.grad(function(*leaves), leaves, weight)
    for mine, own in zip(found, expected, strict=True):
        torch.testing.assert_close(mine, own, rtol=1e-10, atol=1e-10)
