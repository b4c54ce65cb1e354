"""A sum is the one that SymPy makes, however it is written."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from gradcheck.symbolic.tensors import BindsIndices, Sum, dimension, index, tensor

N, (I, J) = dimension("n"), index("i j")
X = tensor("x", N)
WITH_CASES = X[J] * sp.Piecewise((X[J], X[J] > 0), (0, True))


class AsSymPyMakesIt(BindsIndices, sp.Sum):  # type: ignore[misc]
    """A sum that is made by SymPy alone."""


BODIES = (X[I], 0, sp.nan, 2 * (X[I] + 1), sp.Piecewise((X[I], X[I] > 0), (0, True)), WITH_CASES, X[I] + WITH_CASES)
LIMITS: tuple[tuple[Any, ...], ...] = (
    ((I, 0, N - 1),),
    ((I, 0, N - 1), (J, 0, 2)),
    (sp.Tuple(I, 1, sp.oo),),
    ([I, 0, 3],),
    ((I, sp.Range(3)),),
    ((I, 0),),
)


def _made(kind: Any, nested: bool, body: Any, limits: tuple[Any, ...]) -> str:
    try:
        return str(sp.srepr(kind(kind(body, (J, 0, N - 1)) if nested else body, *limits))).replace(
            "AsSymPyMakesIt", "Sum"
        )
    except (ValueError, TypeError) as error:
        return str(error)


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("body", BODIES, ids=str)
def test_a_sum_is_what_sympy_makes_of_it(body: Any, nested: bool) -> None:
    for limits in LIMITS:
        assert _made(Sum, nested, body, limits) == _made(AsSymPyMakesIt, nested, body, limits)


def test_cases_inside_of_a_sum_are_found() -> None:
    assert Sum(WITH_CASES, (I, 0, 2)).has_cases
    assert not Sum(X[I], (I, 0, 2)).has_cases
