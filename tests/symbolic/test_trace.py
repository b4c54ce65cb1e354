"""Tracing: each thing it cannot follow is named, with the line and the way out; the user's code stays as it was."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from math import exp as exponential
from typing import Any

import numpy as np
import pytest
import sympy as sp
import torch

from gradcheck.symbolic.gradient_function import get_gradient_function
from gradcheck.symbolic.trace_errors import TracingError

GENERATOR = np.random.default_rng(0)


def unsupported(x: Any) -> Any:
    return np.linalg.svd(x)[1].sum()


def torch_call(x: Any) -> Any:
    return torch.linalg.svdvals(x).sum()


def math_call(x: Any) -> Any:
    return math.lgamma(x[0, 0])


def branch(x: Any) -> Any:
    if x[0, 0] > 0:
        return x.sum()
    return -x.sum()


def loop(x: Any) -> Any:
    total = x.sum()
    while total > 1:
        total = total / 2
    return total


def conversion(x: Any) -> Any:
    return float(x[0, 0]) ** 2


def integer(x: Any) -> Any:
    return sum(range(int(x[0, 0])))


def item(x: Any) -> Any:
    return x[0, 0].item()


def assignment(x: Any) -> Any:
    y = np.zeros(3)
    y[0] = x[0, 0]
    return y.sum()


def row_assignment(x: Any) -> Any:
    y = np.zeros((2, 2))
    y[0] = x[0]
    return y.sum()


def tensor_assignment(x: Any) -> Any:
    y = torch.zeros(3)
    y[0] = x[0, 0]
    return y.sum()


def addition_in_place(x: Any) -> Any:
    y = np.zeros((2, 2))
    y += x
    return y.sum()


def numpy_random(x: Any) -> Any:
    return (x * np.random.rand(2, 2)).sum()


def new_generator(x: Any) -> Any:
    return (x * np.random.default_rng(0).normal(size=(2, 2))).sum()


def captured_generator(x: Any) -> Any:
    return (x * GENERATOR.normal(size=(2, 2))).sum()


def torch_random(x: Any) -> Any:
    return (x * torch.randn(2, 2)).sum()


def dropout(x: Any) -> Any:
    return torch.nn.functional.dropout(x).sum()


def python_random(x: Any) -> Any:
    return x.sum() * random.random()


def detached(x: Any) -> Any:
    return (x * x.detach()).sum()


def unknown_method(x: Any) -> Any:
    return x.byteswap().sum()


def ambiguous(x: Any) -> Any:
    return x.std()


def rounding(x: Any) -> Any:
    return x.astype(int).sum()


def mask(x: Any) -> Any:
    return x[x > 0].sum()


def positional_flag(x: Any) -> Any:
    return torch.std(x, 1, False).sum()


def misfit(x: Any) -> Any:
    return (x @ np.ones(3)).sum()


STOPPED: dict[str, tuple[Callable[[Any], Any], str, str, str]] = {
    "numpy": (unsupported, "`numpy.linalg.svd`", "np.linalg.svd(x)", "elementary operations"),
    "torch": (torch_call, "svdvals", "torch.linalg.svdvals(x)", "elementary operations"),
    "math": (math_call, "`math.lgamma`", "math.lgamma(x[0, 0])", "elementary operations"),
    "branch": (branch, "control flow depends on the value of `x_0_0 > 0`", "if x[0, 0] > 0", "numpy.where"),
    "loop": (loop, "control flow depends on the value", "while total > 1", "a fixed number of steps"),
    "float": (conversion, "`float()` asks for the number", "float(x[0, 0])", "not float(x)"),
    "int": (integer, "`int()` asks for the number", "int(x[0, 0])", "not float(x)"),
    "item": (item, "`item()` asks for the number", ".item()", "outside the function"),
    "assignment": (assignment, "in-place assignment", "y[0] = x[0, 0]", "numpy.stack"),
    "row": (row_assignment, "in-place assignment", "y[0] = x[0]", "numpy.stack"),
    "tensor": (tensor_assignment, "in-place assignment", "y[0] = x[0, 0]", "numpy.stack"),
    "in place": (addition_in_place, "in-place assignment", "y += x", "numpy.stack"),
    "numpy.random": (numpy_random, "rand` draws random numbers", "np.random.rand", "pass them as an argument"),
    "default_rng": (new_generator, "draws random numbers", "np.random.default_rng", "pass them as an argument"),
    "generator": (captured_generator, "`Generator.normal` draws", "GENERATOR.normal", "pass them as an argument"),
    "torch.randn": (torch_random, "`torch.randn` draws", "torch.randn(2, 2)", "pass them as an argument"),
    "dropout": (dropout, "dropout` draws", "dropout(x)", "pass them as an argument"),
    "random": (python_random, "`random.random` draws", "random.random()", "pass them as an argument"),
    "detach": (detached, "`detach()` cuts the derivative", "x.detach()", "leave it out"),
    "method": (unknown_method, "attribute `byteswap`", "x.byteswap()", "outside the function"),
    "std": (ambiguous, "the method `std` is ambiguous", "x.std()", "numpy.std(x) divides by n, torch.std(x) by n - 1"),
    "astype": (rounding, "converted to <class 'int'>", "x.astype(int)", "keep it a float"),
    "mask": (mask, "an index depends on the value", "x[x > 0]", "numpy.where"),
    "flag": (positional_flag, "`torch.std` cannot be traced", "torch.std(x, 1, False)", "outside the function"),
    "shapes": (misfit, "shapes (2, 2) and (3,) do not fit", "x @ np.ones(3)", "outside the function"),
}


@pytest.mark.parametrize("name", STOPPED)
def test_what_stops_a_trace_is_named_with_its_line_and_a_way_out(name: str) -> None:
    f, problem, line, remedy = STOPPED[name]
    with pytest.raises(TracingError) as caught:
        get_gradient_function(f)(np.ones((2, 2)))
    error = caught.value
    first = f.__code__.co_firstlineno
    file, _, rest = error.place.partition(":")
    assert file.endswith("test_trace.py")
    assert first < int(rest.split()[0]) <= first + 5
    assert line in error.place
    assert problem in error.problem
    assert remedy in error.remedy


def test_the_line_in_a_helper_function_is_the_one_named() -> None:
    def helper(v: Any) -> Any:
        return math.erfc(v) + float(v)

    with pytest.raises(TracingError, match=r"float\(v\)"):
        get_gradient_function(lambda x: helper(x) + 1)(1.0)


def test_another_error_is_passed_on_with_where_it_happened() -> None:
    table: dict[str, float] = {}

    def broken(x: Any) -> Any:
        return table["key"] + x

    with pytest.raises(KeyError) as caught:
        get_gradient_function(broken)(1.0)
    (note,) = caught.value.__notes__
    assert "raised while broken was traced for its gradient" in note
    assert 'table["key"]' in note


RETURNS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "None": (lambda x: None, "returns None; a number, array or tensor is accepted"),
    "text": (lambda x: "x", "returns a str"),
    "tuple": (lambda x: (x, x), "returns a tuple.*numpy.stack"),
    "condition": (lambda x: x > 0, "returns a condition"),
    "object": (lambda x: object(), "returns a object"),
}


@pytest.mark.parametrize("name", RETURNS)
def test_a_result_that_is_no_number_is_named(name: str) -> None:
    f, message = RETURNS[name]
    with pytest.raises(ValueError, match=message):
        get_gradient_function(f)(1.0)


def helper(v: Any) -> Any:
    return math.sin(v) if isinstance(v, float) else math.sin(v) + exponential(v)


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
    assert helper(1.0) == math.sin(1.0)
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
