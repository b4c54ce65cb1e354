"""Functions of matrices in traced graphs, of variables and of expressions; and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from gradcheck.symbolic.graphs.refusals import NotTraceable
from gradcheck.symbolic.graphs.trace import trace
from tests.symbolic.graphs.operator_cases.case import real, together
from tests.symbolic.graphs.operator_cases.linear_algebra import definite, regular
from tests.symbolic.graphs.test_operators import demand_same_jacobians


def batch(draw: Any) -> Any:
    """Three of the matrices that are drawn."""
    return lambda generator: (torch.stack([draw(generator)[0] for _ in range(3)]),)


FUNCTIONS: dict[str, Any] = {
    "log det of a variable": (torch.logdet, regular(3)),
    "log |det| of a product": (lambda x: torch.linalg.slogdet(x.mT @ x).logabsdet, real((4, 2))),
    "inverse of a sum": (
        lambda x, c: torch.linalg.inv(x + c * torch.eye(2, dtype=x.dtype)),
        together(regular(2), real(())),
    ),
    "a quadratic form": (lambda a, b: b @ torch.linalg.solve(a, b), together(regular(3), real((3,)))),
    "solved from the right": (
        lambda a, b: torch.linalg.solve(a, b, left=False),
        together(regular(3), real((2, 3))),
    ),
    "lower triangle": (
        lambda a, b: torch.linalg.solve_triangular(a, b, upper=False),
        together(regular(3), real((3, 1))),
    ),
    "upper triangle, from the right": (
        lambda a, b: torch.linalg.solve_triangular(a, b, upper=True, left=False),
        together(regular(3), real((2, 3))),
    ),
    "ones on the diagonal": (
        lambda a, b: torch.linalg.solve_triangular(a, b, upper=False, unitriangular=True),
        together(regular(3), real((3, 1))),
    ),
    "solved by a factor": (lambda b, x: torch.cholesky_solve(b, x.tril()), together(real((3, 2)), regular(3))),
    "an upper factor": (lambda x: torch.linalg.cholesky((x + x.mT) / 2, upper=True), definite(2)),
    "inverse by an upper factor": (lambda x: torch.cholesky_inverse(x.triu(), upper=True), regular(2)),
    "a power": (lambda x: torch.linalg.matrix_power(x, 3), regular(2)),
    "a negative power": (lambda x: torch.linalg.matrix_power(x, -2), regular(2)),
    "trace of a product": (lambda a, b: torch.trace(a @ b), real((2, 3), (3, 2))),
    "least squares": (lambda x, y: torch.linalg.solve(x.mT @ x, x.mT @ y), real((4, 2), (4,))),
    "log determinants of a batch": (lambda x: torch.logdet(x).sum(), batch(regular(2))),
    "solutions with one right side": (torch.linalg.solve, together(batch(regular(2)), real((2, 1)))),
    "solutions of vectors": (torch.linalg.solve, together(batch(regular(2)), real((3, 2)))),
    "one matrix, many right sides": (torch.linalg.solve, together(regular(2), real((3, 2, 1)))),
    "factors of a batch": (lambda x: torch.linalg.cholesky(x @ x.mT), batch(regular(2))),
    "eigenvalues of a batch": (lambda x: torch.linalg.eigvalsh(x + x.mT), batch(definite(2))),
    "the largest singular value": (lambda x: torch.linalg.norm(x, 2), real((2, 3))),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_matrices_have_formulas_with_their_derivatives(name: str) -> None:
    function, draw = FUNCTIONS[name]
    demand_same_jacobians(trace(function, *draw(torch.Generator().manual_seed(0))))


REFUSED: dict[str, Any] = {
    "exponentials of a batch": (torch.linalg.matrix_exp, real((2, 3, 3)), "batch of matrices"),
    "least squares": (torch.linalg.lstsq, real((4, 2), (4, 1)), "normal equations"),
    "a pseudoinverse": (torch.linalg.pinv, real((4, 2)), "the rank"),
    "orthogonal factors": (torch.linalg.qr, real((3, 2)), "cholesky"),
    "pivots": (torch.linalg.lu, real((3, 3)), "pivots"),
    "singular vectors": (lambda x: torch.linalg.svd(x).U, real((3, 2)), "arbitrary sign"),
    "eigenvectors": (lambda x: torch.linalg.eigh(x).eigenvectors, definite(3), "arbitrary sign"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_formula_is_refused_in_words(name: str) -> None:
    function, draw, words = REFUSED[name]
    with pytest.raises(NotTraceable, match=words):
        trace(function, *draw(torch.Generator().manual_seed(0)))
