"""Gradients that are right: a function, a module with its parameters, a kink, and a gradient in NumPy."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from layers import Scorer, loss, loss_gradient, softmax

from gradcheck import assert_gradient_function, assert_gradients
from gradcheck.strategies import at_kinks, tensors


def test_softmax() -> None:
    assert_gradients(softmax, torch.tensor([[0.5, -1.0, 2.0], [1.5, 0.0, -0.5]], dtype=torch.float64))


def test_scorer() -> None:
    torch.manual_seed(0)
    assert_gradients(Scorer(), torch.tensor([[0.5, -1.0, 2.0]], dtype=torch.float64))


@settings(deadline=None, derandomize=True)
@given(tensors((2, 3), elements=at_kinks()))
def test_relu_at_its_kink(x: torch.Tensor) -> None:
    assert_gradients(torch.relu, x)


def test_loss() -> None:
    assert_gradient_function(loss, loss_gradient, np.array([0.5, -1.0, 2.0]))
