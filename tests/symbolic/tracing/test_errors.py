"""Each thing that tracing cannot follow is named, with its line and the way out."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from gradcheck.symbolic.gradient_function import get_gradient_function
from gradcheck.symbolic.tracing.errors import TracingError

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
    assert file.endswith("test_errors.py")
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
