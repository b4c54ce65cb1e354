"""The formula of a function's code as a third way: it convicts and acquits, and never makes a right verdict wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from gradcheck import check_gradients
from gradcheck.checking.check import GradientCheck
from gradcheck.checking.expectations import formula_asked
from gradcheck.checking.expectations.expectation import Expected
from gradcheck.checking.expectations.traced_formula import traced_derivative
from gradcheck.errors import UsageError
from gradcheck.results import Verdict

Function = Callable[..., torch.Tensor]


def point(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


class SineTimesX(torch.autograd.Function):
    """x sin x, differentiated with a factor 2 in one of its terms."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        product: torch.Tensor = torch.sin(x) * x
        return product

    @staticmethod
    def backward(ctx: Any, *grad_outputs: torch.Tensor) -> torch.Tensor:
        (x,) = ctx.saved_tensors
        gradient: torch.Tensor = grad_outputs[0] * (torch.sin(x) + 2 * x * torch.cos(x))
        return gradient


def half(x: torch.Tensor) -> torch.Tensor:
    return x * x.detach()


@pytest.mark.parametrize("function", [SineTimesX.apply, half])
@pytest.mark.parametrize("symbolic", ["auto", True])
def test_a_wrong_gradient_stands_alone(function: Function, symbolic: Any) -> None:
    check = check_gradients(function, point(3), symbolic=symbolic)
    assert check.verdict is Verdict.WRONG
    assert "autograd stands alone, the formula of its code agrees with what was measured" in check.findings[0].text
    assert "the formula of the code" in check.findings[0].rule


@pytest.mark.parametrize(
    ("function", "shapes"),
    [
        (lambda x: torch.sin(x) * x, [(3,)]),
        (lambda x, y: (x @ y).sum(), [(2, 3), (3, 4)]),
        (lambda z: torch.softmax(z, -1), [(2, 3)]),
        (lambda x: {"twice": 2 * x, "square": x**2}, [(3,)]),
    ],
)
def test_a_right_gradient_passes_with_its_formula(function: Function, shapes: list[tuple[int, ...]]) -> None:
    check = check_gradients(function, *(point(*shape) for shape in shapes), symbolic=True)
    assert (check.verdict, check.findings) == (Verdict.CORRECT, ())
    assert not any("formula" in line for line in check.unchecked)


def test_a_module_passes_with_its_formula() -> None:
    module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2)).double()
    check = check_gradients(module, point(5, 3), symbolic=True)
    assert check.ok
    assert not any("formula" in line for line in check.unchecked)


def drowned(x: torch.Tensor) -> torch.Tensor:
    return torch.sin(x) + 1e12


def test_what_rounding_drowns_is_decided_by_the_formula() -> None:
    undecided = check_gradients(drowned, point(3), symbolic=False)
    decided = check_gradients(drowned, point(3), symbolic="auto")
    assert (undecided.verdict, decided.verdict) == (Verdict.INCONCLUSIVE, Verdict.CORRECT)
    assert "agree to rounding, which decides it" in decided.findings[0].text


class Drowned(torch.autograd.Function):
    """sin x + 1e12, differentiated 1 % too large: no difference can tell."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return drowned(x)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: torch.Tensor) -> torch.Tensor:
        (x,) = ctx.saved_tensors
        return grad_outputs[0] * 1.01 * torch.cos(x)


def test_what_rounding_drowns_is_not_acquitted_where_the_formula_differs() -> None:
    assert check_gradients(Drowned.apply, point(3), symbolic="auto").verdict is Verdict.INCONCLUSIVE


def test_a_gradient_in_single_precision_is_not_acquitted() -> None:
    """torch's own backward of hardsigmoid multiplies by 1/6 in single precision."""
    check = check_gradients(torch.nn.functional.hardsigmoid, point(3), symbolic="auto")
    assert check.verdict is Verdict.WRONG
    assert "autograd stands alone" in check.findings[0].text


def scaled(expected: Expected, factor: float) -> Expected:
    return Expected(
        expected.name, lambda v: [None if g is None else factor * g for g in expected.products(v)], expected.silent
    )


