"""Points without a gradient, such as repeated eigenvalues: a right choice is not wrong, wrong ones are."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from gradcheck.checking.torch_check import check_gradients
from gradcheck.results import Verdict
from tests.checking.planted import Tensor, planted

eigenvalues = torch.linalg.eigvalsh


def identity(n: int) -> Tensor:
    return torch.eye(n, dtype=torch.float64)


def scaled(fn: Any, factor: float) -> Any:
    """The function with its gradient multiplied by a factor."""

    copy = planted(torch.clone, lambda g, a: factor * g)
    return lambda a: fn(copy(a))


def middle(a: Tensor) -> Any:
    return eigenvalues(a)[1]


def largest(a: Tensor) -> Any:
    return eigenvalues(a)[-1]


SMOOTH = {
    "sum": lambda a: eigenvalues(a).sum(),
    "product": lambda a: eigenvalues(a).prod(),
    "squares": lambda a: (eigenvalues(a) ** 2).sum(),
}


@pytest.mark.parametrize("fn", [eigenvalues, middle, largest, torch.linalg.svdvals])
@pytest.mark.parametrize("n", [3, 5])
@pytest.mark.parametrize("seed", range(2))
def test_repeated_eigenvalues_are_not_called_wrong(fn: Any, n: int, seed: int) -> None:
    check = check_gradients(fn, identity(n), seed=seed)
    assert check.verdict is not Verdict.WRONG
    assert check.findings


def test_what_looks_smooth_along_every_line_is_told_to_have_no_gradient() -> None:
    check = check_gradients(middle, identity(3))
    (finding,) = check.findings
    assert (check.verdict, finding.kind) == (Verdict.INCONCLUSIVE, "kink")
    assert "the slopes along two directions do not add up" in finding.text
    assert "no eigenvalues" in finding.remedy


@pytest.mark.parametrize("fn", [eigenvalues, middle, largest])
@pytest.mark.parametrize("factor", [0.0, -1.0, 1.5, 1.001])
def test_wrong_gradients_there_stay_wrong(fn: Any, factor: float) -> None:
    assert check_gradients(scaled(fn, factor), identity(3)).verdict is Verdict.WRONG


@pytest.mark.parametrize("name", SMOOTH)
def test_symmetric_functions_of_them_are_smooth(name: str) -> None:
    check = check_gradients(SMOOTH[name], identity(3))
    assert (check.verdict, check.findings) == (Verdict.CORRECT, ())
    assert check_gradients(scaled(SMOOTH[name], 1.001), identity(3)).verdict is Verdict.WRONG


def test_an_entry_at_a_kink_of_its_own_is_still_held_to_its_slopes() -> None:
    x = torch.tensor([0.0, 1.0, -2.0], dtype=torch.float64)

    def relu(slope: float) -> Any:
        class Relu(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, x: Tensor) -> Tensor:
                ctx.save_for_backward(x)
                return x.clamp(min=0)

            @staticmethod
            def backward(ctx: Any, g: Tensor) -> Tensor:
                (x,) = ctx.saved_tensors
                return g * torch.where(x == 0, slope, (x > 0).to(x.dtype))

        return Relu.apply

    assert check_gradients(relu(0.5), x).verdict is Verdict.CORRECT
    assert check_gradients(relu(1.5), x).verdict is Verdict.WRONG
    assert check_gradients(relu(-0.5), x).verdict is Verdict.WRONG
