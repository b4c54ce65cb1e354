"""Functions with a backward pass of one's own, right or with a planted fault."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import torch

Tensor = torch.Tensor
Backward = Callable[..., Any]
"""From one grad_output for each output, then the inputs, to the gradient of the inputs: one, or a tuple of them."""


def planted(
    forward: Callable[..., Any], backward: Backward, jvp: Callable[..., Any] | None = None
) -> Callable[..., Any]:
    """An autograd.Function as a plain callable: `jvp` takes the inputs' tangents, then the inputs."""

    class Planted(torch.autograd.Function):
        @staticmethod
        def forward(*inputs: Any) -> Any:
            return forward(*inputs)

        @staticmethod
        def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
            ctx.save_for_backward(*inputs)
            ctx.save_for_forward(*inputs)

        @staticmethod
        def backward(ctx: Any, *cotangents: Any) -> Any:
            return backward(*cotangents, *ctx.saved_tensors)

    function: Any = Planted
    if jvp is not None:
        function.jvp = staticmethod(lambda ctx, *tangents: jvp(*tangents, *ctx.saved_tensors))

    @wraps(forward)
    def apply(*inputs: Any) -> Any:
        return function.apply(*inputs)

    return apply


def normal(*shape: int, seed: int = 0) -> Tensor:
    """Gaussian numbers in float64 from a generator of their own."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def uniform(*shape: int, seed: int = 0) -> Tensor:
    """Numbers between 0.5 and 1.5 in float64 from a generator of their own."""
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) + 0.5
