"""Generators end where they began, whichever a function draws from, and every evaluation sees the same draws."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.random import mtrand

from gradcheck import check_gradients
from gradcheck.checking.isolation import isolated
from tests.checking.planted import normal, planted

X = normal(5)


def noisy(draw: Callable[[], float], seen: list[float]) -> Callable[[torch.Tensor], torch.Tensor]:
    """A function that multiplies by what it draws, and notes it."""

    def function(x: torch.Tensor) -> torch.Tensor:
        seen.append(float(draw()))
        return x.sin() * seen[-1]

    return function


DRAWS: dict[str, Callable[[], float]] = {
    "uniform": np.random.rand,
    "normal": np.random.randn,
    "torch": lambda: float(torch.rand(())),
}


@pytest.mark.parametrize("drawn_before", [0, 1, 2])
@pytest.mark.parametrize("name", DRAWS)
def test_each_evaluation_draws_the_same_and_nothing_moves(name: str, drawn_before: int) -> None:
    """A Gaussian number that NumPy keeps for the next call counts as a part of its state."""
    np.random.seed(3)
    np.random.randn(drawn_before)
    before, seen = str(np.random.get_state()), list[float]()
    assert check_gradients(noisy(DRAWS[name], seen), X).ok
    assert len(set(seen)) == 1
    assert str(np.random.get_state()) == before


def test_a_state_that_was_read_before_is_not_taken_for_the_present_one() -> None:
    np.random.seed(3)
    with isolated():
        pass
    np.random.rand()
    before, seen = str(np.random.get_state()), list[float]()
    assert check_gradients(noisy(np.random.rand, seen), X).ok
    assert len(set(seen)) == 1
    assert str(np.random.get_state()) == before


def test_another_bit_generator_is_left_in_place() -> None:
    original, state = mtrand.get_bit_generator(), np.random.get_state()
    mtrand.set_bit_generator(np.random.PCG64(1))
    try:
        before, seen = str(np.random.get_state(legacy=False)), list[float]()
        assert check_gradients(noisy(np.random.rand, seen), X).ok
        assert len(set(seen)) == 1
        assert str(np.random.get_state(legacy=False)) == before
    finally:
        mtrand.set_bit_generator(original)
        np.random.set_state(state)


def test_a_backward_pass_that_draws_goes_on_drawing() -> None:
    wrong = planted(lambda x: x.sin(), lambda g, x: g * x.cos() * (1 + torch.rand_like(x)))
    assert "random_backward" in [finding.kind for finding in check_gradients(wrong, X).findings]
