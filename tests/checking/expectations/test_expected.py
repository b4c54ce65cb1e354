"""An expected derivative beside autograd and finite differences: whichever of the three stands alone is named."""

from __future__ import annotations

import resource
from typing import Any

import numpy as np
import pytest
import torch

from gradcheck import formula
from gradcheck.checking.torch_check import check_gradients
from gradcheck.errors import UsageError
from gradcheck.results import Verdict
from tests.checking.planted import Tensor, normal, planted, uniform

X, Y = normal(6), normal(6, seed=1)
HALF = planted(lambda x: (x * x).sum(), lambda g, x: g * x)
DIAGONAL = planted(lambda x: x.softmax(-1), lambda g, x: g * x.softmax(-1))


def square(x: Tensor) -> Tensor:
    return (x * x).sum()


def dot(a: Tensor, b: Tensor) -> Tensor:
    return (a * b).sum()


def softmax(x: Tensor) -> Tensor:
    return x.softmax(-1)


def jacobian_of_softmax(x: Tensor) -> Tensor:
    y = x.softmax(-1)
    return torch.diag(y) - torch.outer(y, y)


def cross_entropy(z: Tensor, y: Tensor) -> Tensor:
    return torch.nn.functional.cross_entropy(z, y)


RIGHT: dict[str, tuple[Any, tuple[Any, ...], Any]] = {
    "a Jacobian": (torch.sin, (X,), torch.diag(X.cos())),
    "an array": (torch.sin, (X,), np.diag(X.cos().numpy())),
    "a gradient": (square, (X,), 2 * X),
    "a gradient as numbers": (square, (torch.tensor([1.0, 2.0], dtype=torch.float64),), [2, 4]),
    "the Jacobian of one number": (lambda x: (x * x).sum().reshape(1), (X,), (2 * X).reshape(1, 6)),
    "a scalar's derivative": (torch.exp, (torch.tensor(0.0, dtype=torch.float64),), 1.0),
    "a sequence": (dot, (X, Y), (Y, X)),
    "a sequence with a gap": (dot, (X, Y), [None, X]),
    "a mapping": (dot, (X, Y), {"b": X}),
    "a gradient function": (dot, (X, Y), lambda a, b: (b, a)),
    "a gradient function in NumPy": (square, (X,), lambda x: 2 * x.numpy()),
    "torch's own": (softmax, (X,), torch.func.jacrev(softmax)),
    "a formula's name": (softmax, (X,), "softmax"),
    "a formula": (softmax, (X,), formula("softmax")),
    "a formula of a dimension argument": (torch.softmax, (X, -1), "softmax"),
    "a formula of integers": (cross_entropy, (normal(4, 3), torch.tensor([0, 2, 1, 1])), "cross_entropy_index"),
    "float32": (torch.sin, (X.float(),), torch.diag(X.float().cos())),
    "a subgradient": (torch.relu, (torch.tensor([0.0, 1.0, -1.0]).double(),), np.diag([0.5, 1.0, 0.0])),
}


@pytest.mark.parametrize("name", RIGHT)
def test_an_expected_derivative_that_is_right_passes(name: str) -> None:
    fn, inputs, expected = RIGHT[name]
    assert check_gradients(fn, *inputs, expected=expected).verdict is Verdict.CORRECT


def shifted(row: int, column: int) -> Tensor:
    jacobian = jacobian_of_softmax(X)
    jacobian[row, column] += 1e-7
    return jacobian


ALONE: dict[str, tuple[Any, tuple[Any, ...], Any, str, tuple[int, ...], str]] = {
    "half": (square, (X,), X, "x", (2,), "it is 1/2 of the true one"),
    "another formula": (lambda x: x.log_softmax(-1), (X,), "softmax", "x", (0,), "the formula 'softmax' stands alone"),
    "one entry": (softmax, (X,), shifted(2, 4), "x", (4,), "the output at [2] by x[4]"),
    "a function": (square, (X,), lambda x: -2 * x, "x", (2,), "it has the wrong sign"),
    "the second input": (dot, (X, Y), (Y, 2 * X), "b", (0,), "it is 2 times the true one"),
    "nan": (square, (X,), torch.where(X[3] == X, torch.nan, 2 * X), "x", (3,), "nan"),
    "no subgradient": (
        torch.relu,
        (torch.tensor([0.0, 1.0, -1.0]).double(),),
        np.diag([1.5, 1.0, 0.0]),
        "input 0",
        (0,),
        "1.5",
    ),
}


@pytest.mark.parametrize("name", ALONE)
def test_an_expected_derivative_that_stands_alone_is_named_and_placed(name: str) -> None:
    fn, inputs, expected, place, index, says = ALONE[name]
    check = check_gradients(fn, *inputs, expected=expected)
    finding = check.findings[0]
    assert (check.verdict, finding.kind, finding.place, finding.index) == (Verdict.WRONG, "expected", place, index)
    assert "stands alone" in finding.text
    assert says in finding.text
    assert "by autograd" in finding.text
    assert "measured" in finding.text
    assert "the other two contradict" in finding.rule


