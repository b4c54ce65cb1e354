"""Steps that lead out of a function's domain decide nothing; what is left decides."""

from __future__ import annotations

import pytest
import torch

from gradcheck import check_gradients
from gradcheck.errors import UsageError
from gradcheck.results import Verdict
from tests.checking.planted import planted

Tensor = torch.Tensor
EDGE = torch.tensor([0.2, 0.9999, 0.5], dtype=torch.float64)


def probability(x: Tensor) -> Tensor:
    if bool((x > 1).any()):
        raise ValueError("a probability is at most 1")
    return -torch.log(x)


def cross_entropy(x: Tensor) -> Tensor:
    return torch.nn.functional.binary_cross_entropy(EDGE, x, reduction="none")


@pytest.mark.parametrize("fn", [probability, cross_entropy])
def test_steps_outside_the_domain_are_passed_over(fn: object) -> None:
    assert check_gradients(fn, EDGE).ok


def test_a_wrong_gradient_near_the_edge_is_still_wrong() -> None:
    check = check_gradients(planted(probability, lambda g, x: -1.01 * g / x), EDGE)
    assert (check.verdict, check.findings[0].kind, check.findings[0].place) == (Verdict.WRONG, "factor", "x")


def test_a_function_of_one_point_is_undecided() -> None:
    def fn(x: Tensor) -> Tensor:
        if not torch.equal(x, EDGE):
            raise RuntimeError("another point")
        return x * x

    assert check_gradients(fn, EDGE).verdict is Verdict.INCONCLUSIVE


def test_poles_close_by_are_no_mistake() -> None:
    x = -1000 * torch.rand(20, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert check_gradients(torch.lgamma, x).ok


@pytest.mark.parametrize("dtype", [torch.complex32, torch.complex64, torch.complex128])
def test_a_complex_result_of_any_precision_is_looked_at(dtype: torch.dtype) -> None:
    x = torch.tensor([[0.5, -1.25]], dtype=torch.float64)
    assert check_gradients(lambda x: x.to(dtype), x).ok
    with pytest.raises(UsageError, match="finite"):
        check_gradients(lambda x: (x * float("inf")).to(dtype), x)
