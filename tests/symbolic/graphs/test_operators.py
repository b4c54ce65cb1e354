"""Every operator of the tables: its formula's values and derivatives are the function's own."""

from __future__ import annotations

import importlib
import pkgutil

import numpy as np
import pytest
import torch

from gradcheck.symbolic.graphs.capture import capture
from gradcheck.symbolic.graphs.operators import operators
from gradcheck.symbolic.graphs.trace import Trace, trace
from gradcheck.symbolic.graphs.walk import operator_name
from tests.symbolic.graphs import operator_cases
from tests.symbolic.graphs.operator_cases.case import Case

TABLES = [
    importlib.import_module(f"{operator_cases.__name__}.{module.name}")
    for module in pkgutil.iter_modules(operator_cases.__path__)
    if module.name != "case"
]
CASES: dict[str, Case] = {name: case for table in TABLES for name, case in table.CASES.items()}


def test_every_operator_has_a_case() -> None:
    assert set(operators()) - set(CASES) == set()


@pytest.mark.parametrize("name", CASES)
def test_formula_gives_the_values_and_derivatives_of_the_operator(name: str) -> None:
    case = CASES[name]
    example = case.draw(torch.Generator().manual_seed(0))
    traced = trace(case.function, *example)
    graph = capture(traced.call).graph.graph
    assert name in {operator_name(node.target) for node in graph.nodes if node.op == "call_function"}
    demand_same_jacobians(traced, case.tolerance)


def demand_same_jacobians(traced: Trace, tolerance: float = 1e-9) -> None:
    """Autograd's Jacobian of the first output by every real input, at the example."""
    values, (formula, *_) = traced.call.values, traced.formulas
    for argument in traced.call.arguments:
        if not argument.is_integer:
            expected = _jacobian(traced, argument.name)
            found = formula.compile("numpy", wrt=argument.name)(*(value.numpy() for value in values))
            np.testing.assert_allclose(
                found, expected.numpy(), rtol=tolerance, atol=tolerance / 100, err_msg=argument.name
            )


def _jacobian(traced: Trace, name: str) -> torch.Tensor:
    values = traced.call.values
    place = [argument.name for argument in traced.call.arguments].index(name)

    def moved(value: torch.Tensor) -> torch.Tensor:
        returned = traced.call.function(*values[:place], value, *values[place + 1 :])
        return returned if torch.is_tensor(returned) else returned[0]

    jacobian: torch.Tensor = torch.autograd.functional.jacobian(moved, values[place])
    return jacobian
