"""Functions by cases: slopes where two tie, deltas in front of the cases, and silence about what is not chosen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy as sp
import torch

from gradcheck.symbolic.compile import compile_expression
from gradcheck.symbolic.differentiate import derivative
from gradcheck.symbolic.piecewise import cases, larger, smaller, with_deltas_in_front
from gradcheck.symbolic.printing import latex, text
from gradcheck.symbolic.tensors import delta, dimension, index, mean_over, scalar, sum_over, tensor

n = dimension("n")
i, j = index("i j")
x, z, a = tensor("x", n), tensor("z", n), scalar("a")
ELU = cases((x[i], x[i] > 0), otherwise=a * (sp.exp(x[i]) - 1))


@pytest.mark.parametrize(("ours", "theirs"), [(larger, torch.maximum), (smaller, torch.minimum)])
def test_slopes_are_those_of_torch_also_where_two_tie(ours: Any, theirs: Any) -> None:
    gradient = compile_expression(derivative(mean_over(n, lambda k: ours(x[k], z[k])), x[j]), [x, z], {j: n})
    first, second = torch.tensor([1.0, 2.0, 3.0], requires_grad=True), torch.tensor([2.0, 2.0, 2.0])
    theirs(first, second).mean().backward()
    assert first.grad is not None
    assert gradient(first.detach().numpy(), second.numpy()) == pytest.approx(first.grad.numpy())


def test_deltas_stand_in_front_so_that_sums_are_sifted() -> None:
    gradient = derivative(mean_over(n, lambda k: cases((x[k] ** 2, x[k] > a), otherwise=x[k])), x[j])
    assert gradient == cases((2 * x[j], x[j] > a), otherwise=sp.S.One) / n


@pytest.mark.parametrize(
    "branch",
    [delta(i, j) * x[i] + delta(i, j), 2 * (delta(i, j) + x[i] * delta(i, j)), delta(i, j) * (delta(i, j) + x[i])],
)
def test_a_delta_of_every_term_is_pulled_out(branch: sp.Expr) -> None:
    pulled = with_deltas_in_front(cases((branch, x[i] > 0), otherwise=sp.S.Zero))
    assert delta(i, j) in pulled.args
    for value in (0, 1):
        at = {delta(i, j): sp.Integer(value), x[i]: sp.Integer(3)}
        assert pulled.subs(at) == branch.subs(at)


def test_a_delta_that_one_case_lacks_stays() -> None:
    by_cases = cases((delta(i, j), x[i] > 0), otherwise=x[j])
    assert with_deltas_in_front(by_cases) == by_cases


def test_nested_sums_of_cases_keep_their_indices() -> None:
    inner = sum_over(n, lambda k: sum_over(n, lambda l: z[l] * cases((x[k] * z[l], x[k] > z[l]), otherwise=sp.S.Zero)))
    assert not any(isinstance(symbol, sp.Dummy) for symbol in inner.free_symbols)
    first, second = np.array([1.0, -2.0, 0.5]), np.array([0.25, 0.5, -1.0])
    expected = sum(v * u * v for u in first for v in second if u > v)
    assert compile_expression(inner, [x, z], {})(first, second) == pytest.approx(expected)
    gradient = compile_expression(derivative(inner, x[j]), [x, z], {j: n})(first, second)
    assert gradient == pytest.approx([sum(v * v for v in second if u > v) for u in first])


def test_cases_that_are_all_the_same_are_none() -> None:
    assert cases((x[i], x[i] > 0), otherwise=x[i]) == x[i]
    assert cases((x[i], sp.true), otherwise=sp.S.Zero) == x[i]
    assert cases((x[i], sp.false), otherwise=sp.S.Zero) == 0


def test_cases_that_are_not_chosen_may_overflow_in_silence() -> None:
    slope = compile_expression(derivative(ELU, x[j]), [x, a], {i: n, j: n})
    assert slope([800.0, -800.0, 0.0], 0.5).tolist() == np.diag([1.0, 0.0, 0.5]).tolist()
    value = compile_expression(ELU, [x, a], {i: n})
    assert value(np.array([800.0, -800.0], np.float32), np.float32(0.5)).dtype == np.float32


@pytest.mark.parametrize("number", [sp.S.One, sp.Rational(1, 6)])
def test_cases_of_numbers_take_the_dtype_of_the_inputs(number: sp.Expr) -> None:
    step = cases((number, x[i] > 0), otherwise=sp.S.Zero)
    assert compile_expression(step, [x], {i: n}, "torch")(torch.ones(1, dtype=torch.float64)).item() == float(number)
    assert compile_expression(step, [x], {i: n})(np.array([1.0, -1.0], np.float32)).dtype == np.float32
    assert compile_expression(step, [x], {i: n}, "torch")(torch.tensor([1.0, -1.0])).dtype == torch.float32


def test_they_read_as_cases() -> None:
    assert text(ELU) == "(x[i] where x[i] > 0, else a*(exp(x[i]) - 1))"
    assert latex(ELU).startswith(r"\begin{cases} x_{i} & \text{for}\: x_{i} > 0")
