"""At kinks and ties a formula's derivative is the one that torch takes there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.nn import functional

from gradcheck.symbolic.graphs.trace import trace
from tests.symbolic.graphs.test_operators import demand_same_jacobians

ZEROS = torch.tensor([[0.0, -1.0, 2.0], [0.5, 0.0, -0.0]], dtype=torch.float64)
TIED = torch.tensor([[3.0, 1.0, 3.0, 2.0], [3.0, -1.0, -1.0, 3.0], [1.0, 1.0, 1.0, 1.0]], dtype=torch.float64)
OTHER = torch.tensor([[3.0, 0.0, 3.0, 2.5], [2.0, -1.0, 4.0, 3.0], [1.0, 0.0, 2.0, 1.0]], dtype=torch.float64)
THREES = torch.tensor([-3.0, 3.0, 0.0, 6.0, -1.0, 1.0, 0.5, -0.5], dtype=torch.float64)

AT_KINKS: dict[str, Callable[..., Any]] = {
    name: getattr(functional, name)
    for name in (
        *("relu", "relu6", "hardtanh", "hardswish", "leaky_relu", "elu", "selu", "softshrink", "hardshrink"),
        *("silu", "softsign", "gelu", "mish", "logsigmoid", "tanhshrink"),
    )
}
AT_KINKS |= {
    "threshold": lambda x: functional.threshold(x, 0.5, 20.0),
    "abs": torch.abs,
    "sign": torch.sign,
    "clamp": lambda x: x.clamp(-1, 0.5),
    "clamp below": lambda x: x.clamp_min(0),
    "clamp above": lambda x: x.clamp_max(0.5),
    "sinc": torch.sinc,
    "i1": torch.special.i1,
    "root of a square": lambda x: (x - 9).pow(2).sqrt() + ((x - 9) ** 4) ** 0.25,
    "norm 1": lambda x: torch.linalg.vector_norm(x, 1),
    "rounded": lambda x: x.floor() + x.ceil() + x.round() + x.trunc() + x.frac() + x,
    "huber": lambda x: functional.huber_loss(x, 0 * x, delta=0.5) + functional.smooth_l1_loss(x, 0 * x, beta=0.5),
    "l1": lambda x: functional.l1_loss(x, 0 * x),
    "hinge": lambda x: functional.relu(1 - x).sum(),
}

AT_TIES: dict[str, Callable[..., Any]] = {
    "amax": lambda x: x.amax(-1),
    "amax of all": lambda x: x.amax((0, 1)),
    "amin": lambda x: x.amin(0),
    "max of all": torch.max,
    "median of all": lambda x: torch.median(x[1]),
    "sorted": lambda x: torch.sort(x, -1).values * x,
    "sorted down": lambda x: torch.sort(x, -1, descending=True).values * x,
    "min of all": torch.min,
    "max": lambda x: x.max(-1).values,
    "max over rows": lambda x: x.max(0, keepdim=True).values,
    "min": lambda x: x.min(1).values,
    "aminmax": lambda x: torch.add(*torch.aminmax(x, dim=1)),
    "infinite norm": lambda x: torch.linalg.vector_norm(x, float("inf"), 1),
    "least norm": lambda x: torch.linalg.vector_norm(x, -float("inf")),
    "cumulative sum": lambda x: x.cumsum(1).amax(1),
    "softmax": lambda x: x.softmax(-1),
}
OF_TWO = {name: getattr(torch, name) for name in ("maximum", "minimum", "fmax", "fmin")} | {
    "clamp by tensors": lambda x, y: x.clamp(min=y) + x.clamp(max=y),
    "where": lambda x, y: torch.where(x > y, x, y) + torch.where(x >= y, 2 * x, y),
}


@pytest.mark.parametrize("name", AT_KINKS)
def test_at_kinks_the_slope_is_that_of_torch(name: str) -> None:
    demand_same_jacobians(trace(AT_KINKS[name], THREES))


@pytest.mark.parametrize("name", AT_TIES)
def test_entries_that_tie_share_the_slope_as_in_torch(name: str) -> None:
    demand_same_jacobians(trace(AT_TIES[name], TIED))


@pytest.mark.parametrize("name", OF_TWO)
def test_tensors_that_tie_share_the_slope_as_in_torch(name: str) -> None:
    demand_same_jacobians(trace(OF_TWO[name], TIED, OTHER))


@pytest.mark.parametrize("function", [torch.prod, lambda x: x.prod(0), lambda x: x.cumprod(1)])
def test_products_hold_at_zeros(function: Callable[..., Any]) -> None:
    demand_same_jacobians(trace(function, ZEROS))


def test_a_logarithm_of_nothing_times_nothing_is_nothing() -> None:
    probabilities = torch.tensor([0.0, 0.25, 0.75], dtype=torch.float64)
    logs = torch.tensor([-5.0, -1.0, -0.5], dtype=torch.float64)
    (loss,) = trace(lambda z, p: functional.kl_div(z, p, reduction="sum"), logs, probabilities).formulas
    value = functional.kl_div(logs, probabilities, reduction="sum").item()
    assert loss.compile("numpy")(logs.numpy(), probabilities.numpy()) == pytest.approx(value)
