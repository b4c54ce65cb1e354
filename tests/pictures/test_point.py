"""A point holds what was given, fits the formula's axes, and refuses everything else in one sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcheck import UsageError, catalogue
from gradcheck.pictures.point import formula_point, is_elementwise, subscripted


def test_given_arrays_decide_the_sizes_of_the_others() -> None:
    point = formula_point(catalogue.formula("mse"), {"p": [1.0, 2.0, 3.0, 4.0, 5.0]})
    assert list(point) == ["p", "y"]
    assert point["p"].tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert point["y"].shape == (5,)


def test_what_is_not_given_is_the_same_sample_each_time() -> None:
    formula = catalogue.formula("linear")
    first, second = formula_point(formula, {}), formula_point(formula, {})
    assert all(np.array_equal(first[name], second[name]) for name in formula.variable_names)
    assert first["W"].shape == (3, 2)


def test_class_indices_stay_integers() -> None:
    point = formula_point(catalogue.formula("cross_entropy_index"), {"c": [1.0, 0.0]})
    assert point["c"].dtype.kind == "i"


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("softmax", {"y": 1.0}, "no variable of softmax is named 'y'"),
        ("softmax", {"z": 1.0}, "z has shape (); an array with axes n is accepted"),
        ("linear_scalar", {"w": [1.0]}, "w has shape (1,); one number is accepted"),
        ("softmax", {"z": []}, "z has shape (0,)"),
        ("softmax", {"z": "abc"}, "z is no array of numbers"),
        ("softmax", {"z": [1.0, [2.0]]}, "z is no array of numbers"),
        ("softmax", {"z": [float("nan")]}, "z must hold finite numbers"),
        ("cross_entropy_index", {"c": [0.5]}, "c must hold whole numbers"),
        ("mse", {"p": [1.0], "y": [1.0, 2.0]}, "axis 0 of y has length 2; by the other axes it is n = 1"),
        ("det", {"X": [[1.0, 2.0]]}, "axis 1 of X has length 2; by the other axes it is n = 1"),
    ],
)
def test_bad_points_are_refused(name: str, given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as refusal:
        formula_point(catalogue.formula(name), given)
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "wrt", "expected"),
    [("relu", "x", True), ("gelu", "x", True), ("linear", "b", True), ("linear", "x", False), ("mse", "p", False)],
)
def test_entry_by_entry_functions_are_told_apart(name: str, wrt: str, expected: bool) -> None:
    assert is_elementwise(catalogue.formula(name), wrt) is expected


def test_large_indices_are_kept_apart() -> None:
    assert subscripted("x", (1, 12)) == "x₁,₁₂"
