"""The Matrix Cookbook on structured matrices, identity by identity as printed.

Where X is structured, one number stands in several entries, and all move together. So each formula is one of a free
matrix P, of which entry P_ij moves those entries of X that the structure ties to X_ij: X = P + Pᵀ - P∘I for a
symmetric X, P∘I for a diagonal one, and every entry of a diagonal at once for a Toeplitz one.
"""

from __future__ import annotations

from functools import partial

import sympy as sp
import torch

from gradcheck.symbolic.differentiate import derivative
from gradcheck.symbolic.domains import DOMINANT_DIAGONAL, POSITIVE_DETERMINANT
from gradcheck.symbolic.matrix_notation import Matrix, det, matrix, single_entry, trace
from gradcheck.symbolic.tensors import delta, dimension, index, sum_over, tensor

from ._cookbook import identity

n = dimension("n")
i, k = index("i k")
a_vector, b_vector = tensor("a", n), tensor("b", n)
P, A, B, X = (matrix(tensor(name, n, n)) for name in "PABX")
a, b, SQUARE = matrix(a_vector), matrix(b_vector), X @ X
STRUCTURED = partial(identity, topic="matrix cookbook: structured")

SYMMETRIC_X = P + P.T - P.diagonal
INVERSE = SYMMETRIC_X.inverse


def tied(free: Matrix, *, mirrored: bool = False) -> Matrix:
    """The sum of each diagonal of a matrix on all of that diagonal; with its mirror image where that is another."""

    def entry(row: sp.Expr, column: sp.Expr) -> sp.Expr:
        def term(r: sp.Expr, s: sp.Expr) -> sp.Expr:
            same, opposite = delta(r + column, s + row), delta(r + row, s + column)
            both = same + opposite - delta(r, s) * delta(row, column) if mirrored else same
            return both * free(r, s)

        return sum_over(n, lambda r: sum_over(n, lambda s: term(r, s)))

    return Matrix(n, n, entry)


ALPHA = tied(A.T)


def symmetric(P: torch.Tensor) -> torch.Tensor:
    """The symmetric matrix with one number in both mirror entries."""
    return P + P.mT - torch.diag(torch.diagonal(P))


def toeplitz(P: torch.Tensor) -> torch.Tensor:
    """Each entry the sum of the diagonal of P that it stands on."""
    n = P.shape[-1]
    sums = torch.stack([torch.diagonal(P, offset).sum() for offset in range(1 - n, n)])
    columns, rows = torch.arange(n), torch.arange(n)[:, None]
    return sums[columns - rows + n - 1]


def symmetric_toeplitz(P: torch.Tensor) -> torch.Tensor:
    """Each entry the sum of the diagonal of P that it stands on and of its mirror image."""
    both = toeplitz(P)
    return both + both.mT - torch.diag(torch.diagonal(both))


def printed_toeplitz(row: sp.Expr, column: sp.Expr) -> sp.Expr:
    """The printed matrix: on the third diagonals, but for the corners, traces of minors that are not the sums meant.

    Above: the trace of Aᵀ without its rows 1 and n and columns n and 2; below: without rows 1 and 3, columns n, n - 1.
    """
    above = A(0, 1) + sum_over(n, lambda r: A(r, r) * (1 - delta(r, 0) - delta(r, 1) - delta(r, n - 1)))
    below = A(0, 1) + sum_over(n, lambda r: sum_over(n, lambda s: A(r, s) * delta(s, r + 2) * (1 - delta(r, 0))))
    upper = delta(column, row + 2) * (1 - delta(row, 0) * delta(column, n - 1))
    lower = delta(row, column + 2) * (1 - delta(column, 0) * delta(row, n - 1))
    alpha = ALPHA(row, column)
    return alpha + upper * (above - alpha) + lower * (below - alpha)


def square_slope(row: sp.Expr, column: sp.Expr) -> Matrix:
    """∂X²/∂X at one entry, JX + XJ."""
    return single_entry(n, row, column) @ X + X @ single_entry(n, row, column)


def symmetric_structure(row: sp.Expr, column: sp.Expr) -> Matrix:
    """The structure matrix of a symmetric matrix, J + Jᵀ - JJ with J the single entry."""
    single = single_entry(n, row, column)
    return single + single.T - single @ single


