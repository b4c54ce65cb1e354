"""A tensor without axes that names a place is a variable: torch's own record of the call holds its value alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from gradcheck.symbolic.graphs.refusals import NotTraceable
from gradcheck.symbolic.graphs.trace import trace

X = torch.arange(9, dtype=torch.float64).reshape(3, 3)
SELECTED: dict[str, tuple[Callable[[Any, Any], Any], str]] = {
    "a row": (lambda x, y: x[y], "x[y, i]"),
    "a column": (lambda x, y: x[:, y], "x[i, y]"),
    "an entry": (lambda x, y: x[y, y], "x[y, y]"),
    "beside a number": (lambda x, y: x[0, y], "x[0, y]"),
    "beside a slice": (lambda x, y: x[1:, y], "x[i + 1, y]"),
    "before a new axis": (lambda x, y: x[y, None], "x[y, j]"),
}


@pytest.mark.parametrize("name", SELECTED)
def test_the_place_is_a_variable(name: str) -> None:
    function, definition = SELECTED[name]
    formula = trace(function, X, torch.tensor(1)).formulas[0]
    assert str(formula.definition) == definition
    for place in range(3):
        y = torch.tensor(place)
        torch.testing.assert_close(torch.as_tensor(formula.compile("torch")(X, y)), function(X, y))


REFUSED: dict[str, Callable[[Any, Any], Any]] = {
    "after dots": lambda x, y: x[..., y],
    "as an end": lambda x, y: x[:y],
    "by select": lambda x, y: x.select(0, y),
    "a width": lambda x, y: x.narrow(0, y, 1),
}


@pytest.mark.parametrize("name", REFUSED)
def test_no_place_is_taken_for_a_number(name: str) -> None:
    with pytest.raises(NotTraceable, match="turns the value of a tensor into a Python number"):
        trace(REFUSED[name], X, torch.tensor(1))


def test_a_place_counted_from_the_end_is_refused() -> None:
    with pytest.raises(NotTraceable, match="y holds an index below 0"):
        trace(lambda x, y: x[y], X, torch.tensor(-1))


def test_stacked_tensors_are_added_up_one_by_one() -> None:
    formula = trace(lambda x: torch.stack([each.sin() for each in x]).sum(), X[0]).formulas[0]
    assert str(formula.definition) == "sin(x[0]) + sin(x[1]) + sin(x[2])"
