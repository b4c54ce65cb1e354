"""Mistakes that reverse mode at one point does not show: forward mode, second order, branches never entered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from gradcheck.checking.torch_check import check_gradients
from gradcheck.results import Verdict
from tests.checking.planted import Tensor, normal, planted, uniform


def sine(x: Tensor) -> Tensor:
    return x.sin()


def backward(g: Tensor, x: Tensor) -> Tensor:
    return g * x.cos()


def test_13_a_wrong_jvp() -> None:
    wrong = planted(sine, backward, lambda t, x: 1.5 * t * x.cos())
    check = check_gradients(wrong, normal(6), modes=("reverse", "forward"))
    finding = check.findings[0]
    assert (check.verdict, finding.kind, finding.place) == (Verdict.WRONG, "forward_mode", "x")
    assert len(finding.index) == 1
    right = planted(sine, backward, lambda t, x: t * x.cos())
    assert check_gradients(right, normal(6), modes=("reverse", "forward")).ok


def test_14_a_backward_pass_through_detached_tensors() -> None:
    wrong = planted(sine, lambda g, x: g * x.detach().cos())
    check = check_gradients(wrong, normal(6), order=2)
    finding = check.findings[0]
    assert (check.verdict, finding.kind, finding.place) == (Verdict.WRONG, "second_order", "x")
    assert check_gradients(planted(sine, backward), normal(6), order=2).ok
    assert check_gradients(wrong, normal(6)).ok


def leaky(x: Tensor) -> Tensor:
    return torch.nn.functional.leaky_relu(x, 0.1)


def clamped(x: Tensor) -> Tensor:
    return x.clamp(-1, 1)


BRANCHES: dict[str, tuple[Any, Callable[..., Any], Callable[..., Any], Tensor]] = {
    "leaky_relu": (leaky, lambda g, x: g * (x > 0), lambda g, x: torch.where(x > 0, g, 0.1 * g), uniform(6)),
    "clamp": (clamped, lambda g, x: 1 * g, lambda g, x: g * (x.abs() <= 1), 0.3 * uniform(6)),
}


@pytest.mark.parametrize("name", BRANCHES)
def test_15_a_branch_that_the_inputs_never_enter(name: str) -> None:
    forward, wrong, right, x = BRANCHES[name]
    check = check_gradients(planted(forward, wrong), x)
    finding = check.findings[0]
    assert (check.verdict, finding.kind, finding.place) == (Verdict.WRONG, "boundary", "x")
    assert check_gradients(planted(forward, right), x).ok