CHAIN = (
    STRUCTURED(
        "133",
        "General rule, for f(X) = tr XᵀBX and X symmetric",
        trace(SYMMETRIC_X.T @ B @ SYMMETRIC_X),
        lambda row, column: trace(((B + B.T) @ SYMMETRIC_X).T @ symmetric_structure(row, column)),
        lambda P, B: torch.trace(symmetric(P).mT @ B @ symmetric(P)),
        (P.base, B.base),
    ),
    STRUCTURED(
        "134",
        "Structure matrix, of a symmetric X",
        SYMMETRIC_X(i, k),
        lambda row, column: symmetric_structure(row, column)(i, k),
        symmetric,
        (P.base,),
        output={i: n, k: n},
    ),
    STRUCTURED(
        "135",
        "Derivative of a function of a function of X, for g(U) = det U, U = X²",
        det(SQUARE),
        lambda row, column: derivative(det(X) ** 2, X(row, column)),
        lambda X: torch.linalg.det(X @ X),
        (X.base,),
        domains={"X": POSITIVE_DETERMINANT},
    ),
    STRUCTURED(
        "136",
        "Chain rule entry by entry, for g(U) = ‖U‖², U = X²",
        trace(SQUARE.T @ SQUARE),
        lambda row, column: sum_over(
            n, lambda r: sum_over(n, lambda s: 2 * SQUARE(r, s) * square_slope(row, column)(r, s))
        ),
        lambda X: torch.sum((X @ X) ** 2),
        (X.base,),
    ),
    STRUCTURED(
        "137",
        "Chain rule for g(U) = ‖U‖², U = X²",
        trace(SQUARE.T @ SQUARE),
        lambda row, column: trace(2 * SQUARE.T @ square_slope(row, column)),
        lambda X: torch.sum((X @ X) ** 2),
        (X.base,),
    ),
)

SYMMETRIC = (
    STRUCTURED(
        "138",
        "f(X) = aᵀXb, X symmetric",
        (a.T @ SYMMETRIC_X @ b)(),
        a @ b.T + b @ a.T - (a @ b.T).diagonal,
        lambda P, a, b: a @ symmetric(P) @ b,
        (P.base, a_vector, b_vector),
    ),
    STRUCTURED(
        "139",
        "tr AX, X symmetric",
        trace(A @ SYMMETRIC_X),
        A + A.T - A.diagonal,
        lambda P, A: torch.trace(A @ symmetric(P)),
        (P.base, A.base),
    ),
    STRUCTURED(
        "140",
        "det X, X symmetric",
        det(SYMMETRIC_X),
        det(SYMMETRIC_X) * (2 * INVERSE - INVERSE.diagonal),
        lambda P: torch.linalg.det(symmetric(P)),
        (P.base,),
        domains={"P": DOMINANT_DIAGONAL},
    ),
    STRUCTURED(
        "141",
        "log det X, X symmetric",
        sp.log(det(SYMMETRIC_X)),
        2 * INVERSE - INVERSE.diagonal,
        lambda P: torch.logdet(symmetric(P)),
        (P.base,),
        domains={"P": DOMINANT_DIAGONAL},
    ),
)

DIAGONAL = (
    STRUCTURED(
        "142",
        "tr AX, X diagonal",
        trace(A @ P.diagonal),
        A.diagonal,
        lambda P, A: torch.trace(A @ torch.diag(torch.diagonal(P))),
        (P.base, A.base),
    ),
)

TOEPLITZ = (
    STRUCTURED(
        "143",
        "tr AT, T Toeplitz",
        trace(A @ tied(P)),
        ALPHA,
        lambda P, A: torch.trace(A @ toeplitz(P)),
        (P.base, A.base),
        printed=printed_toeplitz,
        slip=(
            "the minors on the third diagonals lack the wrong rows and columns: "
            "[[Aᵀ]₁ₙ]ₙ₋₁,₂ is printed for [[Aᵀ]ₙ₁]ₙ₋₁,₁, and [[Aᵀ]₁ₙ]₂,ₙ₋₁ for [[Aᵀ]₁ₙ]₁,ₙ₋₁"
        ),
    ),
    STRUCTURED(
        "144",
        "tr AT, T symmetric and Toeplitz",
        trace(A @ tied(P, mirrored=True)),
        ALPHA + ALPHA.T - ALPHA.diagonal,
        lambda P, A: torch.trace(A @ symmetric_toeplitz(P)),
        (P.base, A.base),
    ),
)

FORMULAS = CHAIN + SYMMETRIC + DIAGONAL + TOEPLITZ
