"""A heat map's numbers are autograd's Jacobian, and its axes bear the names of the indices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from gradcheck import UsageError, catalogue
from gradcheck.pictures.heat_map import heat_map
from gradcheck.pictures.point import formula_point

SHAPES = {
    ("softmax", "z"): ("i", "j", (3, 3)),
    ("linear", "W"): ("i", "p, q", (3, 6)),
    ("matrix_product", "X"): ("i, k", "a, b", (12, 6)),
    ("det", "X"): ("a", "b", (3, 3)),
    ("mse", "p"): ("", "j", (1, 3)),
    ("linear_scalar", "w"): ("", "", (1, 1)),
}


@pytest.mark.parametrize("case", SHAPES, ids="-".join)
def test_the_numbers_are_autograd_s(case: tuple[str, str]) -> None:
    name, wrt = case
    formula = catalogue.formula(name)
    point = formula_point(formula, {})
    tensors = [torch.tensor(value) for value in point.values()]
    place = formula.variable_names.index(wrt)
    expected = torch.autograd.functional.jacobian(
        lambda x: formula.torch(*tensors[:place], x, *tensors[place + 1 :]), tensors[place]
    )
    found = heat_map(formula, wrt, point)
    rows, columns, shape = SHAPES[case]
    assert (found.rows.names, found.columns.names, found.values.shape) == (rows, columns, shape)
    assert found.values == pytest.approx(expected.numpy().reshape(shape), rel=1e-12)
    assert (len(found.rows.labels), len(found.columns.labels)) == shape
    assert found.largest == np.abs(found.values).max()


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("softmax", {"wrt": "T"}, "no variable to differentiate softmax by is named 'T'; choose from z"),
        ("softmax", {"at": {"z": [0.0] * 31}}, "the Jacobian has 961 entries; up to 900 can be shown"),
        ("cross_entropy_index", {"at": {"c": [9, 0]}}, "has no derivative there"),
        ("inverse", {"at": {"X": [[1.0, 1.0], [1.0, 1.0]]}}, "there"),
    ],
)
def test_bad_points_are_refused(name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as refusal:
        heat_map(catalogue.formula(name), **options)
    assert message in str(refusal.value)