def test_autograd_alone_keeps_its_diagnosis() -> None:
    check = check_gradients(DIAGONAL, X, expected="softmax")
    finding = check.findings[0]
    assert (check.verdict, finding.kind, finding.place) == (Verdict.WRONG, "missing_coupling", "x")
    assert "autograd stands alone, the formula 'softmax' agrees with what was measured" in finding.text


def test_a_measurement_alone_points_at_the_forward_pass() -> None:
    check = check_gradients(HALF, X, expected=X)
    finding = check.findings[0]
    assert (check.verdict, finding.kind, finding.place) == (Verdict.WRONG, "measurement_alone", "x")
    assert "autograd and the expected gradient agree" in finding.text
    assert "1/2 of the true one" in finding.text
    assert "forward pass" in finding.remedy


def test_three_that_differ_are_said_to() -> None:
    finding = check_gradients(HALF, X, expected=3 * X).findings[0]
    assert (finding.kind, finding.verdict) == ("factor", Verdict.WRONG)
    assert "no two of the three agree" in finding.text


def test_where_the_bar_is_too_wide_a_difference_is_undecided() -> None:
    generator = np.random.default_rng(0)

    def noisy(x: Tensor) -> Tensor:
        return x.sin() + 0.01 * torch.from_numpy(generator.standard_normal(x.shape))

    check = check_gradients(noisy, X, expected=torch.diag(1.001 * X.cos()))
    assert (check.verdict, check.findings[0].kind) == (Verdict.INCONCLUSIVE, "expected")
    assert "too wide to tell" in check.findings[0].text
    check = check_gradients(noisy, X, expected=torch.diag(X.cos()))
    assert [finding.kind for finding in check.findings] == ["inconclusive"]


def test_a_formula_fills_no_jacobian() -> None:
    """A Jacobian of 1e5 by 1e5 would take 80 GB."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert check_gradients(softmax, normal(100_000), expected="softmax").ok
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000


def test_parameters_are_found_by_name() -> None:
    module = torch.nn.Linear(3, 2).double()
    x = uniform(4, 3)
    ones = torch.ones(4, 2, dtype=torch.float64)

    def total(weight: Tensor, bias: Tensor) -> Tensor:
        return torch.nn.functional.linear(x, weight, bias).sum()

    right = {"weight": ones.T @ x, "bias": ones.sum(0)}
    assert check_gradients(total, module.weight, module.bias, expected=right).ok
    wrong = {**right, "bias": ones.mean(0)}
    finding = check_gradients(total, module.weight, module.bias, expected=wrong).findings[0]
    assert (finding.kind, finding.place) == ("expected", "bias")
    assert "1/4 of the true one" in finding.text


@pytest.mark.parametrize(
    ("fn", "inputs", "expected", "message"),
    [
        (torch.sin, (X,), X.cos(), r"shape \(6, 6\).*got \(6,\); a function applied entry by entry has a diagonal"),
        (dot, (X, Y), X, r"one array for each of a, b is accepted, got 1"),
        (dot, (X, Y), {"c": X}, "no input or parameter is named 'c'; accepted are a, b"),
        (dot, (X, Y), [None, None], "expected holds nothing for a, b"),
        (square, (X,), "sotfmax", "no formula is named 'sotfmax'"),
        (
            softmax,
            (X,),
            "mse",
            "variables p, y; accepted are arguments of these names, or as many in this order; got x",
        ),
        (softmax, (normal(2, 3),), "softmax", r"takes z of shape \(n,\); x has shape \(2, 3\)"),
        (square, (X,), "softmax", r"returns shape \(6,\) here; fn returns \(\)"),
        (lambda x: (x, x), (X,), X, "one real output; this one has 2 outputs"),
        (square, (X,), lambda x: 1 / 0, "expected raises at the point: ZeroDivisionError"),
        (square, (X,), lambda x: None, "expected holds nothing for x"),
        (square, (X,), ["a"], "must be an array of numbers"),
        (square, (X,), 1j * X, "must be real"),
        (lambda x: 1j * x, (X,), 1j * torch.eye(6), "a complex output"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(fn: Any, inputs: tuple[Any, ...], expected: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        check_gradients(fn, *inputs, expected=expected)


def test_what_nothing_was_expected_of_is_listed() -> None:
    check = check_gradients(dot, X, Y, expected={"b": X})
    assert "a against the expected derivative (nothing was expected of it)" in check.unchecked


def test_the_gradient_function_gets_copies() -> None:
    x = X.clone().requires_grad_()

    def careless(x: Tensor) -> Tensor:
        return x.mul_(2)

    assert check_gradients(square, x, expected=careless).ok
    assert torch.equal(x.detach(), X)
