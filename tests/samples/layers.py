"""Two layers with gradients written by hand: softmax, whose backward is right, and swish, whose backward is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray


class Softmax(torch.autograd.Function):
    """Probabilities from scores, along the last axis."""

    @staticmethod
    def forward(ctx: Any, z: torch.Tensor) -> torch.Tensor:
        y = torch.softmax(z, -1)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = ctx.saved_tensors[0]
        return y * (g - (g * y).sum(-1, keepdim=True))


class Swish(torch.autograd.Function):
    """x times its sigmoid; the backward forgets that the sigmoid depends on x too."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> torch.Tensor:
        x: torch.Tensor = ctx.saved_tensors[0]
        return g * torch.sigmoid(x)


softmax: Callable[[torch.Tensor], torch.Tensor] = Softmax.apply
swish: Callable[[torch.Tensor], torch.Tensor] = Swish.apply


class Scorer(torch.nn.Module):
    """A linear map and a softmax."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(3, 2, dtype=torch.float64)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return softmax(self.linear(x))


def loss(w: NDArray[np.float64]) -> float:
    """Half the sum of squares."""
    return float(np.sum(w**2) / 2)


def loss_gradient(w: NDArray[np.float64]) -> NDArray[np.float64]:
    """The gradient of the loss."""
    return w
