"""A function that rounds has the derivative 0; arithmetic in a low precision only looks as if it had."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from gradcheck import check_gradients
from gradcheck.results import Verdict
from tests.checking.planted import normal, planted

Function = Callable[[torch.Tensor], torch.Tensor]
X = torch.linspace(0.3, 1.7, 12, dtype=torch.float64).reshape(3, 4)

ROUNDING: dict[str, Function] = {
    "ceil": torch.ceil,
    "round": lambda x: torch.round(3 * x),
    "sign": torch.sign,
    "constant": lambda x: x**0,
}
SMOOTH: dict[str, tuple[Function, Verdict]] = {
    "sin": (torch.sin, Verdict.WRONG),
    "sin in float32": (lambda x: x.float().sin().double(), Verdict.WRONG),
    "sin + 1e9": (lambda x: x.sin() + 1e9, Verdict.WRONG),
    "sin in bfloat16": (lambda x: x.bfloat16().sin().double(), Verdict.INCONCLUSIVE),
    "half, then more": (lambda x: x.half().double() + 0.1, Verdict.INCONCLUSIVE),
}


@pytest.mark.parametrize("point", [X, 9 * normal(7), torch.tensor(3.3, dtype=torch.float64)], ids=["rows", "9", "one"])
@pytest.mark.parametrize("name", ROUNDING)
def test_a_gradient_of_zero_between_stairs_is_right(name: str, point: torch.Tensor) -> None:
    check = check_gradients(ROUNDING[name], point)
    assert (check.verdict, check.findings) == (Verdict.CORRECT, ())


@pytest.mark.parametrize("name", ROUNDING)
def test_another_gradient_between_stairs_is_wrong(name: str) -> None:
    check = check_gradients(planted(ROUNDING[name], lambda g, x: 7.0 * g), X)
    assert check.verdict is Verdict.WRONG


@pytest.mark.parametrize("name", SMOOTH)
def test_a_gradient_of_zero_of_a_smooth_function_never_passes(name: str) -> None:
    function, verdict = SMOOTH[name]
    check = check_gradients(planted(function, lambda g, x: 0 * x), X)
    assert check.verdict is verdict


def test_narrow_stairs_are_undecided() -> None:
    check = check_gradients(lambda x: torch.round(x, decimals=3), 9 * normal(7))
    assert check.verdict is Verdict.INCONCLUSIVE
    assert "rise in small stairs" in check.findings[0].text


@pytest.mark.parametrize("name", ["constant", "count"])
def test_no_gradient_of_a_constant_is_right_after_few_evaluations(name: str) -> None:
    functions: dict[str, Function] = {
        "constant": lambda x: x.detach() * 0 + 1.0,
        "count": lambda x: (x.detach() != 0).double().sum(),
    }
    check = check_gradients(functions[name], X)
    assert check.verdict is Verdict.CORRECT
    assert check.evaluations < 12


@pytest.mark.parametrize("name", SMOOTH)
def test_no_gradient_of_a_smooth_function_never_passes(name: str) -> None:
    function, verdict = SMOOTH[name]
    assert check_gradients(lambda x: function(x.detach()), X).verdict is verdict
