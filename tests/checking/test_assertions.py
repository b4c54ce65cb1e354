"""Hand-written gradients: wrong ones fail with a message that names the mistake, right ones pass."""

import json
import math
import pickle
import re
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from gradcheck.checking.assertions import GradientError, assert_gradient_function
from gradcheck.checking.functions import check_gradient_function
from gradcheck.errors import UsageError
from gradcheck.results import Verdict

Array = NDArray[np.float64]

GENERATOR = np.random.default_rng(2)
X, Y, W = GENERATOR.normal(size=(5, 3)), GENERATOR.normal(size=5), GENERATOR.normal(size=3)


def loss(w: Array, b: Array) -> Any:
    return np.mean((X @ w + b - Y) ** 2)


def gradients(w: Array, b: Array) -> tuple[Array, Any]:
    residual = X @ w + b - Y
    return 2 / 5 * X.T @ residual, 2 * np.mean(residual)


def failure(f: Callable[..., Any], grad: Callable[..., Any], *inputs: Any) -> GradientError:
    with pytest.raises(GradientError) as caught:
        assert_gradient_function(f, grad, *inputs)
    return caught.value


def test_several_inputs_pass() -> None:
    assert_gradient_function(loss, gradients, W, 0.3)


def test_the_wrong_one_of_several_inputs_is_named() -> None:
    error = failure(loss, lambda w, b: (gradients(w, b)[0] / 2, gradients(w, b)[1]), W, 0.3)
    (finding,) = error.check.findings
    assert (finding.kind, finding.place, finding.verdict) == ("factor", "w", Verdict.WRONG)
    first = str(error).splitlines()[0]
    assert first.startswith("WRONG: the gradient with respect to w: the gradient is 1/2 of the true one; at [")


def test_a_message_has_evidence_rule_and_remedy_within_the_width() -> None:
    message = str(failure(np.sum, lambda x: 3 * x, GENERATOR.normal(size=(7, 6))))
    for part in ("index", "measured", "error bar", "rule: ", "remedy: "):
        assert part in message
    assert max(map(len, message.splitlines())) <= 100


def test_one_bad_entry_of_many_is_found() -> None:
    x = GENERATOR.normal(size=(12, 9))

    def spoiled(x: Array) -> Array:
        result = np.cos(x)
        result[7, 4] += 1e-8
        return np.asarray(result)

    assert_gradient_function(lambda x: np.sin(x).sum(), np.cos, x)
    (finding,) = failure(lambda x: np.sin(x).sum(), spoiled, x).check.findings
    assert (finding.kind, finding.index) == ("single_entry", (7, 4))
    assert finding.worst[0].index == (7, 4)


@pytest.mark.parametrize("relative", [1e-4, 5e-4, 9e-4])
def test_small_relative_errors_fail(relative: float) -> None:
    assert failure(np.exp, lambda x: (1 + relative) * np.exp(x), 0.3).check.verdict is Verdict.WRONG


def test_jacobian_layout() -> None:
    a = GENERATOR.normal(size=(2, 3))
    assert_gradient_function(lambda x: a @ x, lambda _: a, W)
    (finding,) = failure(lambda x: a @ x, lambda _: a.T, W).check.findings
    assert (finding.kind, finding.place) == ("transposed", "x")


def test_subgradients_pass_at_kinks_and_others_fail() -> None:
    x = np.array([0.0, 1.0, -2.0])
    for chosen in (-1.0, 0.0, 0.3, 1.0):
        check = check_gradient_function(
            lambda x: np.abs(x).sum(), lambda x, c=chosen: np.where(x == 0, c, np.sign(x)), x
        )
        assert (check.verdict, [f.kind for f in check.findings]) == (Verdict.CORRECT, ["kink"])
        assert "kink at [0]: the slopes are -1 and 1" in str(check)
    (finding,) = failure(lambda x: np.abs(x).sum(), lambda x: np.where(x == 0, 2.0, np.sign(x)), x).check.findings
    assert (finding.kind, finding.index) == ("kink", (0,))


def test_torch_functions() -> None:
    x = torch.tensor([0.5, -1.0], dtype=torch.float64, requires_grad=True)
    assert_gradient_function(lambda x: torch.sum(x**3), lambda x: 3 * x**2, x)
    (finding,) = failure(lambda x: torch.sum(x**3), lambda x: -3 * x**2, x).check.findings
    assert finding.kind == "sign"
    assert x.grad is None


def test_scalar_functions_of_the_math_module() -> None:
    assert_gradient_function(math.sin, math.cos, 0.7)
    assert_gradient_function(lambda x, y: x * y, lambda x, y: (y, x), 2, 3)


def test_outputs_and_gradients_with_an_axis_of_length_one() -> None:
    assert_gradient_function(lambda x: x[:1] ** 2, lambda x: [[2 * x[0], 0.0]], np.array([1.0, 2.0]))
    assert_gradient_function(lambda x: x[:1] ** 2, lambda x: np.array([2 * x[0], 0.0]), np.array([1.0, 2.0]))


def test_integer_inputs_are_listed_as_unchecked() -> None:
    def picked(x: Array, index: NDArray[np.int_]) -> Any:
        return x[index].sum()

    def gradient(x: Array, index: NDArray[np.int_]) -> Array:
        return np.bincount(index, minlength=x.size).astype(float)

    check = check_gradient_function(picked, gradient, W, np.array([2, 0]))
    assert check.ok
    assert check.unchecked == ("index (integers have no derivative)",)
    assert "not checked: index" in str(check)


