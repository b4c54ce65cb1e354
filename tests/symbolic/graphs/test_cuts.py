"""What a function cuts from its derivative is held constant in its formula's, as autograd holds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from gradcheck.checking.torch_check import check_gradients
from gradcheck.symbolic.derivations.traced_derivation import derive_traced
from gradcheck.symbolic.evaluate import difference_quotient, evaluate
from gradcheck.symbolic.functions import held
from gradcheck.symbolic.graphs.trace import trace
from gradcheck.symbolic.tensors import dimension, sum_over, tensor
from tests.symbolic.graphs.test_operators import demand_same_jacobians

X = torch.tensor([0.5, -1.5, 2.0], dtype=torch.float64)


def scaled(x: torch.Tensor) -> torch.Tensor:
    """By a number that is computed aside, in steps."""
    with torch.no_grad():
        largest = x.abs().max()
        largest = largest + 1
    return x / largest


@torch.no_grad()
def centre(x: torch.Tensor) -> torch.Tensor:
    """A mean that nothing is differentiated by."""
    return x.mean()


class Doubled(torch.autograd.Function):
    """Its forward pass runs without a graph, as all do, and asks for that once more."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            y = x * 2
        return y * x

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        return gradients[0]


CUT: dict[str, Callable[..., Any]] = {
    "one of two factors": lambda x: x * x.detach(),
    "everything but a line": lambda x: x.detach() ** 2 * x.exp().detach() + x,
    "a straight-through step": lambda x: x + (x.round() - x).detach(),
    "data": lambda x: x.data * x,
    "a scale without a graph": scaled,
    "a decorated function": lambda x: (x - centre(x)) ** 2,
}


@pytest.mark.parametrize("name", CUT)
def test_what_is_cut_has_no_slope(name: str) -> None:
    traced = trace(CUT[name], X)
    demand_same_jacobians(traced)
    assert traced.notes
    assert all("held constant in derivatives, by" in note and "test_cuts.py:" in note for note in traced.notes)


def test_what_has_a_graph_within_none_has_its_slope() -> None:
    traced = trace(lambda x: torch.no_grad()(torch.enable_grad()(torch.sin))(x) * x, X)
    demand_same_jacobians(traced)
    assert traced.notes == ()


def test_a_row_of_padding_has_no_slope() -> None:
    traced = trace(nn.Embedding(4, 2, padding_idx=1).double(), torch.tensor([0, 3, 1]))
    demand_same_jacobians(traced)
    assert traced.notes == ("a row of padding is held constant in derivatives",)
    whole = trace(
        functional.embedding, torch.tensor([1]), torch.rand(3, 2), kwargs={"padding_idx": 1}, through_detach=True
    )
    assert not whole.formulas[0].definition.has(held)


def test_an_own_backward_pass_cuts_nothing_from_the_forward_one() -> None:
    traced = trace(Doubled.apply, X)
    assert traced.notes == ()
    assert str(traced.formulas[0].gradient()) == "4*KroneckerDelta(i, j)*x1[i]"


def test_nothing_is_recognised_where_something_is_held() -> None:
    assert trace(lambda x: x * x.detach(), X).recognised == (None,)
    assert trace(lambda x: x * x.detach(), X, through_detach=True).recognised != (None,)


def test_a_derivation_holds_what_is_cut_and_says_so() -> None:
    derivation = derive_traced(lambda x: (x * x.detach()).sum(), (X,))
    assert derivation.ok
    assert str(derivation.result) == "held(x[j])"
    (note,) = derivation.notes
    assert note.startswith("what is detached is held constant")


def test_a_check_still_convicts_autograd_of_what_was_cut() -> None:
    check = check_gradients(lambda x: x * x.detach(), X.clone().requires_grad_(), symbolic=True)
    assert not check.ok
    assert "1/2 of the true one" in str(check)


def test_a_difference_quotient_moves_nothing_that_is_held() -> None:
    n = dimension("n")
    x = tensor("x", n)
    expression = sum_over(n, lambda k: x[k] * held(x[k] ** 2))
    environment = {n: 2, "x": [3.0, 4.0]}
    assert float(evaluate(expression, environment)) == 91
    assert float(difference_quotient(expression, "x", (1,), environment)) == pytest.approx(16, rel=1e-15)
