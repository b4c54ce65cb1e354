"""Entries whose outputs are tiny beside others are held to the same digits, where outputs are separate."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from gradcheck.checking.torch_check import check_gradients
from gradcheck.results import Verdict
from tests.checking.planted import Tensor, planted

UNEVEN = (1e-6, 1.0, 1e6)


def double(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def square(x: Tensor) -> Tensor:
    return x * x


def both(x: Tensor) -> tuple[Tensor, Tensor]:
    return x * x, 1e-20 * x


def off_at(entry: int) -> Any:
    """The gradient of squares, 1 % too large at one entry."""
    return lambda g, x: 2 * g * x * torch.where(torch.arange(len(x)) == entry, 1.01, 1.0)


@pytest.mark.parametrize("entry", range(3))
@pytest.mark.parametrize("seed", range(2))
def test_one_percent_at_any_entry_is_seen(entry: int, seed: int) -> None:
    check = check_gradients(planted(square, off_at(entry)), double(*UNEVEN), seed=seed)
    assert check.verdict is Verdict.WRONG
    assert check.findings[0].index == (entry,)
    assert check.findings[0].kind == "single_entry" or entry == 2  # the largest is nearly all of every sum


@pytest.mark.parametrize("fn", [square, both, torch.sqrt, torch.tanh, torch.reciprocal, torch.log1p])
@pytest.mark.parametrize("seed", range(2))
def test_the_right_twins_pass(fn: Any, seed: int) -> None:
    check = check_gradients(fn, double(*UNEVEN), seed=seed)
    assert (check.verdict, check.findings) == (Verdict.CORRECT, ())


def test_a_small_output_beside_a_large_one_of_the_same_entries() -> None:
    x = double(0.3, -1.2, 0.7)
    wrong = planted(both, lambda g, h, x: 2 * g * x + 1.01 * 1e-20 * h)
    assert check_gradients(wrong, x).verdict is Verdict.WRONG
    assert check_gradients(planted(both, lambda g, h, x: 2 * g * x + 1e-20 * h), x).ok


@pytest.mark.parametrize("seed", range(3))
def test_an_output_left_by_a_cancellation_is_no_mistake(seed: int) -> None:
    logits = double(1e-3, 1e-6, 1e-9, 1.0, 30.0, 7.0)
    for fn in (torch.log_softmax, torch.softmax):
        assert check_gradients(lambda x, fn=fn: fn(x, 0), logits, seed=seed).verdict is not Verdict.WRONG


def test_even_outputs_cost_no_more() -> None:
    even = double(0.3, -1.2, 0.7)
    assert check_gradients(planted(square, lambda g, x: 2 * g * x), even).evaluations == 4
