"""A backward pass that writes to grad_output, forgets, or remembers another call; each has a name and a right twin."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
import torch

from gradcheck.checking.torch_check import check_gradients
from gradcheck.errors import UsageError
from gradcheck.results import Verdict
from tests.checking.planted import Tensor, normal, planted

X = normal(6)


def overwriting(g: Tensor, x: Tensor) -> Tensor:
    return g.mul_(x.cos())


class Remembered(torch.autograd.Function):
    """A sine that keeps the last input of any call."""

    last: ClassVar[Tensor]

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.x = Remembered.last = x.detach().clone()
        return x.sin()

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        return grads[0] * Remembered.last.cos()


class Kept(Remembered):
    """Its twin that keeps the input of its own call."""

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        return grads[0] * ctx.x.cos()


class Once(Remembered):
    """A twin that forgets its input after the first backward pass."""

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        slope, ctx.x = ctx.x.cos(), None
        return grads[0] * slope


@pytest.mark.parametrize(
    ("wrong", "right", "kind"),
    [
        (planted(torch.sin, overwriting), planted(torch.sin, lambda g, x: g * x.cos()), "mutates_grad_output"),
        (Remembered.apply, Kept.apply, "stale"),
        (Once.apply, Kept.apply, "backward_raises"),
    ],
)
def test_state_has_its_name(wrong: Any, right: Any, kind: str) -> None:
    check = check_gradients(wrong, X)
    assert (check.verdict, [finding.kind for finding in check.findings]) == (Verdict.WRONG, [kind])
    assert check_gradients(right, X).findings == ()


def test_a_second_run_that_raises_says_what() -> None:
    text = check_gradients(Once.apply, X).findings[0].text
    assert "raises when it runs a second time: AttributeError: 'NoneType' object has no attribute 'cos'" in text


def test_another_wrong_backward_is_not_told_by_state() -> None:
    check = check_gradients(planted(torch.sin, lambda g, x: g**2 * x.cos()), X)
    assert check.findings[0].kind == "misuses_grad_output"


@pytest.mark.parametrize("scale", [1e-100, 1.0, 1e100])
def test_products_that_overflow_hide_nothing(scale: float) -> None:
    assert check_gradients(planted(torch.square, lambda g, x: 2 * g * x), scale * X).ok
    check = check_gradients(planted(torch.square, lambda g, x: 3 * g * x), scale * X)
    assert (check.verdict, check.findings[0].kind) == (Verdict.WRONG, "factor")


@pytest.mark.parametrize(
    ("x", "says"),
    [(torch.eye(3).to_sparse(), "must be a dense tensor with values; got sparse_coo"), (X.to("meta"), "a meta tensor")],
)
def test_tensors_without_plain_values_are_refused(x: Tensor, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        check_gradients(lambda x: x * 2, x)
