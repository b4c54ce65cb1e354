"""Functions of whole matrices."""

from __future__ import annotations

from collections.abc import Callable

import torch

from tests.symbolic.graphs.operator_cases.case import Case, real, together

Draw = Callable[[torch.Generator], tuple[torch.Tensor, ...]]


def regular(n: int) -> Draw:
    """A matrix far from singular, of positive determinant."""
    return lambda generator: (torch.eye(n).double() * 3 + torch.rand((n, n), generator=generator, dtype=torch.float64),)


def definite(n: int) -> Draw:
    """A symmetric positive definite matrix with distinct eigenvalues."""

    def draw(generator: torch.Generator) -> tuple[torch.Tensor, ...]:
        x = torch.rand((n, n), generator=generator, dtype=torch.float64)
        return (x + x.mT + torch.diag(torch.arange(n).double() + 3),)

    return draw


CASES = {
    "_linalg_det": Case(torch.det, regular(3)),
    "_linalg_slogdet": Case(lambda x: torch.linalg.slogdet(-x).logabsdet, regular(3)),
    "linalg_inv_ex": Case(torch.linalg.inv, regular(3)),
    "_linalg_solve_ex": Case(torch.linalg.solve, together(regular(3), real((3, 2)))),
    "linalg_cholesky_ex": Case(lambda x: torch.linalg.cholesky((x + x.mT) / 2), definite(3)),
    "cholesky_inverse": Case(lambda x: torch.cholesky_inverse(x.tril()), regular(3)),
    "cholesky": Case(lambda x: torch.ops.aten.cholesky((x + x.mT) / 2), definite(2)),
    "_linalg_svd": Case(torch.linalg.svdvals, real((2, 3))),
    "_linalg_eigh": Case(torch.linalg.eigvalsh, definite(3)),
    "linalg_matrix_exp": Case(torch.linalg.matrix_exp, real((3, 3))),
}