def test_nothing_to_check_is_not_correct() -> None:
    check = check_gradient_function(np.sum, np.ones_like, np.empty(0))
    assert check.verdict is Verdict.INCONCLUSIVE
    assert check.unchecked


def test_a_factor_of_two_is_not_explained_by_a_length_of_two() -> None:
    pair = np.array([0.5, -1.5])
    for factor, words in ((2, "2 times the true one;"), (0.5, "1/2 of the true one;")):
        (finding,) = failure(lambda x: np.sum(x**2), lambda x, c=factor: c * 2 * x, pair).check.findings
        assert (finding.kind, words in finding.text) == ("factor", True)
    (finding,) = failure(lambda x: np.mean(x**2), lambda x: 2 * x, np.array([0.5, -1.5, 2.0, 1.0, 3.0])).check.findings
    assert "5 times the true one (the length of x = 5)" in finding.text


def test_numbers_that_differ_late_are_shown_to_differ() -> None:
    error = failure(np.sin, lambda x: np.cos(x) + 1e-9, 0.3)
    shown, measured = re.findall(r"it is (\S+),\s+measured (\S+)", str(error))[0]
    assert shown != measured


def test_torch_functions_near_the_edge_of_their_domain() -> None:
    p, y = torch.tensor([0.3, 0.97, 0.9999], dtype=torch.float64), torch.tensor([1.0, 0.0, 1.0], dtype=torch.float64)

    def loss(p: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.binary_cross_entropy(p, y, reduction="sum")

    assert_gradient_function(loss, lambda p: (p - y) / (p * (1 - p)), p)
    (finding,) = failure(loss, lambda p: (y - p) / (p * (1 - p)), p).check.findings
    assert finding.kind == "sign"


def test_bfloat16_inputs_are_taken_in_float64() -> None:
    assert_gradient_function(lambda x: (x**2).sum(), lambda x: 2 * x, torch.tensor([1.0, 2.0], dtype=torch.bfloat16))


def test_disagreeing_measurements_convict_nobody() -> None:
    error = failure(lambda x: np.abs(x) * x, lambda x: 3 * x, 1.0)
    (finding,) = error.check.findings
    assert (error.check.verdict, finding.kind) == (Verdict.INCONCLUSIVE, "inconclusive")
    assert "complex step and the finite difference disagree" in str(error)
    assert_gradient_function(lambda x: np.abs(x) * x, lambda x: 2 * np.abs(x), 1.0)


def test_noise_too_large_to_tell_is_said() -> None:
    generator = np.random.default_rng(0)
    error = failure(lambda x: math.sin(x) + 0.01 * generator.normal(), math.cos, 0.7)
    assert error.check.verdict is Verdict.INCONCLUSIVE
    assert "remedy: " in str(error)


def test_the_complex_step_decides_where_differences_cannot() -> None:
    assert_gradient_function(lambda x: np.sin(x) + 1e14, np.cos, 0.7)


@pytest.mark.parametrize(
    ("f", "grad", "inputs", "message"),
    [
        (3, np.cos, (1.0,), "f must be a function; got int"),
        (np.sin, None, (1.0,), "grad must be a function; got NoneType"),
        (np.sin, np.cos, (), "at least one input"),
        (np.sin, np.cos, ("one",), "must be an array of real numbers"),
        (np.sin, np.cos, (np.array([1.0, np.nan]),), r"must be finite; it is nan at \[1\]"),
        (np.log, np.reciprocal, (np.array([1.0, 0.0]),), r"f must be finite at the point; it is -inf at \[1\]"),
        (lambda x: x[5], np.cos, (np.ones(2),), "f raises at the point: IndexError"),
        (np.sin, lambda x: x[5], (np.ones(2),), "grad raises at the point: IndexError"),
        (np.sin, lambda _: None, (1.0,), "grad must return arrays of real numbers; got None"),
        (np.sin, lambda _: "cos", (1.0,), "grad must return arrays of real numbers"),
        (np.multiply, lambda x, y: x, (1.0, 2.0), "expected 2, got 1"),
        (lambda x: 1j * x, np.cos, (1.0,), "f must return real numbers"),
    ],
)
def test_unusable_arguments(f: Any, grad: Any, inputs: tuple[Any, ...], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        assert_gradient_function(f, grad, *inputs)


def test_inputs_stay_as_they_are() -> None:
    x = np.array([1.0, 2.0])

    def careless(x: Array) -> Array:
        x *= 2
        if x[0] > 2.001:
            raise RuntimeError("late")
        return x

    with pytest.raises(RuntimeError, match="late"):
        assert_gradient_function(careless, lambda x: np.diag(x * 0 + 2), x)
    assert x.tolist() == [1.0, 2.0]


def test_the_error_can_be_stored_and_sent() -> None:
    error = failure(np.sin, np.sin, 0.3)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    data = json.loads(json.dumps(error.check.to_dict()))
    assert (data["verdict"], data["ok"], data["findings"][0]["index"]) == ("WRONG", False, [])


def test_two_runs_say_the_same() -> None:
    assert str(failure(np.sin, np.sin, W)) == str(failure(np.sin, np.sin, W))


def test_the_frame_of_the_assertion_is_hidden_from_pytest() -> None:
    error = failure(np.sin, np.sin, 0.3)
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    assert frames[-1].f_code.co_name == "assert_gradient_function"
    assert frames[-1].f_locals["__tracebackhide__"] is True
