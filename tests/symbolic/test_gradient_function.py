"""`get_gradient_function` on every kind of input, held against torch's autograd and central differences."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp
import torch

from gradcheck.errors import UsageError
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.gradient_function import get_gradient_function
from gradcheck.symbolic.tensors import dimension, index, tensor


def points(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape)


def central_difference(f: Callable[..., Any], x: Any, step: float = 1e-6) -> Any:
    """The Jacobian, output axes then input axes; error about 1e-9 for functions of order one."""
    x = np.asarray(x, dtype=float)
    columns = []
    for place in np.ndindex(*x.shape):
        shift = np.zeros_like(x)
        shift[place] = step
        columns.append((np.asarray(f(x + shift)) - np.asarray(f(x - shift))) / (2 * step))
    return np.stack(columns, -1).reshape(columns[0].shape + x.shape)


SPELLINGS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any], Callable[[Any], Any]]] = {
    "sin(x)*exp(-x)": (
        lambda x: math.sin(x) * math.exp(-x),
        lambda x: np.sin(x) * np.exp(-x),
        lambda x: torch.sin(x) * torch.exp(-x),
    ),
    "log(x**2 + 1)": (
        lambda x: math.log(x**2 + 1),
        lambda x: np.log(np.square(x) + 1),
        lambda x: torch.log(torch.pow(x, 2) + 1),
    ),
    "abs(x)*atan(x)": (
        lambda x: math.fabs(x) * math.atan(x),
        lambda x: np.abs(x) * np.arctan(x),
        lambda x: torch.abs(x) * torch.atan(x),
    ),
}


@pytest.mark.parametrize("text", SPELLINGS)
def test_math_numpy_torch_sympy_and_text_agree(text: str) -> None:
    gradients = [get_gradient_function(f) for f in (*SPELLINGS[text], text)]
    assert len({gradient.expression for gradient in gradients}) == 1
    x = 0.7
    expected = central_difference(SPELLINGS[text][0], x)
    assert [gradient(x) for gradient in gradients] == pytest.approx([float(expected)] * 4, rel=1e-8)


def test_several_arguments_give_a_tuple_in_their_order() -> None:
    gradient = get_gradient_function(lambda x, y: x**2 * y)
    assert gradient(3, 2.0) == (12.0, 9.0)
    assert gradient.expression == (
        2 * sp.Symbol("x", real=True) * sp.Symbol("y", real=True),
        sp.Symbol("x", real=True) ** 2,
    )


@pytest.mark.parametrize(
    ("wrt", "expected"), [("y", 9.0), (("y",), (9.0,)), (("y", "x"), (9.0, 12.0)), (None, (12.0, 9.0))]
)
def test_wrt_selects_a_gradient_or_a_tuple_of_them(wrt: Any, expected: Any) -> None:
    assert get_gradient_function(lambda x, y: x**2 * y, wrt=wrt)(3, y=2.0) == expected


def test_matrix_and_vector_gradients_have_the_shapes_of_their_variables() -> None:
    X, w = points(2, 3), points(3, seed=1)
    dX, dw = get_gradient_function(lambda X, w: ((X @ w) ** 2).sum())(X, w)
    np.testing.assert_allclose(dX, 2 * np.outer(X @ w, w), rtol=1e-13)
    np.testing.assert_allclose(dw, 2 * X.T @ (X @ w), rtol=1e-13)


def test_a_jacobian_has_output_axes_then_input_axes() -> None:
    X = points(2, 3)
    dX, dv = get_gradient_function(lambda X, v: X @ v)(X, np.array([1.0, 2.0, 4.0]))
    assert dX.shape == (2, 2, 3)
    np.testing.assert_array_equal(dX, np.einsum("ij,k->ijk", np.eye(2), [1.0, 2.0, 4.0]))
    np.testing.assert_allclose(dv, X, rtol=1e-15)


def test_an_elementwise_function_gives_the_elementwise_derivative_at_any_size() -> None:
    x = points(50, 100)
    np.testing.assert_array_equal(get_gradient_function(lambda x: x**2)(x), 2 * x)


def test_elementwise_in_arrays_with_a_scalar_parameter() -> None:
    x = points(4)
    dx, da = get_gradient_function(lambda x, a: np.sin(a * x))(x, 2.0)
    np.testing.assert_allclose(dx, 2 * np.cos(2 * x), rtol=1e-14)
    np.testing.assert_allclose(da, x * np.cos(2 * x), rtol=1e-14)


def test_elementwise_with_an_array_constant_is_found_entry_by_entry() -> None:
    weights = np.array([1.0, 2.0, 4.0])
    x = points(3)
    np.testing.assert_allclose(get_gradient_function(lambda x: weights * x**2)(x), 2 * weights * x, rtol=1e-15)


def test_a_default_is_a_constant_unless_selected() -> None:
    def power(x: Any, n: int = 2) -> Any:
        return x**n

    assert get_gradient_function(power)(3.0) == 6.0
    assert get_gradient_function(power)(3.0, n=3) == 27.0
    assert get_gradient_function(power, wrt="n")(3.0) == pytest.approx(9 * math.log(3), rel=1e-15)


def test_a_flag_without_a_default_is_a_constant() -> None:
    def loss(x: Any, reduction: str) -> Any:
        return x.sum() if reduction == "sum" else x.mean()

    np.testing.assert_array_equal(get_gradient_function(loss, wrt="x")(np.ones(4), "mean"), np.full(4, 0.25))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_tensors_give_tensors_of_their_dtype(dtype: torch.dtype) -> None:
    result = get_gradient_function(lambda x: (x**2).sum())(torch.tensor([1.0, 2.0], dtype=dtype))
    torch.testing.assert_close(result, torch.tensor([2.0, 4.0], dtype=dtype), rtol=0, atol=0)


def test_a_number_gives_a_float_and_an_array_an_array() -> None:
    gradient = get_gradient_function(lambda x: x**3)
    assert type(gradient(2)) is float
    assert gradient(np.array(2.0)).shape == ()
    np.testing.assert_array_equal(gradient([1, 2]), [3.0, 12.0])


def test_the_gradient_of_what_does_not_depend_on_x_is_zero() -> None:
    assert get_gradient_function(lambda x: 3.0)(2.0) == 0.0
    np.testing.assert_array_equal(get_gradient_function(lambda x: np.ones(3).sum())(points(2)), np.zeros(2))


def test_sympys_own_kinks_follow_torch() -> None:
    x = sp.Symbol("x")
    for expression, slope in [
        (sp.Abs(x), 0.0),
        (sp.Max(x, 0), 0.5),
        (sp.sqrt(x**2).subs(x, sp.Symbol("x", real=True)), 0.0),
    ]:
        assert get_gradient_function(expression)(0.0) == slope


def test_every_digit_of_a_constant_is_kept() -> None:
    assert get_gradient_function(lambda x: (1 / 3) * x)(1.0) == 1 / 3
    assert get_gradient_function("0.1234567890123456*x")(1.0) == 0.1234567890123456


def test_arguments_may_bear_the_names_of_functions() -> None:
    gradient = get_gradient_function(lambda exp, x_0, sigmoid: math.exp(exp) * torch.sigmoid(sigmoid) * x_0)
    slope = 1 / (1 + math.exp(-1.0))
    assert gradient(0.0, 2.0, 1.0) == pytest.approx((2 * slope, slope, 2 * slope * (1 - slope)), rel=1e-14)


def test_a_sympy_expression_takes_its_symbols_by_name_or_in_the_order_of_wrt() -> None:
    y, x = sp.symbols("y x")
    assert get_gradient_function(x**2 * y)(3.0, 2.0) == (12.0, 9.0)
    assert get_gradient_function(x**2 * y, wrt=("y", "x"))(2.0, 3.0) == (9.0, 12.0)
    assert get_gradient_function(x**2 * y, wrt="y")(x=3.0, y=2.0) == 9.0


def test_a_variable_of_a_text_that_cancels_is_still_an_argument() -> None:
    assert get_gradient_function("x*y - y*x + x")(3.0, 2.0) == (1.0, 0.0)


def test_a_module_and_an_object_with_call_are_functions() -> None:
    class Scaled:
        factor = 3.0

        def __call__(self, x: Any) -> Any:
            return self.factor * math.exp(x)

    layer = torch.nn.Linear(3, 2, dtype=torch.float64)
    x = torch.as_tensor(points(3))
    torch.testing.assert_close(get_gradient_function(layer)(x), layer.weight.detach())
    assert get_gradient_function(Scaled())(0.0) == 3.0
    assert get_gradient_function(math.sin)(0.0) == 1.0
    assert get_gradient_function(np.sin)(0.0) == 1.0
    assert get_gradient_function(functools.partial(pow, exp=3))(2.0) == 12.0


def test_a_gradient_function_describes_itself() -> None:
    gradient = get_gradient_function(lambda x: x**3)
    assert gradient.__doc__ == "The gradient of `<lambda>` with respect to x."
    assert gradient.source.startswith("def gradient(x):")
    assert "3*x**2" in gradient.source
    assert str(gradient.expression) == "3*x**2"


def test_two_traces_give_the_same_text() -> None:
    sources = []
    for _ in range(2):
        gradient = get_gradient_function(lambda X: torch.softmax(X, 1).prod())
        gradient(points(2, 3))
        sources.append(gradient.source)
    assert sources[0] == sources[1]


def test_the_second_derivative_is_the_gradient_of_the_gradient() -> None:
    hessian = get_gradient_function(get_gradient_function(lambda x: torch.logsumexp(x, 0)))
    x = torch.as_tensor(points(3))
    s = torch.softmax(x, 0)
    torch.testing.assert_close(hessian(x), torch.diag(s) - torch.outer(s, s))
    assert get_gradient_function(get_gradient_function("x**3"))(2.0) == 12.0


def test_a_formula_gives_its_compiled_gradients() -> None:
    n, i = dimension("n"), index("i")
    a, x = tensor("a", n), tensor("x", n)
    formula = Formula(
        name="weighted_square",
        title="Weighted square",
        topic="tests",
        definition=a[i] * x[i] ** 2,
        variables=(a, x),
        torch=lambda a, x: a * x**2,
        source="made here",
        output={i: n},
    )
    weights, point = np.array([1.0, 2.0, 4.0]), points(3)
    by_a, by_x = get_gradient_function(formula)(weights, point)
    np.testing.assert_allclose(by_a, np.diag(point**2), rtol=1e-14)
    np.testing.assert_allclose(by_x, np.diag(2 * weights * point), rtol=1e-14)
    tensors = torch.as_tensor(weights), torch.as_tensor(point)
    torch.testing.assert_close(get_gradient_function(formula, wrt="x")(*tensors), torch.as_tensor(by_x))
    with pytest.raises(UsageError, match="argument `x` has 0 axes; an array with 1 is accepted"):
        get_gradient_function(formula)(weights, 1.0)
    assert "def gradient(a, x)" in get_gradient_function(formula, wrt="x").source


def test_a_gradient_of_a_long_loop_stays_small() -> None:
    def newton(a: Any) -> Any:
        x = 1.0
        for _ in range(15):
            x = x - (x * x - a) / (2 * x)
        return x

    gradient = get_gradient_function(newton)
    assert gradient(2.0) == pytest.approx(0.5 / math.sqrt(2), rel=1e-12)
    assert len(gradient.source) < 10_000


def test_a_large_gradient_by_entries() -> None:
    x = points(500)
    np.testing.assert_allclose(get_gradient_function(lambda x: (x**2).sum() ** 2)(x), 4 * (x @ x) * x, rtol=1e-12)


BAD_CALLS: dict[str, tuple[Callable[[], Any], str]] = {
    "type": (lambda: get_gradient_function(3), "f is of type int"),
    "wrt": (lambda: get_gradient_function(lambda alpha: alpha, wrt="alhpa"), "wrt names 'alhpa'.*did you mean 'alpha'"),
    "no variables": (lambda: get_gradient_function(lambda x=1.0: x), "no variables"),
    "constant text": (lambda: get_gradient_function("3"), "has no variables"),
    "too few": (lambda: get_gradient_function(lambda x, y: x)(1.0), "missing a required argument: 'y'"),
    "complex": (lambda: get_gradient_function(lambda x: x)(1j), "argument `x` is of type complex"),
    "text": (lambda: get_gradient_function(lambda x: x)("one"), "argument `x` is of type str"),
    "flag": (lambda: get_gradient_function(lambda x: x)(True), "argument `x` is of type bool"),
    "ragged": (lambda: get_gradient_function(lambda x: x)([[1.0], [1.0, 2.0]]), "argument `x` is no array"),
    "size": (lambda: get_gradient_function(lambda x: x.sum())(np.ones((30, 70))), "2,100 entries; up to 2,000"),
    "Jacobian": (lambda: get_gradient_function(lambda x: x[::-1])(np.ones(200)), "40,000 partial.*up to 20,000"),
    "star": (lambda: get_gradient_function(lambda *x: x[0]), r"\*args"),
    "unknown function": (
        lambda: get_gradient_function(sp.zeta(sp.Symbol("x")))(2.0),
        "no derivative is known of `zeta",
    ),
    "twins": (lambda: get_gradient_function(sp.Symbol("x") + sp.Symbol("x", real=True)), "bear one name"),
}


@pytest.mark.parametrize("name", BAD_CALLS)
def test_bad_input_is_named(name: str) -> None:
    call, message = BAD_CALLS[name]
    with pytest.raises(UsageError, match=message):
        call()
