"""Every formula of the catalogue: its code for NumPy and for torch, its stated gradients, and its derivation.

Each is held against torch's own derivatives at a random point of one size. The published report's test holds it at
three, and at the edges, against every oracle; what is left for the edges here is the code for torch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from gradcheck import catalogue
from gradcheck.symbolic.compile import compile_expression, is_integer
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.points import distinct_sizes, sample_point

TOLERANCE = 1e-12
FORMULAS = [f for f in catalogue.formulas() if isinstance(f, Formula)]
CASES = [pytest.param(f, wrt, id=f"{f.name}-{wrt}") for f in FORMULAS for wrt in f.wrt]
EVERY_FORMULA = pytest.mark.parametrize(("formula", "wrt"), CASES)
CHOICE = 1

Point = tuple[torch.Tensor, ...]


def random_point(formula: Formula) -> Point:
    """The formula's variables, in order, at the second choice of sizes."""
    sizes = distinct_sizes(formula.dimensions, CHOICE)
    return tuple(map(torch.as_tensor, sample_point(formula, sizes, np.random.default_rng(CHOICE)).values()))


def edge_points(formula: Formula) -> list[Point]:
    """The points that the formula names, as tensors."""
    dtypes = [torch.int64 if is_integer(variable) else torch.float64 for variable in formula.variables]
    named = [[edge.point[name] for name in formula.variable_names] for edge in formula.edges]
    return [tuple(torch.tensor(v, dtype=d) for v, d in zip(values, dtypes, strict=True)) for values in named]


def torch_jacobian(formula: Formula, wrt: str, point: Point) -> torch.Tensor:
    """The Jacobian of the torch counterpart by reverse mode."""
    position = formula.variable_names.index(wrt)

    def function(value: torch.Tensor) -> Any:
        return formula.torch(*point[:position], value, *point[position + 1 :])

    jacobian = torch.autograd.functional.jacobian(function, point[position])
    assert isinstance(jacobian, torch.Tensor)
    return jacobian


def stated(formula: Formula, wrt: str) -> Callable[..., Any] | None:
    """The textbook's gradient, compiled, or None where the formula states none."""
    expression = formula.stated_gradient(wrt)
    return None if expression is None else compile_expression(expression, formula.variables, formula.axes(wrt))


def assert_close(actual: Any, expected: Any) -> None:
    """Equal in shape and to rounding, relative to the largest entry."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape
    assert np.isfinite(actual).all()
    assert actual == pytest.approx(expected, rel=TOLERANCE, abs=TOLERANCE * max(1.0, np.abs(expected).max(initial=0)))


def assert_agree(formula: Formula, wrt: str, point: Point) -> None:
    """The value and every way to get the derivative agree at a point."""
    arrays = [value.numpy() for value in point]
    assert_close(formula.compile("numpy")(*arrays), formula.torch(*point))
    compiled = formula.compile("torch", wrt)(*point)
    expected = compiled if "reverse" in formula.deviations.get(wrt, {}) else torch_jacobian(formula, wrt, point)
    assert_close(formula.compile("numpy", wrt)(*arrays), expected)
    assert_close(compiled, expected)
    textbook = stated(formula, wrt)
    if textbook is not None:
        assert_close(textbook(*arrays), expected)


@EVERY_FORMULA
def test_definition_and_derivatives_agree_with_torch(formula: Formula, wrt: str) -> None:
    assert_agree(formula, wrt, random_point(formula))


@EVERY_FORMULA
def test_code_for_torch_agrees_with_that_for_numpy_at_the_edges(formula: Formula, wrt: str) -> None:
    for point in edge_points(formula):
        arrays = [value.numpy() for value in point]
        assert_close(formula.compile("torch")(*point), formula.compile("numpy")(*arrays))
        assert_close(formula.compile("torch", wrt)(*point), formula.compile("numpy", wrt)(*arrays))


def assert_derives(formula: Formula, wrt: str) -> None:
    """Every line of the derivation holds."""
    derivation = formula.derive(wrt)
    assert derivation.steps
    assert derivation.ok, str(derivation)


@pytest.mark.parametrize("formula", {f.topic: f for f in reversed(FORMULAS)}.values(), ids=lambda formula: formula.name)
def test_the_first_formula_of_each_topic_derives(formula: Formula) -> None:
    assert_derives(formula, formula.wrt[0])


@pytest.mark.derivations
@EVERY_FORMULA
def test_every_formula_derives(formula: Formula, wrt: str) -> None:
    assert_derives(formula, wrt)


def test_every_module_of_the_catalogue_loads() -> None:
    assert catalogue.broken() == ()


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.name)
def test_every_formula_names_its_source_and_states_a_gradient(formula: Formula) -> None:
    assert formula.source
    assert formula.title
    assert formula.stated
