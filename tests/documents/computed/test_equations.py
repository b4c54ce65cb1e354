"""The equations of traced functions: as a textbook has them, and held against autograd where they were made here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from gradcheck.documents.computed.equations import arguments, backward_form, formula_lines, gradient_lines
from gradcheck.documents.computed.readable import Readable
from gradcheck.errors import UsageError
from gradcheck.symbolic.graphs.trace import trace


def drawn(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)), dtype=torch.float64)


def squared_loss(y_hat: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return (y_hat - y.reshape(y_hat.shape)) ** 2 / 2


def picked(y_hat: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return -torch.log(y_hat[range(len(y_hat)), y]).sum()


def residual(X: torch.Tensor, w: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return ((X @ w - y) ** 2).mean()


def layer(X: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return torch.tanh(X @ w + b)


def network(x: torch.Tensor, first: torch.Tensor, second: torch.Tensor, third: torch.Tensor) -> torch.Tensor:
    return torch.relu(torch.relu(x @ first.T) @ second.T) @ torch.softmax(second @ third.T, dim=-1)


def deep(x: torch.Tensor) -> torch.Tensor:
    for _ in range(9):
        x = torch.sigmoid(x @ x) + x.T
    return x


def found(function: Callable[..., Any], *example: torch.Tensor) -> Readable:
    return Readable(trace(function, *example))


@pytest.mark.parametrize(
    ("function", "example", "formula", "gradients"),
    [
        (
            squared_loss,
            (drawn(5, 1), drawn(5)),
            ["f = (y_hat - y)^⊙2 / 2"],
            ["∂f[i]/∂y_hat[i] = y_hat[i] - y[i]", "∂f[i]/∂y[i] = y[i] - y_hat[i]"],
        ),
        (
            picked,
            (drawn(4, 3).abs(), torch.tensor([0, 2, 1, 1])),
            ["f = -Σ_k log(y_hat[k, y[k]])"],
            ["∂f/∂y_hat[a, b] = -δ[b, y[a]]/y_hat[a, y[a]]"],
        ),
        (
            residual,
            (drawn(5, 3), drawn(3), drawn(5)),
            ["f = ‖Xw - y‖² / m"],
            ["∂f/∂X = 2 (Xw - y) wᵀ / m", "∂f/∂w = 2 Xᵀ(Xw - y) / m", "∂f/∂y = 2 (y - Xw) / m"],
        ),
    ],
)
def test_a_function_reads_like_a_textbook(
    function: Callable[..., Any], example: tuple[torch.Tensor, ...], formula: list[str], gradients: list[str]
) -> None:
    read = found(function, *example)
    assert [each.text for each in formula_lines(read)] == formula
    assert [each.text for each in gradient_lines(read)] == gradients


def test_tensors_that_only_count_are_no_arguments() -> None:
    read = found(picked, drawn(4, 3).abs(), torch.tensor([0, 2, 1, 1]))
    assert arguments(read) == ("y_hat: 4 × n", "y: 4, whole numbers")


def test_a_long_formula_is_written_by_its_intermediates_and_a_longer_one_not_at_all() -> None:
    lines = [each.text for each in formula_lines(found(network, drawn(5, 3), drawn(4, 3), drawn(6, 4), drawn(2, 4)))]
    assert lines == [
        "h1 = x firstᵀ",
        "h2 = relu(h1)",
        "h3 = h2 secondᵀ",
        "h4 = relu(h3)",
        "h5 = second thirdᵀ",
        "h6 = softmax(h5)",
        "f = h4 h6",
    ]
    with pytest.raises(UsageError, match="too many to read"):
        formula_lines(found(deep, drawn(3, 3)))


@pytest.mark.parametrize(
    ("function", "example", "by"),
    [
        (layer, (drawn(5, 3), drawn(3, 4), drawn(4)), ("X", "w", "b")),
        (layer, (drawn(5, 3), drawn(3, 1), drawn(1)), ("X", "w", "b")),
        (lambda X: torch.softmax(X, dim=-1), (drawn(3, 4),), ("X",)),
    ],
)
def test_what_a_backward_pass_makes_is_autograds(
    function: Callable[..., Any], example: tuple[torch.Tensor, ...], by: tuple[str, ...]
) -> None:
    read = found(function, *example)
    leaves = [value.clone().requires_grad_() for value in example]
    result = function(*leaves)
    upstream = drawn(*result.shape).flip(0)
    expected = torch.autograd.grad(result, leaves, upstream)
    values = {name: value.numpy().reshape(len(value), -1) for name, value in zip(by, example, strict=True)}
    sizes = {"m": 5, "n": 3, "p": 4} if len(by) == 3 else {"m": 3, "n": 4}
    for name, gradient in zip(by, expected, strict=True):
        form = backward_form(read.as_column, name, "G")
        assert form is not None
        value = form.value({**values, **sizes, "G": upstream.numpy()})
        np.testing.assert_allclose(value, gradient.numpy().reshape(value.shape), rtol=1e-9)
        assert value.size == gradient.numel()
