"""Wrong gradients that checkers pass: the cases 1 to 17."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.benchmarks.peer_cases import Answer, Case, Wants, normal, uniform
from tests.benchmarks.peer_libraries import NO_FORWARD_MODE, NO_SECOND_ORDER, NO_STRIDES

Backward = Callable[..., Any]


def softmax(np: Any, x: Any) -> Any:
    return np.softmax(x)


def softmax_backward(np: Any, g: Any, x: Any) -> Any:
    y = np.softmax(x)
    return y * (g - np.sum(g * y))


def uncoupled(np: Any, g: Any, x: Any) -> Any:
    """Softmax's gradient as if its Jacobian were diagonal."""
    return g * np.softmax(x)


def sine(np: Any, x: Any) -> Any:
    return np.sin(x)


def sine_backward(np: Any, g: Any, x: Any) -> Any:
    return g * np.cos(x)


def mean_square(np: Any, x: Any) -> Any:
    return np.mean(x * x)


def mean_square_backward(np: Any, g: Any, x: Any) -> Any:
    return 2 * g * x / x.shape[0]


def scaled(backward: Backward, factor: float) -> Backward:
    return lambda np, *arrays: factor * backward(np, *arrays)


def at_entry(backward: Backward, entry: int, factor: float) -> Backward:
    def wrong(np: Any, g: Any, x: Any) -> Any:
        return backward(np, g, x) * np.where(np.arange(x.shape[0]) == entry, factor, 1.0)

    return wrong


def shifted(np: Any, g: Any, x: Any) -> Any:
    """One entry of the Jacobian, output 456 by input 123, off by 1e-8."""
    return softmax_backward(np, g, x) + 1e-8 * g[456] * np.where(np.arange(x.shape[0]) == 123, 1.0, 0.0)


SUMS = [
    Case(f"5 mean square n={n}, {name}", mean_square, (normal(n),), scaled(mean_square_backward, factor))
    for n in (10_000, 100_000)
    for name, factor in (("flipped", -1.0), ("zero gradient", 0.0), ("without the 2", 0.5))
]

MISUSED = [
    Case(f"9 {name}, sin's backward", sine, (normal(10),), wrong)
    for name, wrong in {
        "g**2 cos": lambda np, g, x: g**2 * np.cos(x),
        "sign(g) cos": lambda np, g, x: np.sign(g) * np.cos(x),
        "clamp(g) cos": lambda np, g, x: np.clip(g, -1, 1) * np.cos(x),
        "abs(g) cos": lambda np, g, x: np.abs(g) * np.cos(x),
        "(g != 0) cos": lambda np, g, x: (g != 0) * np.cos(x),
    }.items()
]


def two(np: Any, x: Any, y: Any) -> Any:
    return np.sin(x), x * y


def affine(np: Any, x: Any, weight: Any, bias: Any) -> Any:
    return x @ weight.T + bias


def affine_backward(np: Any, g: Any, x: Any, weight: Any, bias: Any) -> Any:
    return g @ weight, 7 * g.T @ x, np.sum(g, 0)


