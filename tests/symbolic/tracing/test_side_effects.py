"""Functions that write in place, look at types or catch errors get their own gradient or an error, never another's."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from gradcheck.numeric.difference import jacobian
from gradcheck.symbolic.gradient_function import get_gradient_function
from gradcheck.symbolic.tracing.errors import TracingError

Array = NDArray[np.float64]

VECTOR = np.array([0.7, -1.2, 2.3])
MATRIX = np.array([[0.7, -1.2, 2.3], [0.4, 1.1, -0.6]])


def into_out(x: Any) -> Any:
    y = x * 1.0
    np.multiply(x, x, out=y)
    return y.sum()


def into_itself(x: Any) -> Any:
    np.multiply(x, x, out=x)
    return x.sum()


def after_a_flat_copy(x: Any) -> Any:
    y = x.flatten()
    y[0] = 3.0
    return (x * y).sum()


def after_an_array_copy(x: Any) -> Any:
    y = np.array(x)
    y[0] = 3.0
    return (x * y).sum()


def through_an_array_view(x: Any) -> Any:
    y = np.asarray(x)
    y[0] = 3.0
    return (x * y).sum()


def after_copy_copy(x: Any) -> Any:
    y = copy.copy(x)
    y[0] = 3.0
    return (x * y).sum()


def through_another_name(x: Any) -> Any:
    y = x
    y += 1
    return x * y


def quotient_and_remainder(x: Any) -> Any:
    whole, rest = divmod(x, 0.5)
    return (whole * rest).sum()


def either_or(x: Any) -> Any:
    return np.where((x > 0) ^ (x < 1), x, x**2).sum()


def with_a_number_as_condition(x: Any) -> Any:
    return np.where(np.logical_not(x - VECTOR[0]), x, x**2)[1:].sum()


@pytest.mark.parametrize(
    "f",
    [
        into_out,
        into_itself,
        after_a_flat_copy,
        after_an_array_copy,
        through_an_array_view,
        after_copy_copy,
        quotient_and_remainder,
        either_or,
        with_a_number_as_condition,
    ],
)
def test_writing_in_place_agrees_with_differences(f: Callable[[Any], Any]) -> None:
    measured = jacobian(f, [VECTOR])
    np.testing.assert_allclose(get_gradient_function(f)(VECTOR), measured.value, atol=1e-8)


def test_another_name_for_the_argument_entry_by_entry() -> None:
    np.testing.assert_allclose(get_gradient_function(through_another_name)(VECTOR), 2 * VECTOR + 2)


def relu_in_place(x: Any) -> Any:
    torch.nn.functional.relu(x, inplace=True)
    return (x**2).sum()


def relu_with_an_underscore(x: Any) -> Any:
    torch.relu_(x)
    return (x**2).sum()


@pytest.mark.parametrize("f", [relu_in_place, relu_with_an_underscore])
def test_writing_in_place_in_torch(f: Callable[[Any], Any]) -> None:
    gradient = get_gradient_function(f)(torch.from_numpy(VECTOR))
    np.testing.assert_allclose(gradient.numpy(), 2 * np.maximum(VECTOR, 0))


def added_to_a_tensor(x: Any) -> Any:
    total = torch.zeros(3, dtype=torch.float64)
    total.add_(x)
    return total.sum()


def copied_to_a_tensor(x: Any) -> Any:
    stored = torch.zeros(3, dtype=torch.float64)
    stored.copy_(x)
    return stored.sum()


def multiplied_into_a_tensor(x: Any) -> Any:
    stored = torch.zeros(3, dtype=torch.float64)
    torch.mul(x, x, out=stored)
    return stored.sum()


@pytest.mark.parametrize("f", [added_to_a_tensor, copied_to_a_tensor, multiplied_into_a_tensor])
def test_writing_into_a_tensor_of_floats_is_refused(f: Callable[[Any], Any]) -> None:
    with pytest.raises(TracingError, match="in-place assignment"):
        get_gradient_function(f)(torch.from_numpy(VECTOR))


def length_or_one(x: Any) -> Any:
    try:
        factor = len(x)
    except Exception:
        factor = 1
    return x * factor


def number_or_one(x: Any) -> Any:
    try:
        factor = float(x.sum())
    except Exception:
        factor = 1.0
    return (x**2).sum() * factor


def test_what_a_function_catches_does_not_send_it_another_way() -> None:
    np.testing.assert_allclose(get_gradient_function(length_or_one)(VECTOR), [3.0, 3.0, 3.0])
    with pytest.raises(TracingError, match="asks for the number"):
        get_gradient_function(number_or_one)(VECTOR)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sum(x**2) if isinstance(x, np.ndarray) else x**3,
        lambda x: np.sum(x**2) if isinstance(x, float | np.ndarray) else x**3,
        lambda x: np.sum(x**2) if type(x) is np.ndarray else x**3,
        lambda x: 0.0 if np.isscalar(x) else np.sum(x**2),
        lambda x: (x**2).sum() if torch.is_tensor(x) else x**3,
    ],
)
def test_asking_for_the_type_of_an_argument_is_refused(f: Callable[[Any], Any]) -> None:
    with pytest.raises(TracingError):
        get_gradient_function(f)(VECTOR)


def test_asking_a_number_for_attributes_of_arrays_is_refused() -> None:
    def f(x: Any) -> Any:
        return (x**2).sum() if hasattr(x, "shape") else x**3

    np.testing.assert_allclose(get_gradient_function(f)(VECTOR), 2 * VECTOR)
    with pytest.raises(TracingError, match="hasattr"):
        get_gradient_function(f)(2.0)


def test_types_of_containers_and_of_other_values_are_answered() -> None:
    two: Any = "two"

    def f(x: Any) -> Any:
        assert isinstance(2, int)
        assert isinstance(int, type)
        assert type(two) is str
        return np.stack(x) if isinstance(x, (list, tuple)) else x**2

    assert get_gradient_function(f)(3.0) == 6.0


@pytest.mark.parametrize(
    "f", [lambda x: np.reshape(x, (3, 2), order="F"), lambda x: np.ravel(x, order="F"), lambda x: x.flatten(order="F")]
)
def test_the_order_of_columns_is_refused(f: Callable[[Any], Any]) -> None:
    with pytest.raises(TracingError, match="order='F'"):
        get_gradient_function(f)(MATRIX)


def test_added_conditions_are_refused() -> None:
    with pytest.raises(TracingError, match="logical_or"):
        get_gradient_function(lambda x: (((x > 0) + (x < 2)) * x).sum())(VECTOR)
    counted = get_gradient_function(lambda x: (((x > 0) * 1.0 + (x < 2)) * x).sum())
    np.testing.assert_allclose(counted(VECTOR), [2.0, 1.0, 1.0])


def test_arguments_whose_names_look_like_entries_of_another() -> None:
    def f(x: Any, x_1: Any) -> Any:
        return x[0] * x_1**2 + x[1] ** 3

    by_x, by_x_1 = get_gradient_function(f)(np.array([2.0, 3.0]), 5.0)
    np.testing.assert_allclose(by_x, [25.0, 27.0])
    assert by_x_1 == 20.0
