"""Tracing goes through helpers, imports and in-place changes, and leaves the user's code as it was."""

from __future__ import annotations

import math
from math import exp as exponential
from typing import Any

import numpy as np
import pytest
import sympy as sp
import torch

from gradcheck.symbolic.gradient_function import get_gradient_function
from gradcheck.symbolic.tracing.errors import TracingError


def helper(v: Any) -> Any:
    return math.sin(v) + exponential(v)


def recursive(v: Any, depth: int) -> Any:
    return math.cos(v) if depth == 0 else recursive(v, depth - 1) * v


def test_helpers_and_imported_names_are_traced_too() -> None:
    x = 0.4
    assert get_gradient_function(lambda x: helper(2 * x))(x) == pytest.approx(2 * (math.cos(2 * x) + math.exp(2 * x)))
    expected = 2 * x * math.cos(x) - x**2 * math.sin(x)
    assert get_gradient_function(lambda x: recursive(x, 2))(x) == pytest.approx(expected, rel=1e-14)


def test_imports_and_captured_functions_are_traced_too() -> None:
    captured = math.exp

    def f(x: Any) -> Any:
        import math as m
        from math import log

        def inner(v: Any) -> Any:
            return m.sqrt(v) * captured(v)

        return inner(x) + log(x)

    x = 0.7
    expected = math.exp(x) * (math.sqrt(x) + 0.5 / math.sqrt(x)) + 1 / x
    assert get_gradient_function(f)(x) == pytest.approx(expected, rel=1e-14)


def test_scipy_functions_with_a_symbolic_form_are_traced() -> None:
    special = pytest.importorskip("scipy.special")
    linalg = pytest.importorskip("scipy.linalg")
    x = np.array([-800.0, 0.3])
    expected = special.expit(x) * special.expit(-x)
    np.testing.assert_allclose(get_gradient_function(lambda x: special.expit(x) + 0)(x), expected, rtol=1e-14)
    weights = special.softmax(x)
    np.testing.assert_allclose(get_gradient_function(lambda x: special.logsumexp(x) + 0)(x), weights, rtol=1e-14)
    with pytest.raises(TracingError, match=r"linalg.expm\(x\).*has no symbolic form"):
        get_gradient_function(lambda x: linalg.expm(x).sum())(np.ones((2, 2)))


def test_sympy_functions_are_traced() -> None:
    assert get_gradient_function(lambda x: sp.sin(x) * x)(0.5) == pytest.approx(math.sin(0.5) + 0.5 * math.cos(0.5))


def test_the_function_and_its_module_stay_as_they_are() -> None:
    before = {name: value for name, value in globals().items() if name != "__builtins__"}
    cells = [cell.cell_contents for cell in helper.__closure__ or ()]
    get_gradient_function(helper)(1.0)
    assert {name: globals()[name] for name in before} == before
    assert [cell.cell_contents for cell in helper.__closure__ or ()] == cells
    assert helper(1.0) == math.sin(1.0) + math.exp(1.0)
    assert isinstance(max(1, 2), int)


def test_global_generators_are_left_alone() -> None:
    state, torch_state = np.random.get_state(legacy=False), torch.get_rng_state()
    get_gradient_function(lambda x: (x @ x).sum())(np.ones(3))
    np.testing.assert_equal(np.random.get_state(legacy=False), state)
    assert torch.equal(torch.get_rng_state(), torch_state)


def test_in_place_changes_of_a_traced_array_are_followed() -> None:
    def f(x: Any) -> Any:
        y = x * 2
        alias = y
        y += x
        alias[0] = y[1] ** 2
        return (y * np.array([1.0, 10.0, 100.0])).sum()

    x = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(get_gradient_function(f)(x), [0.0, 30.0 + 2 * 9 * x[1], 300.0], rtol=1e-14)


def test_a_branch_on_shapes_and_constants_is_no_obstacle() -> None:
    def f(x: Any, scale: float = 2.0) -> Any:
        total = 0.0
        for k in range(len(x)):
            if k % 2 and scale > 1 and x.ndim == 1:
                total += x[k] ** 2
        return total

    np.testing.assert_array_equal(get_gradient_function(f)(np.array([1.0, 2.0, 3.0, 4.0])), [0.0, 4.0, 0.0, 8.0])


def test_a_function_is_traced_once_for_each_shape() -> None:
    traced = []

    def f(x: Any) -> Any:
        traced.append(x)
        return x.sum() ** 2

    gradient = get_gradient_function(f)
    gradient(np.ones(3))
    count = len(traced)
    np.testing.assert_array_equal(gradient(np.full(3, 2.0)), [12.0, 12.0, 12.0])
    assert len(traced) == count
    gradient(np.ones(4))
    assert len(traced) > count
