"""Products v·J of every formula in the catalogue are those of autograd on its torch counterpart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from gradcheck import catalogue
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.points import distinct_sizes, sample_point
from gradcheck.symbolic.pullback import pullback

CASES = [
    (f, wrt)
    for f in catalogue.formulas()
    if isinstance(f, Formula)
    for wrt in f.wrt
    if "reverse" not in f.deviations.get(wrt, {})
]
"""Every derivative but those of which torch's own is wrong."""

FIRST_OF_EACH_TOPIC = {formula.topic: (formula, wrt) for formula, wrt in reversed(CASES)}.values()


def name_of(part: Formula | str) -> str:
    return part if isinstance(part, str) else part.name


@pytest.mark.parametrize(("formula", "wrt"), FIRST_OF_EACH_TOPIC, ids=name_of)
def test_the_first_formula_of_each_topic_has_the_products_of_autograd(formula: Formula, wrt: str) -> None:
    assert_products_agree(formula, wrt)


@pytest.mark.derivations
@pytest.mark.parametrize(("formula", "wrt"), CASES, ids=name_of)
def test_every_formula_has_the_products_of_autograd(formula: Formula, wrt: str) -> None:
    assert_products_agree(formula, wrt)


def assert_products_agree(formula: Formula, wrt: str) -> None:
    values = sample_point(formula, distinct_sizes(formula.dimensions, 0), np.random.default_rng(0))
    arguments: list[Any] = [torch.as_tensor(np.asarray(values[name])) for name in formula.variable_names]
    position = formula.variable_names.index(wrt)
    arguments[position].requires_grad_()
    output = formula.torch(*arguments)
    weight = torch.randn(output.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    (true,) = torch.autograd.grad(output, arguments[position], weight)
    found = pullback(formula, wrt, "torch")(*(x.detach() for x in arguments), weight)
    assert found.shape == true.shape
    torch.testing.assert_close(found, true, rtol=1e-12, atol=1e-13)
