"""A branch that the inputs never enter (case 15) is described by the values that lead into it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.nn import functional

from gradcheck.checking.modes.branch import simplest
from gradcheck.checking.torch_check import check_gradients
from gradcheck.results import Verdict
from tests.checking.planted import Backward, Tensor, normal, planted, uniform


def huber(x: Tensor) -> Tensor:
    return functional.huber_loss(x, torch.zeros_like(x), reduction="sum", delta=2.5)


def leaky(x: Tensor) -> Tensor:
    return functional.leaky_relu(x, 0.1)


CASES: dict[str, tuple[Callable[..., Any], Backward, Backward, Tensor, str]] = {
    "leaky_relu": (
        leaky,
        lambda g, x: g * (x > 0),
        lambda g, x: torch.where(x > 0, g, 0.1 * g),
        uniform(6),
        "entries of x below 0",
    ),
    "clamp": (
        lambda x: x.clamp(-1, 1),
        lambda g, x: 1 * g,
        lambda g, x: g * (x.abs() <= 1),
        0.3 * uniform(6),
        "entries of x above 1",
    ),
    "elu": (
        functional.elu,
        lambda g, x: 1 * g,
        lambda g, x: g * torch.where(x > 0, 1.0, x.exp()),
        uniform(6),
        "entries of input below 0",
    ),
    "huber": (
        huber,
        lambda g, x: g * x,
        lambda g, x: g * x.clamp(-2.5, 2.5),
        0.3 * uniform(6),
        "entries of x above 2.5",
    ),
    "relu6": (
        functional.relu6,
        lambda g, x: g * (x > 0),
        lambda g, x: g * ((x > 0) & (x < 6)),
        uniform(6),
        "entries of input above 6",
    ),
    "norm": (
        lambda x: x / x.norm().clamp(min=1.0),
        lambda g, x: 1 * g,
        lambda g, x: g if x.norm() < 1 else g / x.norm() - x * (g * x).sum() / x.norm() ** 3,
        0.05 * uniform(6),
        "the others as they are",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_15_the_values_that_lead_into_the_branch_are_said(name: str) -> None:
    forward, wrong, right, x, says = CASES[name]
    check = check_gradients(planted(forward, wrong), x)
    finding, place = check.findings[0], "input" if "input" in says else "x"
    assert (check.verdict, finding.kind, finding.place) == (Verdict.WRONG, "boundary", place)
    assert "in a branch that they never enter (" in finding.text
    assert says in finding.text
    assert check_gradients(planted(forward, right), x).ok


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [(-1e-9, 1e-8, 0.0), (0.9999, 1.0001, 1.0), (2.4999, 2.5001, 2.5), (-6.001, -5.999, -6.0), (99.9, 100.2, 100.0)],
)
def test_the_simplest_number_between_two_others(low: float, high: float, found: float) -> None:
    assert simplest(low, high) == found
    assert low <= simplest(low, high) <= high


@pytest.mark.parametrize("seed", range(6))
def test_a_saturated_softmax_in_single_precision_is_no_branch(seed: int) -> None:
    def backward(g: Tensor, x: Tensor) -> Tensor:
        y = x.softmax(-1)
        return y * (g - (g * y).sum(-1, keepdim=True))

    inputs = normal(2, 3, seed=seed).float()
    check = check_gradients(planted(lambda x: x.softmax(-1), backward), inputs)
    assert (check.verdict, check.findings) == (Verdict.CORRECT, ())
