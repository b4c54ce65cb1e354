"""A tolerance widens an error bar and is named where it decided; it narrows none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from gradcheck.checking.torch_check import check_gradients
from gradcheck.errors import UsageError
from gradcheck.results import Verdict
from tests.checking.planted import Tensor, normal, planted

X = normal(8)


def scaled(factor: float) -> Any:
    return planted(torch.sin, lambda g, x: factor * g * x.cos())


def test_a_small_error_is_accepted_and_said_to_be() -> None:
    assert check_gradients(scaled(1.001), X).verdict is Verdict.WRONG
    check = check_gradients(scaled(1.001), X, rtol=1e-2)
    (finding,) = check.findings
    assert (check.verdict, finding.kind, finding.verdict) == (Verdict.CORRECT, "tolerated", Verdict.CORRECT)
    assert "without rtol the verdict is WRONG" in finding.text
    assert "rtol = 0.01 widened the bar" in finding.rule


def test_a_larger_error_is_wrong_still() -> None:
    check = check_gradients(scaled(1.1), X, rtol=1e-2)
    (finding,) = check.findings
    assert (check.verdict, finding.kind) == (Verdict.WRONG, "factor")
    assert "rtol = 0.01 widened the bar, and it lies outside still" in finding.rule


@pytest.mark.parametrize("rtol", [None, 0, 1e-16, 1e-3])
def test_a_right_gradient_passes_whatever_the_tolerance(rtol: float | None) -> None:
    check = check_gradients(torch.sin, X, rtol=rtol)
    assert (check.verdict, check.findings) == (Verdict.CORRECT, ())


def test_it_never_narrows_the_bar_below_the_noise() -> None:
    generator = np.random.default_rng(0)

    def noisy(x: Tensor) -> Tensor:
        return x.sin() + 1e-7 * torch.from_numpy(generator.standard_normal(x.shape))

    assert check_gradients(noisy, X, rtol=1e-15).verdict is Verdict.CORRECT


def test_it_decides_where_the_bar_alone_is_too_wide() -> None:
    generator = np.random.default_rng(0)

    def noisy(x: Tensor) -> Tensor:
        return x.sin() + 1e-4 * torch.from_numpy(generator.standard_normal(x.shape))

    assert check_gradients(noisy, X).verdict is Verdict.INCONCLUSIVE
    check = check_gradients(noisy, X, rtol=0.3)
    assert (check.verdict, check.findings[0].kind) == (Verdict.CORRECT, "tolerated")
    wrong = planted(torch.clone, lambda g, x: 2 * g)
    assert check_gradients(lambda x: wrong(noisy(x)), X, rtol=0.3).verdict is Verdict.WRONG


def test_it_holds_at_kinks_for_the_expected_and_for_other_modes() -> None:
    kinked = planted(torch.relu, lambda g, x: 1.001 * g * (x > 0))
    x = torch.tensor([0.0, 1.0, -1.0], dtype=torch.float64)
    assert check_gradients(kinked, x).verdict is Verdict.WRONG
    assert check_gradients(kinked, x, rtol=1e-2).ok
    assert check_gradients(torch.sin, X, expected=torch.diag(1.001 * X.cos()), rtol=1e-2).ok
    assert not check_gradients(torch.sin, X, expected=torch.diag(1.1 * X.cos()), rtol=1e-2).ok
    forward = planted(torch.sin, lambda g, x: g * x.cos(), lambda t, x: 1.001 * t * x.cos())
    assert check_gradients(forward, X, modes="forward").verdict is Verdict.WRONG
    assert check_gradients(forward, X, modes="forward", rtol=1e-2).ok


@pytest.mark.parametrize("rtol", [-1e-3, 1, 2.0, float("nan"), float("inf"), "small", True, X])
def test_nonsense_is_refused(rtol: Any) -> None:
    with pytest.raises(UsageError, match="rtol: must be a number from 0 to below 1"):
        check_gradients(torch.sin, X, rtol=rtol)
