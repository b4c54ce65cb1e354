"""Functions of many entries: a mistake is placed in few evaluations, and the shared copies stay true to the values."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from gradcheck import check_gradients
from gradcheck.checking.evaluation.large_copy import LargeCopy
from gradcheck.checking.evaluation.movement import Segment
from gradcheck.checking.evaluation.torch_function import LARGE
from tests.checking.planted import normal, planted

Tensor = torch.Tensor
SIZE = LARGE + 4321
X = normal(SIZE)


def counted(function: Callable[[Tensor], Tensor], calls: list[int]) -> Callable[[Tensor], Tensor]:
    """The function, which notes that it was called."""

    def run(x: Tensor) -> Tensor:
        calls.append(1)
        return function(x)

    return run


def loss(x: Tensor) -> Tensor:
    return x.sin().square().mean()


def slopes(g: Tensor, x: Tensor, *places: int) -> Tensor:
    """The gradient of the loss, off by a fifth at some places."""
    factor = torch.ones_like(x)
    factor[list(places)] = 1.2
    return g * (2 * x).sin() / x.numel() * factor


def test_the_right_gradient_passes() -> None:
    assert check_gradients(planted(loss, slopes), X).ok


@pytest.mark.parametrize("entry", [0, 1, 777, SIZE // 2, SIZE - 1])
def test_one_wrong_entry_among_many_is_placed_in_few_evaluations(entry: int) -> None:
    calls: list[int] = []
    check = check_gradients(counted(planted(loss, lambda g, x: slopes(g, x, entry)), calls), X)
    assert (check.findings[0].kind, check.findings[0].index) == ("single_entry", (entry,))
    assert len(calls) < 220


def test_of_two_wrong_entries_one_is_placed() -> None:
    check = check_gradients(planted(loss, lambda g, x: slopes(g, x, 41, 90_000)), X)
    assert check.findings[0].index in {(41,), (90_000,)}


@pytest.mark.parametrize("factor", [1 + 1e-6, 1.001, 2.0])
def test_a_factor_on_a_large_gradient_is_no_place(factor: float) -> None:
    check = check_gradients(planted(loss, lambda g, x: factor * slopes(g, x)), X)
    assert check.findings[0].kind == "factor"


def test_a_function_may_write_to_what_it_gets() -> None:
    before = X.clone()
    assert check_gradients(lambda x: x.mul_(2).sin().mean(), X).ok
    assert not check_gradients(planted(lambda x: x.mul_(2).sin().mean(), lambda g, x: 0 * x), X).ok
    assert torch.equal(X, before)


def test_a_function_that_raises_leaves_its_input() -> None:
    before, calls = X.clone(), list[int]()

    def raising(x: Tensor) -> Tensor:
        calls.append(1)
        if len(calls) == 3:
            x.detach().zero_()
            raise KeyError("in the middle")
        return x.sin().mean()

    with pytest.raises(KeyError):
        check_gradients(raising, X)
    assert torch.equal(X, before)


def test_a_copy_is_the_value_again_after_each_displacement() -> None:
    value, full = torch.arange(6.0).reshape(2, 3), torch.ones(2, 3)
    copy, segment = LargeCopy(value), Segment(2, torch.ones(2))
    for d in (segment, None, full, segment, None, full, None):
        moved = copy.displaced(d, 0.5)
        change = (full if d is full else segment.dense(value.shape) if d is segment else 0 * full) / 2
        assert torch.equal(moved, value + change)
        moved.view(-1)[0] = 7.0 if d is None else moved.view(-1)[0]
