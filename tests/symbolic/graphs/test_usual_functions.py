"""A two-layer network, an attention head and a layer norm: traced once, right to 1e-12 at three sizes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from gradcheck.symbolic.backward.gradients import gradients_of
from gradcheck.symbolic.derivations.traced_derivation import derive_traced
from gradcheck.symbolic.graphs.trace import trace

Shapes = tuple[tuple[int, ...], ...]


def network(X: torch.Tensor, W: torch.Tensor, b: torch.Tensor, V: torch.Tensor) -> torch.Tensor:
    return torch.relu(X @ W + b) @ V


def attention_head(x: torch.Tensor, Q: torch.Tensor, K: torch.Tensor, V: torch.Tensor) -> torch.Tensor:
    scores = (x @ Q) @ (x @ K).T / K.shape[1] ** 0.5
    return torch.softmax(scores, -1) @ (x @ V)


def layer_norm(x: torch.Tensor, g: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.layer_norm(x, x.shape[-1:], g, b)


FUNCTIONS: dict[str, tuple[Callable[..., torch.Tensor], tuple[Shapes, Shapes, Shapes]]] = {
    "two-layer network": (
        network,
        (((3, 4), (4, 5), (5,), (5, 2)), ((2, 3), (3, 4), (4,), (4, 6)), ((7, 2), (2, 9), (9,), (9, 3))),
    ),
    "attention head": (
        attention_head,
        (((3, 4), (4, 5), (4, 5), (4, 2)), ((5, 2), (2, 3), (2, 3), (2, 4)), ((6, 7), (7, 2), (7, 2), (7, 3))),
    ),
    "layer norm": (layer_norm, (((3, 4), (4,), (4,)), ((2, 5), (5,), (5,)), ((6, 3), (3,), (3,)))),
}
"""A function, the sizes of the example that it is traced with, and two others."""


def drawn(shapes: Shapes) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_agree_with_autograd_at_three_sizes(name: str) -> None:
    function, (example, *others) = FUNCTIONS[name]
    traced = trace(function, *drawn(example))
    gradients = gradients_of(traced)
    for shapes in (example, *others):
        leaves = [value.requires_grad_() for value in drawn(shapes)]
        output = function(*leaves)
        weight = torch.randn(output.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
        expected = torch.autograd.grad(output, leaves, weight)
        found = gradients([leaf.detach() for leaf in leaves], [weight])
        for argument, own in zip(traced.call.arguments, expected, strict=True):
            torch.testing.assert_close(found[argument.name], own, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivations_hold(name: str) -> None:
    function, (example, *_) = FUNCTIONS[name]
    traced = trace(function, *drawn(example))
    assert derive_traced(function, drawn(example), traced.program.wrt[1]).ok
