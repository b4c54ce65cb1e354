"""Folding at kinks: only what has the slopes there that torch gives the code."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from gradcheck.symbolic.graphs.folding import FOLDINGS
from gradcheck.symbolic.printing import text
from tests.symbolic.graphs.test_folding import CASES, VECTOR, formula_of

Function = Callable[[torch.Tensor], torch.Tensor]
KINKED: tuple[tuple[str, Function, str], ...] = (
    ("relu by cases", lambda x: torch.where(x > 0, x, 0.0), "relu(x[i])"),
    ("relu by cases", lambda x: torch.where(x <= 0, 0.0, x), "relu(x[i])"),
    ("relu by a product", lambda x: x * (x > 0), "relu(x[i])"),
    ("relu by a product", lambda x: 2 * x * (x > 0), "2*relu(x[i])"),
    ("relu by a product", lambda x: x * torch.sign(x), "abs(x[i])"),
)
LOOKS_LIKE: tuple[Function, ...] = (
    lambda x: torch.where(x >= 0, x, 0.0),
    lambda x: torch.where(x < 0, 0.0, x),
    lambda x: x * (x >= 0),
    lambda x: torch.clamp(x, min=0.0),
    lambda x: torch.maximum(x, torch.zeros_like(x)),
    lambda x: torch.relu(x) + torch.log1p(torch.exp(-x.abs())),
)
"""Functions whose slope at 0 is not that of the function they look like."""


def demand_the_slopes_of_the_code(function: Function) -> None:
    """The formula's slopes at and beside the kink are those that torch gives the code."""
    x = torch.tensor([0.0, -0.5, 1.5], dtype=torch.float64)
    slopes = torch.autograd.functional.jacobian(function, x)
    np.testing.assert_array_equal(formula_of(function, [x]).compile("numpy", wrt="x")(x.numpy()), slopes.numpy())


@pytest.mark.parametrize(("name", "function", "expected"), KINKED)
def test_a_folded_formula_has_the_slope_of_the_code_at_its_kink(name: str, function: Function, expected: str) -> None:
    demand_the_slopes_of_the_code(function)
    assert text(formula_of(function, VECTOR).definition) == expected


@pytest.mark.parametrize("function", LOOKS_LIKE)
def test_code_with_another_slope_at_the_kink_is_not_folded(function: Function) -> None:
    demand_the_slopes_of_the_code(function)
    assert not {"relu(x[i])", "softplus(x[i])"} & {text(formula_of(function, VECTOR).definition)}


@pytest.mark.parametrize("name", [each.name for each in FOLDINGS])
def test_every_identity_is_used(name: str) -> None:
    assert name in {case[0] for case in CASES} | {case[0] for case in KINKED}
