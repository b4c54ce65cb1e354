"""Mistakes that a whole gradient shows and a sample of it does not, named at any size, each with a right twin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch.nn import functional

from gradcheck.checking.torch_check import check_gradients
from gradcheck.results import Verdict
from tests.checking.planted import Backward, Tensor, normal, planted, uniform


@dataclass(frozen=True)
class Case:
    """A forward pass, its right and its wrong backward pass, the inputs, and how the mistake is told."""

    forward: Any
    right: Backward
    wrong: Backward
    inputs: tuple[Tensor, ...]
    kind: str
    place: str


def complex_normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.complex(normal(*shape, seed=seed), normal(*shape, seed=seed + 1))


def add(x: Tensor, b: Tensor) -> Tensor:
    return x + b


def multiply(x: Tensor, y: Tensor) -> Tensor:
    return x * y


def product(a: Tensor, b: Tensor) -> Tensor:
    return a @ b


def power(x: Tensor) -> Tensor:
    return (x * x.conj()).real.sum()


def softmax(x: Tensor) -> Tensor:
    return x.softmax(-1)


def softmax_backward(g: Tensor, x: Tensor) -> Tensor:
    y = softmax(x)
    return y * (g - (g * y).sum(-1, keepdim=True))


def softmax_sum(added: float, *shape: int) -> Case:
    """A softmax whose backward pass adds a multiple of the sum that it should subtract."""

    def wrong(g: Tensor, x: Tensor) -> Tensor:
        y = softmax(x)
        return softmax_backward(g, x) + added * y * (g * y).sum(-1, keepdim=True)

    return Case(softmax, softmax_backward, wrong, (normal(*shape),), "wrong_coupling", "x")


def bias(rows: int, columns: int) -> Case:
    """One row of grad_output where all of them should be summed."""
    inputs = normal(rows, columns), normal(columns, seed=1)
    return Case(add, lambda g, x, b: (g, g.sum(0)), lambda g, x, b: (g, g[0].clone()), inputs, "missing_sum", "b")


def slopes(n: int) -> Case:
    """Slopes transposed before grad_output is multiplied by them."""
    return Case(
        torch.sin, lambda g, x: g * x.cos(), lambda g, x: g * x.cos().mT, (normal(n, n),), "transposed", "input 0"
    )


def matrices(n: int) -> Case:
    """A gradient returned transposed."""

    def right(g: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        return g @ b.mT, a.mT @ g

    def wrong(g: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        return (g @ b.mT).mT, a.mT @ g

    return Case(product, right, wrong, (normal(n, n), normal(n, n, seed=1)), "transposed", "a")


def square(x: Tensor) -> Tensor:
    return x * x


def squares(wrong: Callable[[Tensor], Tensor], *shape: int) -> Case:
    """A gradient of squares whose numbers are put in another order."""
    return Case(square, lambda g, x: 2 * g * x, lambda g, x: wrong(2 * g * x), (normal(*shape),), "permuted", "x")


def first_and_last(gradient: Tensor) -> Tensor:
    return torch.cat([gradient[-1:], gradient[1:-1], gradient[:1]])


CASES: dict[str, Case] = {
    "bias": bias(5, 3),
    "large bias": bias(64, 50),
    "scale, last row": Case(
        multiply,
        lambda g, x, y: (g * y, (g * x).sum(0)),
        lambda g, x, y: (g * y, (g * x)[-1].clone()),
        (normal(5, 3), normal(3, seed=1)),
        "missing_sum",
        "y",
    ),
    "column": Case(
        multiply,
        lambda g, x, y: (g * y, (g * x).sum(1, keepdim=True)),
        lambda g, x, y: (g * y, (g * x)[:, :1].clone()),
        (normal(5, 3), normal(5, 1, seed=1)),
        "missing_sum",
        "y",
    ),
    "slopes 5x5": slopes(5),
    "slopes 30x30": slopes(30),
    "gradient 4x4": matrices(4),
    "gradient 30x30": matrices(30),
    "holomorphic": Case(
        torch.exp,
        lambda g, x: g * x.exp().conj(),
        lambda g, x: g * x.exp(),
        (complex_normal(5),),
        "conjugate",
        "input 0",
    ),
    "complex product": Case(
        multiply,
        lambda g, x, y: (g * y.conj(), g * x.conj()),
        lambda g, x, y: (g * y, g * x.conj()),
        (complex_normal(100), complex_normal(100, seed=2)),
        "conjugate",
        "x",
    ),
    "power": Case(power, lambda g, x: 2 * g * x, lambda g, x: 2 * g * x.conj(), (complex_normal(4),), "conjugate", "x"),
    "softmax of rows": Case(
        softmax, softmax_backward, lambda g, x: g * softmax(x), (normal(40, 30),), "missing_coupling", "x"
    ),
    "softmax without its sum": Case(
        softmax,
        softmax_backward,
        lambda g, x: g * softmax(x) * (1 - softmax(x)),
        (normal(3000),),
        "missing_coupling",
        "x",
    ),
    "normalisation": Case(
        lambda x: functional.normalize(x, dim=-1),
        lambda g, x: (g - (g * x).sum(-1, keepdim=True) * x / (x * x).sum(-1, keepdim=True)) / x.norm(dim=-1)[:, None],
        lambda g, x: g / x.norm(dim=-1)[:, None],
        (normal(20, 50),),
        "missing_coupling",
        "x",
    ),
    "exchanged": squares(first_and_last, 5),
    "exchanged of many": squares(first_and_last, 300),
    "exchanged in a loss": Case(
        lambda x: (x**3).sum(),
        lambda g, x: 3 * g * x**2,
        lambda g, x: 3 * g * first_and_last(x**2),
        (normal(300),),
        "permuted",
        "x",
    ),
    "shifted": squares(lambda gradient: gradient.roll(1, -1), 20, 30),
    "reversed": squares(lambda gradient: gradient.flip(0), 20, 30),
    "column order": squares(lambda gradient: gradient.T.reshape(20, 30), 20, 30),
    "softmax with a sum of the wrong sign": softmax_sum(2.0, 3000),
    "softmax of rows with a sum of the wrong sign": softmax_sum(2.0, 20, 30),
    "softmax of rows with twice the sum": softmax_sum(-1.0, 20, 30),
    "mean over the batch": Case(
        add,
        lambda g, x, b: (g, g.sum(0)),
        lambda g, x, b: (g, g.mean(0)),
        (normal(32, 50), normal(50, seed=1)),
        "factor",
        "b",
    ),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("seed", [0, 1])
def test_the_mistake_is_named(name: str, seed: int) -> None:
    case = CASES[name]
    check = check_gradients(planted(case.forward, case.wrong), *case.inputs, seed=seed)
    finding = check.findings[0]
    assert (check.verdict, finding.kind, finding.place) == (Verdict.WRONG, case.kind, case.place)


@pytest.mark.parametrize("name", CASES)
def test_its_right_twin_passes(name: str) -> None:
    case = CASES[name]
    check = check_gradients(planted(case.forward, case.right), *case.inputs)
    assert (check.verdict, check.findings) == (Verdict.CORRECT, ())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("exchanged", "those at [0] and [4] are exchanged"),
        ("exchanged of many", "those at [0] and [299] are exchanged"),
        ("shifted", "they are shifted by 1 along axis 1"),
        ("reversed", "they are reversed along axis 0"),
        ("softmax of rows with a sum of the wrong sign", "couple different entries are wrong, with the wrong sign"),
        ("softmax of rows with twice the sum", "couple different entries are wrong, 2 times the true one"),
        ("mean over the batch", "1/32 of the true one: a mean over axis 0 of the output (32 entries)"),
    ],
)
def test_the_mistake_is_told_in_full(name: str, text: str) -> None:
    case = CASES[name]
    assert text in check_gradients(planted(case.forward, case.wrong), *case.inputs).findings[0].text


def test_a_mean_over_two_axes_names_both() -> None:
    wrong = planted(add, lambda g, x, b: (g, g.mean((0, 2)).reshape(5, 1)))
    finding = check_gradients(wrong, normal(4, 5, 3), normal(5, 1)).findings[0]
    assert "1/12 of the true one: a mean over axes 0 and 2 of the output (12 entries)" in finding.text
    assert "a mean divides" in finding.remedy


def test_a_weight_gradient_over_the_batch_size_names_that_axis() -> None:
    def backward(g: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        return g @ b.mT, a.mT @ g / 32

    finding = check_gradients(planted(product, backward), normal(32, 3), normal(3, 5)).findings[0]
    assert "1/32 of the true one (the length of axis 0 of the output = 32)" in finding.text


OTHERS: dict[str, tuple[Any, Backward, tuple[Tensor, ...], set[str]]] = {
    "wrong slopes": (torch.sin, lambda g, x: g * x.cos() ** 2, (normal(30, 30),), {"other"}),
    "wrong slopes in another order": (
        torch.sin,
        lambda g, x: (g * x.cos() ** 2).flip(0),
        (normal(60),),
        {"other", "block"},
    ),
    "coupling of two signs": (
        softmax,
        lambda g, x: softmax(x) * (g - (g * softmax(x) * (torch.arange(50) % 2 * 2 - 1)).sum(-1, keepdim=True)),
        (normal(20, 50),),
        {"other", "block"},
    ),
    "one row of many": (
        torch.sin,
        lambda g, x: g * x.cos() * torch.where(torch.arange(30)[:, None] == 7, -1.0, 1.0),
        (normal(30, 30),),
        {"block", "column", "single_entry"},
    ),
    "an entry dropped of a diagonal": (
        torch.diagflat,
        lambda g, x: g.diagonal() * torch.tensor([0.0, 1.0]),
        (normal(2),),
        {"single_entry"},
    ),
    "an entry dropped of a cast": (
        lambda x: x.to(torch.bfloat16),
        lambda g, x: g.double() * torch.where(torch.arange(9) == 0, 0.0, 1.0),
        (normal(9).sort().values.flip(0) * 4,),
        {"single_entry"},
    ),
    "wrong complex slopes": (torch.exp, lambda g, x: g * x.sin().conj(), (complex_normal(5),), {"other"}),
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_mistake_gets_none_of_these_names(name: str) -> None:
    forward, wrong, inputs, kinds = OTHERS[name]
    check = check_gradients(planted(forward, wrong), *inputs)
    assert check.verdict is Verdict.WRONG
    assert check.findings[0].kind in kinds


@pytest.mark.parametrize("seed", range(4))
def test_ten_percent_in_bfloat16_are_wrong_and_not_a_misuse(seed: int) -> None:
    x = uniform(50).to(torch.bfloat16)
    check = check_gradients(planted(torch.sin, lambda g, x: 1.1 * g * x.cos()), x, seed=seed)
    assert check.verdict is Verdict.WRONG
    assert check.findings[0].kind != "misuses_grad_output"
    assert "2 times" not in check.findings[0].text
    assert check_gradients(planted(torch.sin, lambda g, x: g * x.cos()), x, seed=seed).ok


@pytest.mark.parametrize("gap", [60.0, 1.0, 0.25])
@pytest.mark.parametrize("seed", range(3))
def test_a_difference_of_timestamps_is_decided(gap: float, seed: int) -> None:
    x = torch.tensor([1.7e9, 1.7e9 + gap], dtype=torch.float64)

    def squared_gap(x: Tensor) -> Tensor:
        return (x[1] - x[0]) ** 2

    def backward(g: Tensor, x: Tensor) -> Tensor:
        return 2 * g * (x[1] - x[0]) * torch.tensor([-1.0, 1.0], dtype=x.dtype)

    assert check_gradients(planted(squared_gap, backward), x, seed=seed).ok
    wrong = planted(squared_gap, lambda g, x: 1.001 * backward(g, x))
    assert check_gradients(wrong, x, seed=seed).verdict is Verdict.WRONG


SQUARE = normal(4, 4)
SYMMETRIC = SQUARE @ SQUARE.T + 4 * torch.eye(4, dtype=torch.float64)


@pytest.mark.parametrize("fn", [torch.linalg.cholesky, torch.linalg.eigvalsh])
def test_a_function_of_one_triangle_has_the_gradient_of_the_symmetric_matrix(fn: Any) -> None:
    check = check_gradients(fn, (SYMMETRIC + SYMMETRIC.T) / 2)
    (finding,) = check.findings
    assert (check.verdict, finding.kind, finding.verdict) == (Verdict.CORRECT, "symmetric", Verdict.CORRECT)
    assert "right for changes that keep the matrix symmetric" in finding.text
    wrong = planted(
        lambda x: fn(x).sum(),
        lambda g, x: 1.01 * g * torch.autograd.functional.jacobian(lambda x: fn(x).sum(), x.detach()),
    )
    assert check_gradients(wrong, (SYMMETRIC + SYMMETRIC.T) / 2).verdict is Verdict.WRONG


@pytest.mark.parametrize(
    "wrong",
    [
        lambda g, x: g * SQUARE.T,
        lambda g, x: g * (SQUARE + SQUARE.T) / 2,
    ],
    ids=["transposed", "shared though both triangles are read"],
)
def test_at_a_symmetric_matrix_other_mistakes_stay_wrong(wrong: Backward) -> None:
    check = check_gradients(planted(lambda x: (SQUARE * x).sum(), wrong), (SYMMETRIC + SYMMETRIC.T) / 2)
    assert check.verdict is Verdict.WRONG


def test_low_precision_is_no_branch() -> None:
    x = normal(40).to(torch.bfloat16)
    sign = torch.where(torch.arange(40) == 5, -1.0, 1.0).to(torch.bfloat16)
    check = check_gradients(planted(torch.sin, lambda g, x: g * x.cos() * sign), x)
    assert (check.verdict, check.findings[0].index) == (Verdict.WRONG, (5,))
    assert "never enter" not in check.findings[0].text
