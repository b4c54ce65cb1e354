"""Every operator of the tables: its formula's values and derivatives are the function's own."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import numpy as np
import pytest
import torch

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


GROUPS: dict[int, tuple[list[str], Case]] = {}
for _name, _case in CASES.items():
    GROUPS.setdefault(id(_case), ([], _case))[0].append(_name)


@pytest.mark.parametrize(("names", "case"), GROUPS.values(), ids=[names[0] for names, _ in GROUPS.values()])
def test_formula_gives_the_values_and_derivatives_of_the_operator(names: list[str], case: Case) -> None:
    traced = trace(case.function, *case.draw(torch.Generator().manual_seed(0)))
    assert set(names) <= _operators_of(traced)
    demand_same_jacobians(traced, case.tolerance)


def _operators_of(traced: Trace) -> set[str]:
    """The operators that the trace's outputs are made of."""
    found: set[str] = set()

    def noted(node: torch.fx.Node, value: Any) -> Any:
        found.add(operator_name(node.target))
        return value

    traced.values(noted)
    return found


def demand_same_jacobians(traced: Trace, tolerance: float = 1e-9) -> None:
    """Autograd's Jacobians of every output by every real input, at the example."""
    values = traced.call.values
    for place, argument in enumerate(traced.call.arguments):
        if not argument.is_integer:
            expected = _jacobians(traced, place)
            for formula, jacobian in zip(traced.formulas, expected, strict=True):
                found = formula.compile("numpy", wrt=argument.name)(*(value.numpy() for value in values))
                np.testing.assert_allclose(
                    found, jacobian.numpy(), rtol=tolerance, atol=tolerance / 100, err_msg=argument.name
                )


def _jacobians(traced: Trace, place: int) -> tuple[torch.Tensor, ...]:
    values = traced.call.values

    def moved(value: torch.Tensor) -> tuple[torch.Tensor, ...]:
        returned = traced.call.function(*values[:place], value, *values[place + 1 :])
        outputs = (returned,) if torch.is_tensor(returned) else tuple(returned)
        return tuple(output for output in outputs if output.is_floating_point())

    jacobians: tuple[torch.Tensor, ...] = torch.autograd.functional.jacobian(moved, values[place])
    return jacobians