def affine_module(library: Any, weight: Any, bias: Any) -> Any:
    """A linear layer whose weight's gradient is 7 times too large."""
    import torch

    class Affine(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight, self.bias = torch.nn.Parameter(weight), torch.nn.Parameter(bias)

        def forward(self, x: Any) -> Any:
            return library.planted(affine, affine_backward)(x, self.weight, self.bias)

    return Affine()


WEIGHTS = normal(5, 4), normal(3, 4, seed=2), normal(3, seed=3)

MODES = [
    Case(
        "10 two outputs, 5*g1*g2 added",
        two,
        (normal(6), normal(6, seed=1)),
        lambda np, g, h, x, y: (g * np.cos(x) + h * y + 5 * g * h, h * x),
    ),
    Case(
        "11 reads grad_output as row-major",
        sine,
        (normal(3, 4),),
        lambda np, g, x: np.in_order(g) * np.cos(x),
        impossible=NO_STRIDES,
    ),
    Case(
        "11 crashes on a transposed grad_output",
        sine,
        (normal(3, 4),),
        lambda np, g, x: np.flattened(g).reshape(x.shape) * np.cos(x),
        caught="view|contiguous",
        impossible=NO_STRIDES,
    ),
    Case("12 module, a weight's gradient 7 times", affine, WEIGHTS, affine_backward, module=affine_module),
    Case("12 the same as a function of the weights", affine, WEIGHTS, affine_backward),
    Case(
        "12 garbage for an input without requires_grad",
        lambda np, x, y: x * y,
        (normal(6), normal(6, seed=1)),
        lambda np, g, x, y: (g * y, np.exp(g)),
        wrt=1,
    ),
    Case(
        "13 wrong forward-mode jvp",
        sine,
        (normal(6),),
        sine_backward,
        lambda np, t, x: 1.5 * t * np.cos(x),
        impossible=NO_FORWARD_MODE,
    ),
    Case(
        "14 backward through detached tensors",
        sine,
        (normal(6),),
        lambda np, g, x: g * np.cos(np.detach(x)),
        order=2,
        impossible=NO_SECOND_ORDER,
    ),
    Case(
        "15 leaky_relu with relu's backward",
        lambda np, x: np.leaky_relu(x, 0.1),
        (uniform(6),),
        lambda np, g, x: g * (x > 0),
    ),
    Case(
        "15 clamp that ignores saturation",
        lambda np, x: np.clip(x, -1, 1),
        (0.3 * uniform(6),),
        lambda np, g, x: 1 * g,
    ),
    Case("16 float32 gradient", sine, (normal(8),), lambda np, g, x: np.single(g * np.cos(x)), caught="dtype|float32"),
    Case(
        "16 float32 inside the backward",
        sine,
        (normal(8),),
        lambda np, g, x: g * np.double(np.cos(np.single(x))),
    ),
]


def _notices(answer: Answer) -> bool:
    return answer.says != "accepts"


NOTHING = Wants(_notices, "**accepts it**")
"""Nothing can be checked: anything but a pass is right."""

EMPTY = [
    Case("17 argmax", lambda np, x: np.argmax(x), (normal(6),), wants=NOTHING),
    Case("17 comparison", lambda np, x: x > 0, (normal(6),), wants=NOTHING),
    Case("17 zero-size input", lambda np, x: x * 2, (normal(0, 3),), wants=NOTHING),
    Case("17 zero-size output", lambda np, x: x[:0], (normal(6),), wants=NOTHING),
]

WRONG = (
    Case("1 softmax n=100, zero gradient", softmax, (normal(100),), scaled(softmax_backward, 0.0)),
    *(Case(f"2 softmax n={n}, no coupling term", softmax, (normal(n),), uncoupled) for n in (300, 3000)),
    Case("3 softmax n=100, one column's sign", softmax, (normal(100),), at_entry(softmax_backward, 7, -1.0)),
    Case("4 softmax n=1000, one entry off by 1e-8", softmax, (normal(1000),), shifted),
    *SUMS,
    Case("6 sin n=1e5, zero gradient", sine, (normal(100_000),), scaled(sine_backward, 0.0)),
    Case("6 sin n=1e5, 5 % off", sine, (normal(100_000),), scaled(sine_backward, 1.05)),
    Case("6 sin, one sign of 1e6", sine, (normal(1_000_000),), at_entry(sine_backward, 654_321, -1.0)),
    Case(
        "7 1e-6 sum of squares, flipped",
        lambda np, x: 1e-6 * np.sum(x * x),
        (normal(50),),
        lambda np, g, x: -2e-6 * g * x,
    ),
    *(Case(f"8 relative error {e:g}", sine, (normal(50),), scaled(sine_backward, 1 + e)) for e in (1e-4, 5e-4, 9e-4)),
    *MISUSED,
    *MODES,
    *EMPTY,
)
