"""A ratio over a whole gradient tells a factor from a mistake at some entries, whatever a sample of entries shows."""

from collections.abc import Callable

import pytest
import torch

from gradcheck.checking.torch_check import check_gradients
from gradcheck.results import Verdict

X = torch.linspace(-0.9, 1.3, 60, dtype=torch.float64).reshape(12, 5)
W = torch.linspace(0.2, 0.7, 40, dtype=torch.float64).reshape(5, 8)


def planted(factor: torch.Tensor | float) -> Callable[[torch.Tensor], torch.Tensor]:
    """A matrix product whose gradient is multiplied by `factor`."""

    def fn(x: torch.Tensor) -> torch.Tensor:
        copy = x.clone()
        if copy.requires_grad:
            copy.register_hook(lambda gradient: gradient * factor)
        return torch.sin(copy) @ W

    return fn


def row(number: int, value: float) -> torch.Tensor:
    """Ones, with `value` in one row."""
    factor = torch.ones_like(X)
    factor[number] = value
    return factor


@pytest.mark.parametrize(
    ("factor", "kinds"),
    [
        (1.001, {"factor"}),
        (1 + 1e-6, {"factor"}),
        (-1.0, {"sign"}),
        (row(7, -1.0), {"single_entry", "column", "block"}),
    ],
)
def test_the_kind_is_that_of_the_whole_gradient(factor: torch.Tensor | float, kinds: set[str]) -> None:
    check = check_gradients(planted(factor), X)
    (finding,) = check.findings
    assert (check.verdict, finding.place) == (Verdict.WRONG, "x")
    assert finding.kind in kinds
    assert check_gradients(planted(1.0), X).ok


def test_a_scalar_is_scaled_too() -> None:
    def scaled(x: torch.Tensor) -> torch.Tensor:
        return x.detach() + 1.001 * (x - x.detach())

    check = check_gradients(scaled, torch.tensor(0.7, dtype=torch.float64))
    assert check.findings[0].kind == "factor"
    assert "1.001 times the true one" in check.findings[0].text
