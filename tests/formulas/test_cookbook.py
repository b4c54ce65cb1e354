"""The Matrix Cookbook's identities: which are there, and which do not hold as printed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcheck import catalogue
from gradcheck.checking.formulas.printed_check import check_printed
from gradcheck.symbolic.compile import compile_expression
from gradcheck.symbolic.formula import Formula

Array = np.ndarray[Any, np.dtype[Any]]

IDENTITIES = [
    formula
    for formula in catalogue.formulas()
    if isinstance(formula, Formula) and formula.topic.startswith("matrix cookbook")
]
LEFT_OUT = {
    89: "by a complex vector",
    96: "names the function that 97 and 98 differentiate",
}
"""What chapter 2 numbers from 46 on beside identities of real derivatives; 33 to 45 are rules for differentials."""
NUMBERED = set(range(46, 145)) - LEFT_OUT.keys()

REFUTED = {
    "cookbook_51_rectangular": "A and B have to be square",
    "cookbook_127": "A symmetric",
    "cookbook_143": "minors",
    "cookbook_92": "transposed",
    "cookbook_95": "B symmetric",
}
"""The identities that do not hold as printed, with a word of why."""


def test_the_whole_chapter_is_there() -> None:
    numbers = {int(f.printed[0].where.removeprefix("eq. ")) for f in IDENTITIES if f.printed[0].where.startswith("eq.")}
    assert numbers == NUMBERED


@pytest.mark.parametrize("formula", IDENTITIES, ids=lambda formula: formula.name)
def test_each_identity_holds_as_printed_or_is_known_not_to(formula: Formula) -> None:
    (found,) = check_printed(formula, formula.wrt[0])
    assert found.ok
    assert found.refuted == (formula.name in REFUTED)
    assert REFUTED.get(formula.name, "") in found.needs + found.slip
    assert (found.under_condition is None) == (not found.needs)


def minor(matrix: Array, row: int, column: int) -> Array:
    """The matrix without a row and a column, counted from 1."""
    return np.delete(np.delete(matrix, row - 1, axis=0), column - 1, axis=1)


def test_the_minors_on_the_toeplitz_matrix_third_diagonals_are_stated_as_printed_and_as_meant() -> None:
    formula = catalogue.formula("cookbook_143")
    A = np.random.default_rng(0).normal(size=(5, 5))
    n = len(A)
    expression = formula.printed[0].gradient(*formula.entry()[1])
    printed = compile_expression(expression, formula.variables, formula.axes())(np.zeros_like(A), A)
    true = formula.compile("numpy", "P")(np.zeros_like(A), A)
    above, below = minor(A.T, 1, n), minor(A.T, n, 1)
    assert printed[0, 2] == pytest.approx(np.trace(minor(above, n - 1, 2)))
    assert printed[2, 0] == pytest.approx(np.trace(minor(above, 2, n - 1)))
    assert true[0, 2] == pytest.approx(np.trace(minor(below, n - 1, 1)))
    assert true[2, 0] == pytest.approx(np.trace(minor(above, 1, n - 1)))
    assert printed[0, n - 1] == true[0, n - 1] == A[n - 1, 0]
