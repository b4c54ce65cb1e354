"""Hand-written NumPy gradients at kinks and at points without a gradient: right twins pass, wrong ones are wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gradcheck.checking.functions import check_gradient_function
from gradcheck.results import Verdict

Array = NDArray[np.float64]

X, TIE, ONES, ZEROS = np.array([1.0, 0.0, -2.0]), np.array([2.0, 2.0, 1.0]), np.ones(2), np.zeros(3)
RELU, ABS = (lambda x: np.maximum(x, 0).sum()), (lambda x: np.abs(x).sum())


def first(x: Array) -> Array:
    return np.asarray(np.eye(3)[np.argmax(x)])


def hinge(w: Array) -> Any:
    return np.maximum(0, 1 - w).sum()


def spectrum(a: Array) -> Array:
    """The gradients of the eigenvalues of a symmetric matrix by its lower triangle."""
    _, vectors = np.linalg.eigh(a)
    outer = np.einsum("ik,jk->kij", vectors, vectors)
    return np.asarray(np.tril(outer + outer.swapaxes(1, 2)) - outer * np.eye(len(a)))


def middle(a: Array) -> Any:
    return np.linalg.eigvalsh(a)[1]


Gradient = Callable[..., Any]
SUBGRADIENTS: dict[str, tuple[Callable[..., Any], Gradient, tuple[Array, ...], tuple[int, ...]]] = {
    "relu at 0": (RELU, lambda x: (x > 0) * 1.0, (X,), (1,)),
    "relu at 0, one half": (RELU, lambda x: np.heaviside(x, 0.5), (X,), (1,)),
    "hinge at 1": (hinge, lambda w: np.where(w < 1, -1.0, 0.0), (np.array([0.3, 2.0, 1.0]),), (2,)),
    "abs at 0": (ABS, np.sign, (X,), (1,)),
    "max at a tie": (np.max, first, (TIE,), (0,)),
    "max at a tie, given as numbers": (np.max, lambda x: np.array([0.5, 0.5, 0.0]), (TIE,), (0,)),
    "a distance of 0": (
        lambda x, y: np.abs(x - y).sum(),
        lambda x, y: (np.sign(x - y), -np.sign(x - y)),
        (ONES, ONES),
        (0,),
    ),
    "a norm at 0": (np.linalg.norm, lambda x: x / (np.linalg.norm(x) or 1.0), (ZEROS,), (0,)),
    "sorted ties": (np.sort, lambda x: np.eye(3)[np.argsort(x, kind="stable")], (TIE,), (1, 0)),
}


@pytest.mark.parametrize("name", SUBGRADIENTS)
def test_a_subgradient_passes_with_the_kink_placed(name: str) -> None:
    f, gradient, inputs, index = SUBGRADIENTS[name]
    check = check_gradient_function(f, gradient, *inputs)
    assert check.verdict is Verdict.CORRECT
    assert (check.findings[0].kind, check.findings[0].index) == ("kink", index)


WRONG: dict[str, tuple[Callable[..., Any], Gradient, tuple[Array, ...], str, tuple[int, ...]]] = {
    "relu'(0) = 7": (RELU, lambda x: np.where(x == 0, 7.0, x > 0), (X,), "kink", (1,)),
    "relu'(0) = -1/2": (RELU, lambda x: np.where(x == 0, -0.5, x > 0), (X,), "kink", (1,)),
    "hinge at 1, the other sign": (
        hinge,
        lambda w: np.where(w == 1, 1.0, np.where(w < 1, -1.0, 0.0)),
        (np.array([0.3, 2.0, 1.0]),),
        "kink",
        (2,),
    ),
    "abs'(0) = 3": (ABS, lambda x: np.where(x == 0, 3.0, np.sign(x)), (X,), "kink", (1,)),
    "max at a tie, one and a half": (np.max, lambda x: 1.5 * first(x), (TIE,), "kink", (0,)),
    "max at a tie, both, given as numbers": (np.max, lambda x: np.array([1.0, 1.0, 0.0]), (TIE,), "kink", (0,)),
    "max at a tie, neither, given as numbers": (np.max, lambda x: np.zeros(3), (TIE,), "kink", (0,)),
    "max at a tie, half of it everywhere": (np.max, lambda x: first(x) / 2, (TIE,), "factor", (0,)),
    "max, the smallest": (np.max, lambda x: np.eye(3)[np.argmin(x)], (TIE,), "single_entry", (2,)),
    "a distance of 0, the same sign": (
        lambda x, y: np.abs(x - y).sum(),
        lambda x, y: (np.ones(2), np.ones(2)),
        (ONES, ONES),
        "kink",
        (0,),
    ),
    "relu, wrong beside its kink": (RELU, lambda x: (x > 0) * 2.0, (X,), "factor", (0,)),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_no_point_around_accounts_for_is_wrong(name: str) -> None:
    f, gradient, inputs, kind, index = WRONG[name]
    check = check_gradient_function(f, gradient, *inputs)
    assert check.verdict is Verdict.WRONG
    assert (check.findings[0].kind, check.findings[0].index) == (kind, index)


@pytest.mark.parametrize(
    ("f", "gradient", "x"),
    [
        (np.linalg.eigvalsh, spectrum, np.eye(3)),
        (middle, lambda a: spectrum(a)[1], 2 * np.eye(3)),
        (np.median, lambda x: np.eye(3)[np.argsort(x, kind="stable")[1]], np.full(3, 2.0)),
    ],
    ids=["eigenvalues", "one eigenvalue", "median"],
)
def test_where_no_gradient_is_right_one_that_is_right_around_is_undecided_and_another_is_wrong(
    f: Callable[..., Any], gradient: Gradient, x: Array
) -> None:
    check = check_gradient_function(f, gradient, x)
    assert (check.verdict, check.findings[0].kind) == (Verdict.INCONCLUSIVE, "kink")
    for factor in (0.5, 2.0, -1.0):
        wrong = check_gradient_function(f, lambda x, factor=factor: factor * gradient(x), x)
        assert wrong.verdict is Verdict.WRONG


def test_a_gradient_of_eigenvalues_passes_where_they_differ() -> None:
    point = np.diag([1.0, 2.0, 4.0]) + np.full((3, 3), 0.1)
    assert check_gradient_function(np.linalg.eigvalsh, spectrum, point).verdict is Verdict.CORRECT


def test_a_gradient_that_is_wrong_at_its_point_alone_is_not_excused_by_the_points_around() -> None:
    def planted(a: Array) -> Array:
        return np.asarray(np.where((a == np.eye(3)).all(), 50.0, 1.0) * spectrum(a)[1])

    assert check_gradient_function(middle, planted, np.eye(3)).verdict is Verdict.WRONG
