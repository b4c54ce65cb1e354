"""What operators return beside plain float64: complex numbers, steps, statistics, casts; and gradients that cancel."""

from typing import Any

import pytest
import torch

from gradcheck.checking.torch_check import check_gradients
from gradcheck.results import Verdict

DOUBLE = torch.float64
X = torch.linspace(0.3, 1.7, 12, dtype=DOUBLE).reshape(3, 4)


def flipped(x: torch.Tensor) -> torch.Tensor:
    """The same tensor, with a gradient of the wrong sign."""
    return 2 * x.detach() - x


@pytest.mark.parametrize(
    "fn",
    [
        lambda x: torch.complex(x, x.square()),
        torch.fft.fft,
        lambda x: torch.fft.ifft(x).conj(),
        lambda x: torch.polar(x, x.sin()),
    ],
    ids=["complex", "fft", "conjugated", "polar"],
)
def test_complex_outputs_of_real_inputs(fn: Any) -> None:
    assert check_gradients(fn, X).ok
    assert check_gradients(lambda x: fn(flipped(x)), X).verdict is Verdict.WRONG


@pytest.mark.parametrize("fn", [torch.ceil, torch.sign, lambda x: x**0], ids=["ceil", "sign", "1"])
def test_a_derivative_of_zero_is_right(fn: Any) -> None:
    assert check_gradients(fn, X).ok


def test_a_zero_gradient_of_a_small_function_is_wrong() -> None:
    assert check_gradients(lambda x: 1e-6 * x.detach().square() + 0 * x, X).verdict is Verdict.WRONG


def test_outputs_that_do_not_require_grad_beside_one_that_does_are_left_out() -> None:
    check = check_gradients(lambda x: (x.square(), x.detach().mean()), X)
    assert check.ok
    assert "output 1 (it does not require grad)" in check.unchecked
    assert check_gradients(lambda x: (flipped(x).square(), x.detach().mean()), X).verdict is Verdict.WRONG
    assert check_gradients(lambda x: x.detach().square(), X).verdict is Verdict.WRONG


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_an_output_cast_to_low_precision_has_its_rounding(dtype: torch.dtype) -> None:
    assert check_gradients(lambda x: x.sin().to(dtype), X).verdict is not Verdict.WRONG
    assert check_gradients(lambda x: flipped(x).sin().to(dtype), X).verdict is not Verdict.CORRECT


def test_a_sum_through_a_normalisation_has_a_gradient_of_rounding_errors() -> None:
    assert check_gradients(lambda x: torch.nn.functional.batch_norm(x, None, None, training=True), X).ok


def test_a_constant_output_has_a_gradient_of_rounding_errors() -> None:
    assert check_gradients(lambda x: torch.corrcoef(x.reshape(-1)), X).ok


def test_steps_that_leave_a_decompositions_domain_are_left_out() -> None:
    matrix = torch.tensor([[4.0, 1.0, 3.9], [1.0, 3.0, 1.0], [3.9, 1.0, 4.0]], dtype=DOUBLE)
    finding = check_gradients(lambda a: torch.linalg.cholesky(flipped(a + a.mT)), matrix).findings[0]
    assert (finding.kind, finding.verdict) == ("sign", Verdict.WRONG)
    assert check_gradients(lambda a: torch.linalg.cholesky(a + a.mT), matrix).verdict is not Verdict.WRONG
