"""Four oracles on torch functions agree, in one layout."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from gradcheck.checking import oracles
from gradcheck.checking.verdict import compare
from gradcheck.results import Verdict

GENERATOR = np.random.default_rng(11)

CASES = {
    "elementwise": (torch.tanh, [GENERATOR.normal(size=3)], 0),
    "scalar": (lambda x: x.sin() * x, [np.array(0.4)], 0),
    "matrix by matrix": (torch.matmul, [GENERATOR.normal(size=(2, 3)), GENERATOR.normal(size=(3, 4))], 1),
    "inverse": (torch.linalg.inv, [GENERATOR.normal(size=(3, 3)) + 3 * np.eye(3)], 0),
    "picked": (lambda x, i: x[i].exp(), [GENERATOR.normal(size=4), np.array([2, 0])], 0),
}


@pytest.mark.parametrize("name", CASES)
def test_all_four_agree(name: str) -> None:
    function, inputs, wrt = CASES[name]
    measured = oracles.finite_difference(function, inputs, wrt)
    for oracle in (oracles.reverse, oracles.forward):
        found = oracle(function, inputs, wrt)
        assert found.shape == measured.value.shape
        assert compare(found, measured).verdict is Verdict.CORRECT
    exact = oracles.complex_step(function, inputs, wrt)
    assert compare(oracles.reverse(function, inputs, wrt), exact).verdict is Verdict.CORRECT


def test_independent_outputs_have_gradient_zero() -> None:
    function = torch.ones_like
    for oracle in (oracles.reverse, oracles.forward):
        assert np.array_equal(oracle(function, [np.array([1.0, 2.0])]), np.zeros((2, 2)))


def test_no_output_entries() -> None:
    assert oracles.reverse(lambda x: x[:0], [np.ones(3)]).shape == (0, 3)


class NoForwardMode(torch.autograd.Function):
    """A square whose author gave a backward only."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> Any:
        return 2 * ctx.saved_tensors[0] * grads[0]


def test_missing_forward_mode_is_said() -> None:
    square: Callable[..., torch.Tensor] = NoForwardMode.apply
    assert oracles.reverse(square, [np.array(3.0)]) == 6
    with pytest.raises(oracles.OracleUnsupported, match="forward"):
        oracles.forward(square, [np.array(3.0)])


def test_complex_input_refused_by_an_operation() -> None:
    with pytest.raises(oracles.ComplexStepUnsupported, match="rejects complex input"):
        oracles.complex_step(torch.relu, [np.array([1.0])])


def test_low_precision_widens_the_bar() -> None:
    def low(x: torch.Tensor) -> torch.Tensor:
        return x.bfloat16().sin()

    x: NDArray[np.float64] = np.array(0.7)
    measured = oracles.finite_difference(low, [x])
    assert measured.error_bar > 1e-3
    assert compare(np.cos(x), measured).verdict is not Verdict.WRONG


def test_nothing_is_left_changed() -> None:
    x = np.array([0.5, 2.0])
    state = torch.get_rng_state()
    for oracle in (oracles.reverse, oracles.forward, oracles.finite_difference, oracles.complex_step):
        oracle(lambda x: x.mul_(2) * 1 if not x.requires_grad else x * 2, [x])
    assert x.tolist() == [0.5, 2.0]
    assert torch.equal(state, torch.get_rng_state())
