"""Forward mode, second order and batched passes (cases 13 and 14), branches never entered (15), conditioning (26)."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from gradcheck import UsageError, check_gradients
from gradcheck.results import Verdict
from tests.checking.planted import planted

X = torch.tensor([0.3, -1.2, 2.1], dtype=torch.float64)


def sine(jvp: Any) -> Any:
    return planted(torch.sin, lambda g, x: g * x.cos(), jvp)


def cube(backward: Any) -> Any:
    return planted(lambda x: x**3, backward)


def test_13_a_wrong_forward_mode_is_found_and_its_right_twin_passes() -> None:
    wrong = check_gradients(sine(lambda t, x: 2 * t * x.cos()), X, modes=("reverse", "forward"))
    assert wrong.verdict is Verdict.WRONG
    assert [(f.kind, f.place) for f in wrong.findings] == [("forward_mode", "x")] or wrong.findings[0].index
    assert wrong.findings[0].kind == "forward_mode"
    assert check_gradients(sine(lambda t, x: t * x.cos()), X, modes=("reverse", "forward")).ok


def test_13_one_wrong_tangent_is_placed() -> None:
    flip = torch.tensor([1.0, 1.0, -1.0], dtype=torch.float64)
    wrong = check_gradients(sine(lambda t, x: t * x.cos() * flip), X, modes="forward")
    assert (wrong.findings[0].kind, wrong.findings[0].index) == ("forward_mode", (2,))


def test_14_a_detached_saved_tensor_is_wrong_in_second_order_only() -> None:
    detached = cube(lambda g, x: g * 3 * x.detach() ** 2)
    assert check_gradients(detached, X).ok
    check = check_gradients(detached, X, order=2)
    assert (check.verdict, check.findings[0].kind) == (Verdict.WRONG, "second_order")
    assert "detached" in check.findings[0].text
    assert check_gradients(cube(lambda g, x: g * 3 * x**2), X, order=2).ok


def test_second_order_is_named_as_unchecked_unless_asked_for() -> None:
    assert "second order (not asked for)" in check_gradients(torch.sin, X).unchecked
    assert check_gradients(torch.sin, X, order=2).unchecked == ()


@pytest.mark.parametrize("function", [torch.sin, lambda x: torch.softmax(x, -1), lambda x: (x * x).mean()])
def test_all_modes_pass_on_torch_functions(function: Any) -> None:
    check = check_gradients(function, X, modes="all")
    assert (check.verdict, check.findings, check.unchecked) == (Verdict.CORRECT, (), ())


def test_a_mode_that_a_function_lacks_is_unchecked_with_the_reason() -> None:
    check = check_gradients(sine(None), X, modes="forward")
    assert check.ok
    assert any(what.startswith("forward (") for what in check.unchecked)


@pytest.mark.parametrize(
    ("option", "message"), [({"modes": "sideways"}, "accepted are reverse"), ({"order": 3}, "1 or 2")]
)
def test_an_unknown_mode_or_order_is_refused(option: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        check_gradients(torch.sin, X, **option)


BRANCHES = {
    "leaky relu": (lambda x: torch.nn.functional.leaky_relu(x, 0.1), lambda g, x: g * (x > 0), X.abs()),
    "clamp": (lambda x: x.clamp(-1, 1), lambda g, x: g, X / 10),
}
TWINS = {
    "leaky relu": lambda g, x: g * (0.1 + 0.9 * (x > 0).to(x.dtype)),
    "clamp": lambda g, x: g * (x.abs() <= 1),
}


@pytest.mark.parametrize("name", BRANCHES)
def test_15_a_backward_wrong_in_a_branch_never_entered(name: str) -> None:
    forward, backward, inputs = BRANCHES[name]
    check = check_gradients(planted(forward, backward), inputs)
    assert (check.verdict, check.findings[0].kind, check.findings[0].place) == (Verdict.WRONG, "boundary", "x")
    assert "in a branch that they never enter" in check.findings[0].text
    assert check_gradients(planted(forward, TWINS[name]), inputs).ok


def test_15_points_outside_the_domain_are_passed_over() -> None:
    assert check_gradients(planted(torch.log, lambda g, x: g / x), X.abs()).ok


def test_a_target_that_asks_for_no_gradient_is_left_out_by_name() -> None:
    loss = planted(lambda x, target: ((x - target) ** 2).sum(), lambda g, x, target: (2 * g * (x - target), None))
    check = check_gradients(loss, X.clone().requires_grad_(), X.flip(0))
    assert check.ok
    assert any("does not require grad" in what for what in check.unchecked)
    assert check_gradients(loss, X.clone().requires_grad_(), X.flip(0).requires_grad_()).verdict is Verdict.WRONG
