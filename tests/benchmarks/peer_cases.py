"""Functions with right and with planted wrong gradients, small enough for every tool where that is possible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

DOUBLE = torch.float64
Function = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Case:
    """A function at a point, and whether its gradient is right."""

    name: str
    fn: Function
    x: torch.Tensor
    correct: bool

    def point(self) -> torch.Tensor:
        """A fresh copy of the point that requires grad."""
        return self.x.clone().requires_grad_()


def _with(backward: Callable[[torch.Tensor], torch.Tensor]) -> Function:
    """The identity with `backward` applied to what flows back."""

    def planted(x: torch.Tensor) -> torch.Tensor:
        copy = x.clone()
        if copy.requires_grad:
            copy.register_hook(lambda g: None if g is None else backward(g))  # torch's gradcheck passes undefined ones
        return copy

    return planted


def _backward_of(forward: Function, backward: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> Function:
    """A function whose gradient is `backward(x, g)`."""
    saved: list[torch.Tensor] = []

    class Planted(torch.autograd.Function):
        @staticmethod
        def forward(ctx: object, x: torch.Tensor) -> torch.Tensor:
            saved[:] = [x.detach().clone()]
            return forward(x)

        @staticmethod
        def backward(ctx: object, *g: torch.Tensor) -> torch.Tensor:
            return backward(saved[-1], g[0])

    apply: Function = vars(torch.autograd.Function)["apply"].__get__(None, Planted)
    return apply


def _softmax(x: torch.Tensor) -> torch.Tensor:
    return torch.softmax(x, -1)


def _one_entry(g: torch.Tensor) -> torch.Tensor:
    changed = g.clone()
    changed[500] += 1e-8
    return changed


def _one_sign(g: torch.Tensor) -> torch.Tensor:
    changed = g.clone()
    changed[7] *= -1
    return changed


def _normal(*shape: int) -> torch.Tensor:
    return torch.randn(shape, dtype=DOUBLE, generator=torch.Generator().manual_seed(1))


def _at(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=DOUBLE)


ZERO, FLIPPED, OFF, ENTRY, SIGN = (
    _with(backward) for backward in (lambda g: 0 * g, lambda g: -g, lambda g: 1.0005 * g, _one_entry, _one_sign)
)

CASES = (
    Case("1 softmax n=100, zero gradient", lambda x: _softmax(ZERO(x)), _normal(100), False),
    Case("3 softmax n=100, one column's sign", lambda x: _softmax(SIGN(x)), _normal(100), False),
    Case("4 softmax n=1000, one entry off by 1e-8", lambda x: _softmax(ENTRY(x)), _normal(1000), False),
    Case("5 mean square n=1e4, flipped", lambda x: FLIPPED(x).square().mean(), _normal(10_000), False),
    Case("6 sin n=1e5, zero gradient", lambda x: ZERO(x).sin(), _normal(100_000), False),
    Case("7 1e-6 sum of squares, flipped", lambda x: 1e-6 * FLIPPED(x).square().sum(), _normal(20), False),
    Case("8 relative error 5e-4", lambda x: OFF(x).sin(), _normal(20), False),
    Case("9 g**2 cos", _backward_of(torch.sin, lambda x, g: g**2 * x.cos()), _normal(20), False),
    Case("9 sign(g) cos", _backward_of(torch.sin, lambda x, g: g.sign() * x.cos()), _normal(20), False),
    Case("9 clamp(g) cos", _backward_of(torch.sin, lambda x, g: g.clamp(-1, 1) * x.cos()), _normal(20), False),
    Case(
        "16 float32 gradient", _backward_of(torch.sin, lambda x, g: (g * x.cos()).float().double()), _normal(20), False
    ),
    Case("18 relu at 0", torch.relu, _at(0.0, 1.0, -1.0), True),
    Case("18 relu at 5e-7", torch.relu, _at(5e-7, 1.0), True),
    Case("18 clamp at its bound", lambda x: x.clamp(-1, 1), _at(1.0, 0.3), True),
    Case("18 max at a tie", torch.max, _at(1.0, 1.0, 0.0), True),
    Case("19 abs at 0", torch.abs, _at(0.0, 2.0), True),
    Case("20 log at 1e-7", torch.log, _at(1e-7, 1.0), True),
    Case("20 sqrt at 1e-8", torch.sqrt, _at(1e-8), True),
    Case("20 1/x at 2e-6", torch.reciprocal, _at(2e-6), True),
    Case("21 x*x at 1e8", torch.square, _at(1e8, 1.7e9), True),
    Case("22 sin(x) + 1e9", lambda x: x.sin() + 1e9, _normal(5), True),
    Case("23 sin(1e5 x)", lambda x: (1e5 * x).sin(), _normal(5), True),
    Case("24 sin in float32", torch.sin, _normal(10).float(), True),
    Case("24 float32 inside", lambda x: x.float().sin().double(), _normal(10), True),
    Case("25 dropout", lambda x: torch.nn.functional.dropout(x, 0.5), _normal(50), True),
    Case("27 softmax at 1e4", _softmax, 1e4 * _normal(6), True),
    Case("29 x.detach()**2", lambda x: x.detach() ** 2 + 0 * x, _normal(5), False),
    Case("29 x * x.detach()", lambda x: x * x.detach(), _normal(5), False),
)
"""A choice of the cases that the checker has to win, by their numbers; those on messages and side effects are tests."""
