"""A formula: choosing variables, stated gradients, compiled functions, and what a wrong declaration says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from gradcheck.errors import UnknownName, UsageError
from gradcheck.symbolic.binding import canonical
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.tensors import dimension, index, scalar, sum_over, tensor

n = dimension("n")
i = index("i")
x, y, s = tensor("x", n), tensor("y", n), scalar("s")


def scaled_product(**changes: Any) -> Formula:
    given: dict[str, Any] = {
        "name": "scaled_product",
        "title": "Scaled product",
        "topic": "tests",
        "definition": s * sum_over(n, lambda k: x[k] ** 2 * y[k]),
        "variables": (x, y, s),
        "torch": lambda x, y, s: s * (x**2 * y).sum(),
        "source": "made here",
    }
    return Formula(**{**given, **changes})


def test_every_real_variable_is_differentiated_by_unless_named() -> None:
    assert scaled_product().wrt == ("x", "y", "s")
    assert scaled_product(wrt=("y",)).wrt == ("y",)


def test_compiled_gradients_agree_with_autograd() -> None:
    generator = np.random.default_rng(5)
    point = [generator.normal(size=3), generator.normal(size=3), np.array(1.7)]
    tensors = [torch.tensor(value, requires_grad=True) for value in point]
    formula = scaled_product()
    formula.torch(*tensors).backward()
    for name, leaf in zip(formula.variable_names, tensors, strict=True):
        assert leaf.grad is not None
        np.testing.assert_allclose(formula.compile("numpy", name)(*point), leaf.grad, rtol=1e-13)


def test_compiled_definition_equals_the_torch_counterpart() -> None:
    point = [np.array([1.0, 2.0]), np.array([3.0, 5.0]), np.array(0.5)]
    assert scaled_product().compile("numpy")(*point) == pytest.approx(11.5)


def test_several_variables_ask_for_a_choice() -> None:
    with pytest.raises(UsageError, match="choose one of x, y, s"):
        scaled_product().gradient()


def test_an_unknown_variable_suggests_the_nearest() -> None:
    with pytest.raises(UnknownName, match="variable of scaled_product is named 'X'; did you mean 'x'"):
        scaled_product().gradient("X")


@pytest.mark.parametrize("field", ["domains", "stated"])
def test_a_declaration_about_an_unknown_variable_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match=rf"{field} names \['w'\]"):
        scaled_product(**{field: {"w": None}})


def test_input_indices_avoid_the_names_in_use() -> None:
    j = index("j")
    formula = scaled_product(definition=x[j] * s, output={j: n}, variables=(x, s))
    assert [str(axis) for axis in formula.axes("x")] == ["j", "q"]
    np.testing.assert_array_equal(formula.compile("numpy", "x")(np.ones(2), np.array(3.0)), 3 * np.eye(2))


def test_input_indices_are_greek_where_names_leave_no_other() -> None:
    greedy = scaled_product(definition=tensor("j", n)[i], output={i: n}, variables=(tensor("j", n), scalar("q")))
    assert list(map(str, greedy.axes("j"))) == ["i", "α"]


def test_the_jacobian_has_output_axes_then_input_axes() -> None:
    vector = scaled_product(definition=x[i] * s, output={i: n}, variables=(x, s))
    assert list(vector.axes("x").values()) == [n, n]
    assert vector.compile("numpy", "s")(np.ones(3), np.array(2.0)).shape == (3,)


def test_the_stated_gradient_stands_on_the_same_axes() -> None:
    stated = scaled_product(stated={"x": lambda j: 2 * s * x[j] * y[j]})
    assert canonical(stated.stated_gradient("x")) == stated.gradient("x")
    assert stated.stated_gradient("y") is None
