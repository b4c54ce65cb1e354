"""The aims for traced operators, held against the results that `make traced` wrote; and the check itself."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from gradcheck.symbolic.pullback import pullback
from tests.opdb.samples import Sample
from tests.opdb.table import load
from tests.traced import checks
from tests.traced.__main__ import RESULTS
from tests.traced.checks import record
from tests.traced.reasons import REASONS
from tests.traced.table import DIFFERING, FAILING, document

pytestmark = pytest.mark.opdb

X = torch.tensor([[0.3, -0.7, 1.1], [0.9, 0.2, -1.3]], dtype=torch.float64, requires_grad=True)


class Spoiled(torch.autograd.Function):
    """The sine, with a backward pass that is off by a millionth."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return x.sin()

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        (x,) = ctx.saved_tensors
        return gradients[0] * x.cos() * (1 + 1e-6)


def results() -> list[dict[str, Any]]:
    """The records of a run; without one there is nothing to hold."""
    found = load(RESULTS)
    assert found, f"{RESULTS} is empty: make traced writes it"
    return found


def test_no_formula_is_wrong_and_none_fails_to_be_built() -> None:
    assert not [line for line in results() if line["verdict"] in FAILING]


def test_every_derivative_that_differs_has_its_reason() -> None:
    assert {line["operator"] for line in results() if line["verdict"] in DIFFERING} <= set(REASONS)


def test_hundreds_of_operators_become_formulas() -> None:
    lines = results()
    failing = {line["operator"] for line in lines if line["verdict"] in FAILING}
    assert len({line["operator"] for line in lines if line["verdict"] == "right"} - failing) >= 200


@pytest.mark.parametrize(
    ("function", "verdict"),
    [
        (torch.sin, "right"),
        (Spoiled.apply, "autograd"),
        (lambda x: x * x[0, 0].item(), "refused"),
    ],
)
def test_a_derivative_that_is_off_is_found(function: Any, verdict: str) -> None:
    assert record(Sample("sin", 0, function, (X,)))["verdict"] == verdict


def test_a_point_without_a_derivative_blames_nobody() -> None:
    zero = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    assert record(Sample("norm", 0, torch.linalg.vector_norm, (zero,)))["verdict"] == "kink"


@pytest.mark.parametrize("function", [torch.sin, Spoiled.apply])
def test_a_formula_whose_derivative_is_off_is_wrong(function: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoiled(formula: Any, name: str) -> Any:
        return lambda *values: pullback(formula, name)(*values) * (1 - 1e-6)

    monkeypatch.setattr(checks, "pullback", spoiled)
    assert record(Sample("sin", 0, function, (X,)))["verdict"] == "wrong"


def test_the_page_counts_what_happened() -> None:
    line = {"operator": "sin", "sample": 0, "text": ""}
    page = document([{**line, "verdict": "right"}, {**line, "verdict": "refused", "text": "no formula"}])
    assert "1 operators become formulas" in page
    assert "| no formula | 1         | sin         |" in page
