"""The tangent's slope is autograd's; at a kink there are two, and autograd's choice lies between them."""

from __future__ import annotations

import pytest
import torch

from gradcheck import catalogue
from gradcheck.pictures.expression_line import expression_line
from gradcheck.pictures.formula_line import formula_line
from gradcheck.pictures.tangent import tangent


@pytest.mark.parametrize("name", ["sigmoid", "gelu", "softplus", "silu", "tanh", "relu"])
@pytest.mark.parametrize("at", [-1.5, 0.7])
def test_the_slope_is_autograd_s(name: str, at: float) -> None:
    formula = catalogue.formula(name)
    found = tangent(formula_line(formula, at={"x": [at]}))
    x = torch.tensor([at], dtype=torch.float64, requires_grad=True)
    formula.torch(x).sum().backward()
    assert x.grad is not None
    assert found.slopes == pytest.approx((x.grad.item(),), rel=1e-13)
    assert (found.x, found.value) == pytest.approx((at, formula.torch(x).item()))


@pytest.mark.parametrize(
    ("source", "slopes", "chosen"), [("abs(x)", (-1, 1), 0), ("relu(x)", (0, 1), 0), ("maximum(3*x, x)", (1, 3), 2)]
)
def test_at_a_kink_there_are_two(source: str, slopes: tuple[float, float], chosen: float) -> None:
    found = tangent(expression_line(source, at={"x": 0}))
    assert found.slopes == pytest.approx(slopes, abs=1e-9)
    assert found.chosen == chosen
