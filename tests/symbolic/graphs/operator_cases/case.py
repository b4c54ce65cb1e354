"""A torch function that uses one operator, and an example to trace it with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True)
class Case:
    """`function` of tensors drawn by `draw`, which takes a generator; sizes differ, so that no transpose can hide.

    `tolerance` is how far autograd's own slopes are off, where torch has them in less than double precision.
    """

    function: Callable[..., Any]
    draw: Callable[[torch.Generator], tuple[torch.Tensor, ...]]
    tolerance: float = 1e-9


def real(*shapes: tuple[int, ...]) -> Callable[[torch.Generator], tuple[torch.Tensor, ...]]:
    """Normal numbers of both signs."""
    return lambda generator: tuple(torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes)


def between(low: float, high: float, *shapes: tuple[int, ...]) -> Callable[[torch.Generator], tuple[torch.Tensor, ...]]:
    """Uniform numbers."""
    return lambda generator: tuple(
        low + (high - low) * torch.rand(shape, generator=generator, dtype=torch.float64) for shape in shapes
    )


def all_of(names: Sequence[str], low: float, high: float) -> dict[str, Case]:
    """One case for several of torch's functions of one tensor, on numbers of an interval."""
    functions = [getattr(torch, name) for name in names]
    return dict.fromkeys(names, Case(lambda x: tuple(f(x) for f in functions), between(low, high, (2, 3))))


def places(*sizes: int) -> Callable[[torch.Generator], tuple[torch.Tensor, ...]]:
    """Whole numbers from 0 to below the first size, in a tensor of the other sizes."""
    below, *shape = sizes
    return lambda generator: (torch.randint(0, below, tuple(shape), generator=generator),)


def together(*draws: Callable[[torch.Generator], tuple[torch.Tensor, ...]]) -> Callable[..., tuple[torch.Tensor, ...]]:
    """The tensors of several draws."""
    return lambda generator: tuple(tensor for draw in draws for tensor in draw(generator))
