"""Wrong gradients that other checkers pass: each is WRONG, named and placed, and its right twin is CORRECT."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import torch

from gradcheck.checking.torch_check import check_gradients
from gradcheck.results import Verdict
from tests.checking.planted import Backward, Tensor, normal, planted


@dataclass(frozen=True)
class Case:
    """A forward pass, its right and its wrong backward pass, the inputs, and what the finding must say."""

    name: str
    forward: Any
    right: Backward
    wrong: Backward
    inputs: tuple[Tensor, ...]
    kind: str
    place: str = "x"
    index: tuple[int, ...] | None = None


def softmax(x: Tensor) -> Tensor:
    return torch.softmax(x, -1)


def softmax_backward(g: Tensor, x: Tensor) -> Tensor:
    y = softmax(x)
    return y * (g - (g * y).sum())


def sine(x: Tensor) -> Tensor:
    return x.sin()


def sine_backward(g: Tensor, x: Tensor) -> Tensor:
    return g * x.cos()


def largest(x: Tensor) -> Tensor:
    return x.max()


def largest_backward(g: Tensor, x: Tensor) -> Tensor:
    return g * (x == x.max())


def mean_square(x: Tensor) -> Tensor:
    return (x * x).mean()


def mean_square_backward(g: Tensor, x: Tensor) -> Tensor:
    return 2 * g * x / x.numel()


def small(x: Tensor) -> Tensor:
    return 1e-6 * (x * x).sum()


def small_backward(g: Tensor, x: Tensor) -> Tensor:
    return 2e-6 * g * x


def product(x: Tensor, y: Tensor) -> Tensor:
    return x * y


def product_backward(g: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return g * y, g * x


def two(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return x.sin(), x * y


def two_backward(g: Tensor, h: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return g * x.cos() + h * y, h * x


def scaled(backward: Backward, factor: float) -> Backward:
    return lambda *tensors: factor * backward(*tensors)


def at_entry(backward: Backward, entry: int, factor: float) -> Backward:
    def wrong(*tensors: Tensor) -> Tensor:
        found: Tensor = backward(*tensors).clone()
        found[entry] *= factor
        return found

    return wrong


def shifted(g: Tensor, x: Tensor) -> Tensor:
    """One entry of the Jacobian, output 456 by input 123, off by 1e-8."""
    found = softmax_backward(g, x).clone()
    found[123] += 1e-8 * g[456]
    return found


X, Y = normal(6), normal(6, seed=1)

SOFTMAX = [
    Case("1 zero, n=100", softmax, softmax_backward, lambda g, x: 0 * x, (normal(100),), "zero"),
    *(
        Case(f"2 n={n}", softmax, softmax_backward, lambda g, x: g * softmax(x), (normal(n),), "missing_coupling")
        for n in (300, 3000)
    ),
    Case("3 column", softmax, softmax_backward, at_entry(softmax_backward, 7, -1), (normal(100),), "column", "x", (7,)),
    Case("4 one entry by 1e-8", softmax, softmax_backward, shifted, (normal(1000),), "single_entry", "x", (123,)),
]

SUMS = [
    Case(
        f"5 {name}, n={n}", mean_square, mean_square_backward, scaled(mean_square_backward, factor), (normal(n),), kind
    )
    for n in (10_000, 100_000)
    for name, factor, kind in (("flipped", -1.0, "sign"), ("zero", 0.0, "zero"), ("half", 0.5, "factor"))
]

SCALED = [
    Case("6 zero", sine, sine_backward, scaled(sine_backward, 0), (normal(100_000),), "zero"),
    Case("6 5 % off", sine, sine_backward, scaled(sine_backward, 1.05), (normal(100_000),), "factor"),
    Case(
        "6 one sign of 1e6",
        sine,
        sine_backward,
        at_entry(sine_backward, 654_321, -1),
        (normal(1_000_000),),
        "single_entry",
        "x",
        (654_321,),
    ),
    Case("7 small and flipped", small, small_backward, scaled(small_backward, -1), (normal(50),), "sign"),
    *(
        Case(
            f"8 relative error {error}", sine, sine_backward, scaled(sine_backward, 1 + error), (normal(50),), "factor"
        )
        for error in (1e-4, 5e-4, 9e-4)
    ),
]

MISUSED = (
    [
        Case(f"9 {name}", sine, sine_backward, wrong, (normal(10),), kind)
        for name, wrong, kind in (
            ("g**2", lambda g, x: g**2 * x.cos(), "misuses_grad_output"),
            ("sign", lambda g, x: g.sign() * x.cos(), "ignores_grad_output"),
            ("clamp", lambda g, x: g.clamp(-1, 1) * x.cos(), "misuses_grad_output"),
            ("abs", lambda g, x: g.abs() * x.cos(), "misuses_grad_output"),
            ("g != 0", lambda g, x: (g != 0) * x.cos(), "ignores_grad_output"),
        )
    ]
    + [
        Case(
            "10 product of two",
            two,
            two_backward,
            lambda g, h, x, y: (g * x.cos() + h * y + 5 * g * h, h * x),
            (X, Y),
            "misuses_grad_output",
        )
    ]
    + [
        Case(f"9 {name} of one output", largest, largest_backward, wrong, (normal(7),), kind)
        for name, wrong, kind in (
            ("g**2", lambda g, x: g**2 * (x == x.max()), "misuses_grad_output"),
            ("float32", lambda g, x: g * (x == x.max()).float(), "precision"),
        )
    ]
)

PRECISION = [
    Case(
        "16 float32 gradient",
        sine,
        sine_backward,
        lambda g, x: (g * x.cos()).float(),
        (normal(8),),
        "precision",
    ),
    Case(
        "16 float32 inside",
        sine,
        sine_backward,
        lambda g, x: g * x.float().cos().double(),
        (normal(8),),
        "precision",
    ),
]

CASES = [*SOFTMAX, *SUMS, *SCALED, *MISUSED, *PRECISION]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_wrong_backward_pass_is_named_and_placed(case: Case) -> None:
    check = check_gradients(planted(case.forward, case.wrong), *case.inputs)
    finding = check.findings[0]
    assert check.verdict is Verdict.WRONG
    assert (finding.kind, finding.place, finding.verdict) == (case.kind, case.place, Verdict.WRONG)
    assert len(finding.index) == 1
    assert case.index is None or finding.index == case.index


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_its_right_twin_passes(case: Case) -> None:
    check = check_gradients(planted(case.forward, case.right), *case.inputs)
    assert (check.verdict, check.findings) == (Verdict.CORRECT, ())


def in_order(g: Tensor, x: Tensor) -> Tensor:
    """Reads grad_output as if its rows lay one after another."""
    return torch.as_strided(g, g.shape, (g.shape[1], 1)) * x.cos()


@pytest.mark.parametrize(
    ("backward", "says"),
    [(in_order, "memory layout"), (lambda g, x: g.view(-1).reshape(x.shape) * x.cos(), "raises")],
    ids=["11 row-major", "11 crashes when transposed"],
)
def test_a_backward_pass_that_depends_on_the_layout(backward: Backward, says: str) -> None:
    check = check_gradients(planted(sine, backward), normal(3, 4))
    assert check.verdict is Verdict.WRONG
    assert {(finding.kind, finding.place) for finding in check.findings} == {("layout", "x")}
    assert says in check.findings[0].text
    assert check_gradients(planted(sine, lambda g, x: backward(g.contiguous(), x)), normal(3, 4)).ok


class Affine(torch.nn.Module):
    """A linear layer whose weight's gradient is `factor` times the right one."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor
        self.inner = torch.nn.Module()
        self.inner.weight = torch.nn.Parameter(normal(3, 4, seed=2))
        self.inner.bias = torch.nn.Parameter(normal(3, seed=3))

    def forward(self, x: Tensor) -> Any:
        def backward(g: Tensor, x: Tensor, w: Tensor, b: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            return g @ w, self.factor * g.T @ x, g.sum(0)

        return planted(lambda x, w, b: x @ w.T + b, backward)(x, self.inner.weight, self.inner.bias)


def test_12_a_parameter_seven_times_too_large() -> None:
    check = check_gradients(Affine(7), normal(5, 4))
    (finding,) = check.findings
    assert (check.verdict, finding.kind, finding.place) == (Verdict.WRONG, "factor", "inner.weight")
    assert "7 times" in finding.text
    assert len(finding.index) == 2
    assert check_gradients(Affine(1), normal(5, 4)).ok


def test_12_garbage_for_an_input_that_does_not_require_grad() -> None:
    x, y = X.clone().requires_grad_(), Y
    check = check_gradients(planted(product, lambda g, x, y: (g * y, g.exp())), x, y)
    assert check.verdict is Verdict.WRONG
    assert check.findings[0].place == "y"
    assert check_gradients(planted(product, product_backward), x, y).ok


@pytest.mark.parametrize(
    ("fn", "x", "says"),
    [
        (lambda x: x.argmax(), X, "integers have no derivative"),
        (lambda x: x > 0, X, "bool"),
        (lambda x: x * 2, normal(0, 3), "it has no entries"),
        (lambda x: x[:0], X, "anything"),
    ],
    ids=["17 argmax", "17 comparison", "17 zero-size input", "17 zero-size output"],
)
def test_nothing_was_checked(fn: Any, x: Tensor, says: str) -> None:
    check = check_gradients(fn, x)
    assert (check.verdict, check.findings) == (Verdict.INCONCLUSIVE, ())
    assert not check.ok
    assert f"not checked: {check.unchecked[0]}" in " ".join(str(check).split())
    assert says in check.unchecked[0]


def test_17_an_integer_output_beside_a_checked_one() -> None:
    check = check_gradients(lambda x: {"best": x.argmax(), "sum": x.sum()}, X)
    assert check.verdict is Verdict.CORRECT
    assert "output['best'] (int64: integers have no derivative)" in check.unchecked
