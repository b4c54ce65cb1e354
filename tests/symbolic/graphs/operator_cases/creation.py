"""Tensors of given entries."""

from __future__ import annotations

import torch

from tests.symbolic.graphs.operator_cases.case import Case, real

aten = torch.ops.aten


def filled(x: torch.Tensor) -> torch.Tensor:
    """An empty tensor that is written to before it is read."""
    y = torch.empty_like(x)
    y[:2] = x[:2] * 2
    y[2:] = x[2:] * 3
    return y


def written(y: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """An empty tensor that is written to as a whole."""
    return y.copy_(x)


CASES = {
    "full": Case(lambda x: x * torch.full((x.shape[1],), 2.5, dtype=x.dtype), real((2, 3))),
    "full_like": Case(lambda x: x * torch.full_like(x, 3), real((2, 3))),
    "new_full": Case(lambda x: torch.cat([x, x.new_full((2,), 0.5)]), real((3,))),
    "zeros": Case(lambda x: torch.cat([x, torch.zeros(x.shape, dtype=x.dtype)]), real((3,))),
    "ones": Case(lambda x: x / torch.ones(3, dtype=x.dtype), real((2, 3))),
    "zeros_like": Case(lambda x: torch.stack([x, torch.zeros_like(x)]), real((3,))),
    "ones_like": Case(lambda x: x - torch.ones_like(x), real((3,))),
    "new_zeros": Case(lambda x: x + x.new_zeros((2, 1)), real((3,))),
    "new_ones": Case(lambda x: x + x.new_ones((2, 1)), real((3,))),
    "scalar_tensor": Case(lambda x: x * torch.scalar_tensor(1.5, dtype=x.dtype), real((3,))),
    "empty.memory_format": Case(lambda x: written(torch.empty(3, dtype=x.dtype), x), real((3,))),
    "empty_like": Case(filled, real((4, 3))),
    "new_empty": Case(lambda x: written(x.new_empty((2, 3)), x), real((3,))),
    "arange": Case(lambda x: x * aten.arange(x.shape[0]), real((3,))),
    "arange.start": Case(lambda x: x * aten.arange.start(1, 1 + x.shape[0]), real((3,))),
    "arange.start_step": Case(lambda x: x * torch.arange(1, 7, 2, dtype=x.dtype), real((2, 3))),
    "linspace": Case(lambda x: x * torch.linspace(-1, 1, x.shape[0], dtype=x.dtype), real((4,))),
    "eye": Case(lambda x: x + torch.eye(x.shape[0], dtype=x.dtype), real((3, 3))),
    "eye.m": Case(lambda x: x * torch.eye(2, 3, dtype=x.dtype), real((2, 3))),
}
