"""Derivatives, contracted and compiled, against difference quotients at 40 digits and against autograd."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy as sp
import torch

from gradcheck.symbolic.compile import compile_expression, variable_name, variable_shape
from gradcheck.symbolic.differentiate import derivative
from gradcheck.symbolic.evaluate import difference_quotient, evaluate
from gradcheck.symbolic.tensors import index, logsumexp
from tests.symbolic.cases import CASES, SIZES, positions

ORDER = ("x", "z", "y", "X", "A", "c", "s")
"""Names of all variables of the cases, in the order the compiled functions take them."""


def variables_of(case: str) -> list[Any]:
    expression, _, wrt = CASES[case]
    found = {variable_name(base): base for base in expression.atoms(sp.IndexedBase) | {wrt}}
    found |= {str(s): s for s in expression.free_symbols if isinstance(s, sp.Symbol) and str(s) == "s"}
    return [found[name] for name in ORDER if name in found]


def entry_of(wrt: Any) -> tuple[Any, dict[Any, Any]]:
    shape = variable_shape(wrt)
    indices = [index(name) for name in "ab"[: len(shape)]]
    return (wrt[tuple(indices)] if shape else wrt), dict(zip(indices, shape, strict=True))


@pytest.mark.parametrize("case", CASES)
def test_derivative_equals_the_difference_quotient_at_40_digits(case: str, point: dict[Any, Any]) -> None:
    expression, output, wrt = CASES[case]
    entry, axes = entry_of(wrt)
    gradient = derivative(expression, entry)
    for at in positions({**output, **axes}):
        environment = {**point, **at}
        position = tuple(at[axis] for axis in axes)
        true = difference_quotient(expression, variable_name(wrt), position, environment)
        assert abs(evaluate(gradient, environment) - true) <= 1e-20 * (1 + abs(true))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_compiled_derivative_equals_its_value_at_40_digits(case: str, backend: Any, point: dict[Any, Any]) -> None:
    expression, output, wrt = CASES[case]
    entry, axes = entry_of(wrt)
    gradient = derivative(expression, entry)
    variables, all_axes = variables_of(case), {**output, **axes}
    arguments: list[Any] = [np.asarray(point[variable_name(v)]) for v in variables]
    if backend == "torch":
        arguments = [torch.tensor(x) for x in arguments]
    compiled = compile_expression(gradient, variables, all_axes, backend)(*arguments)
    assert tuple(compiled.shape) == tuple(SIZES[size] for size in all_axes.values())
    for at in positions(all_axes):
        true = float(evaluate(gradient, {**point, **at}))
        assert float(compiled[tuple(at.values())]) == pytest.approx(true, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("case", CASES)
def test_compiled_definition_has_the_derivative_as_its_autograd_jacobian(case: str, point: dict[Any, Any]) -> None:
    expression, output, wrt = CASES[case]
    entry, axes = entry_of(wrt)
    variables = variables_of(case)
    arguments = [torch.tensor(point[variable_name(v)]) for v in variables]
    position = [variable_name(v) for v in variables].index(variable_name(wrt))
    definition = compile_expression(expression, variables, output, "torch")
    expected = torch.autograd.functional.jacobian(
        lambda moved: definition(*arguments[:position], moved, *arguments[position + 1 :]), arguments[position]
    )
    found = compile_expression(derivative(expression, entry), variables, {**output, **axes}, "torch")(*arguments)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-14)


def test_a_variable_that_does_not_occur_has_derivative_zero(t: Any) -> None:
    assert derivative(t.x[t.i] ** 2, t.z[t.j]) == 0


def test_second_derivative_of_logsumexp_is_the_softmax_jacobian(t: Any, point: dict[Any, Any]) -> None:
    softmax, _, _ = CASES["softmax"]
    once = derivative(logsumexp(t.n, lambda k: t.z[k]), t.z[t.i])
    for at in positions({t.i: t.n, t.j: t.n}):
        environment = {**point, **at}
        twice = evaluate(derivative(once, t.z[t.j]), environment)
        assert abs(twice - evaluate(derivative(softmax, t.z[t.j]), environment)) < 1e-30