def with_wrong_formula(monkeypatch: pytest.MonkeyPatch, function: Function, x: torch.Tensor) -> GradientCheck:
    monkeypatch.setattr(
        "gradcheck.checking.expectations.traced_formula.traced_derivative",
        lambda *given: scaled(traced_derivative(*given), 3.0),
    )
    return check_gradients(function, x, symbolic=True)


def test_a_wrong_formula_never_convicts(monkeypatch: pytest.MonkeyPatch) -> None:
    check = with_wrong_formula(monkeypatch, torch.sin, point(3))
    assert check.verdict is Verdict.CORRECT
    assert any("autograd and finite differences both contradict it" in line for line in check.unchecked)


def test_a_wrong_formula_never_acquits(monkeypatch: pytest.MonkeyPatch) -> None:
    check = with_wrong_formula(monkeypatch, SineTimesX.apply, point(3))
    assert check.verdict is Verdict.WRONG
    assert "stands alone" not in check.findings[0].text


@pytest.mark.parametrize("symbolic", ["auto", True])
def test_code_without_a_formula_is_listed(symbolic: Any) -> None:
    def function(x: torch.Tensor) -> torch.Tensor:
        return x * x.detach() * (2.0 if float(x.sum()) > 100 else 1.0)

    check = check_gradients(function, point(3), symbolic=symbolic)
    assert check.verdict is Verdict.WRONG
    (line,) = (line for line in check.unchecked if line.startswith("against the formula of the code ("))
    assert "if float(x.sum()) > 100" in line


def test_by_itself_the_formula_is_asked_only_where_something_is_not_right(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Any:
        pytest.fail("the formula was asked for")

    monkeypatch.setattr(formula_asked.FormulaAsked, "derivative", refuse)
    assert check_gradients(torch.sin, point(3), symbolic="auto").ok
    assert not check_gradients(half, point(3), symbolic=False).ok


def test_another_choice_is_refused() -> None:
    with pytest.raises(UsageError, match="symbolic must be"):
        check_gradients(torch.sin, point(3), symbolic="sometimes")  # type: ignore[arg-type]


def needs_a_graph(x: torch.Tensor) -> torch.Tensor:
    (slope,) = torch.autograd.grad((x**3).sum(), x)
    return slope.sum() + x.sum()


def test_a_function_that_does_not_run_outside_of_autograd_is_checked_without_its_formula() -> None:
    check = check_gradients(needs_a_graph, point(3), symbolic=True)
    assert any("the function raises RuntimeError" in line for line in check.unchecked)


def test_of_several_outputs_the_wrong_one_is_told_by_its_number() -> None:
    slipped: Function = SineTimesX.apply

    def function(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return x.cos(), slipped(x)

    check = check_gradients(function, point(3), symbolic=True)
    assert check.verdict is Verdict.WRONG
    assert "autograd stands alone" in check.findings[0].text
    assert "the derivative of output 1 at [" in check.findings[0].text


def shares(x: torch.Tensor) -> torch.Tensor:
    """A softmax by hand: beyond exp(355) the square of its sum overflows."""
    e = torch.exp(x)
    return (e / e.sum() * torch.arange(x.shape[0])).sum()


def test_a_formula_that_overflows_on_its_way_is_said_to() -> None:
    check = check_gradients(shares, torch.tensor([400.0, 399.5, 398.0], dtype=torch.float64), symbolic=True)
    assert check.verdict is Verdict.CORRECT
    assert any("on its way a value is infinite" in line for line in check.unchecked)
    assert not any("contradict" in line for line in check.unchecked)


def test_a_formula_that_has_no_finite_derivative_or_none_at_all_is_said_not_to(monkeypatch: pytest.MonkeyPatch) -> None:
    def raising(_: Any) -> Any:
        raise RuntimeError("no such kernel")

    for products, told in ((lambda v: [v[0] / 0], "no finite number"), (raising, "no such kernel")):
        oracle = Expected("the formula", products, ())
        monkeypatch.setattr(formula_asked.FormulaAsked, "derivative", lambda *_, oracle=oracle: oracle)
        check = check_gradients(SineTimesX.apply, point(3), symbolic=True)
        assert check.verdict is Verdict.WRONG
        assert any(told in line for line in check.unchecked)
