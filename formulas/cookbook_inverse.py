"""The Matrix Cookbook on inverses and eigenvalues, identity by identity as printed."""

from __future__ import annotations

import sympy as sp
import torch

from gradcheck.symbolic.domains import POSITIVE_DETERMINANT, SMALL, UNIT_INTERVAL
from gradcheck.symbolic.matrix_functions import Eigenvalue, Eigenvector
from gradcheck.symbolic.matrix_notation import det, identity_matrix, matrix, trace
from gradcheck.symbolic.tensors import delta, dimension, index, matrix_of, scalar, sum_over, tensor

from ._cookbook import identity

n, p = dimension("n p")
i, k = index("i k")
SQUARE_X, SQUARE_A, SQUARE_B = tensor("X", n, n), tensor("A", n, n), tensor("B", n, n)
X, A, B = matrix(SQUARE_X), matrix(SQUARE_A), matrix(SQUARE_B)
LEFT, RIGHT = tensor("A", p, n), tensor("B", n, p)
L, R = matrix(LEFT), matrix(RIGHT)
a, b = tensor("a", n), tensor("b", n)
u, v = matrix(a), matrix(b)
t = scalar("t")

INVERTIBLE = {"X": POSITIVE_DETERMINANT}
TOPIC = "matrix cookbook: inverses"
EIGEN_TOPIC = "matrix cookbook: eigenvalues"

INVERSE, SUM, LINE = X.inverse, X + A, A + t * B
SYMMETRIC_PART = matrix_of(n, lambda r, c: (SQUARE_X[r, c] + SQUARE_X[c, r]) / 2)


def symmetric_part(X: torch.Tensor) -> torch.Tensor:
    """The symmetric matrix that an arbitrary one stands for."""
    return (X + X.mT) / 2


def squared_component(X: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """(bᵀv)² for the eigenvector v to the smallest eigenvalue; no choice of its sign shows."""
    v = torch.linalg.eigh(symmetric_part(X)).eigenvectors[:, 0]
    return torch.square(v @ b)


def vector(r: sp.Expr) -> sp.Expr:
    """An entry of the eigenvector to the smallest eigenvalue."""
    return Eigenvector(SYMMETRIC_PART, r, 0)


def projected(column: sp.Expr) -> sp.Expr:
    """An entry of (λI - A)⁺b for the smallest eigenvalue λ, A the symmetric part of X."""

    def term(r: sp.Expr) -> sp.Expr:
        gap = Eigenvalue(SYMMETRIC_PART, 0) - Eigenvalue(SYMMETRIC_PART, r) + delta(r, 0)
        along = sum_over(n, lambda s: Eigenvector(SYMMETRIC_PART, s, r) * b[s])
        return (1 - delta(r, 0)) * Eigenvector(SYMMETRIC_PART, column, r) * along / gap

    return sum_over(n, term)


COMPONENT = sum_over(n, lambda r: vector(r) * b[r])

INVERSES = (
    identity(
        "59",
        "Y⁻¹, for Y = A + tB",
        LINE.inverse(i, k),
        lambda: -(LINE.inverse @ B @ LINE.inverse)(i, k),
        lambda t, A, B: torch.linalg.inv(A + t * B),
        (t, SQUARE_A, SQUARE_B),
        output={i: n, k: n},
        domains={"A": POSITIVE_DETERMINANT, "B": SMALL, "t": UNIT_INTERVAL},
        topic=TOPIC,
    ),
    identity(
        "60",
        "X⁻¹, entry by entry",
        INVERSE(i, k),
        lambda row, column: -INVERSE(i, row) * INVERSE(column, k),
        torch.linalg.inv,
        (SQUARE_X,),
        output={i: n, k: n},
        domains=INVERTIBLE,
        topic=TOPIC,
    ),
    identity(
        "61",
        "aᵀX⁻¹b",
        (u.T @ INVERSE @ v)(),
        -(INVERSE.T @ u @ v.T @ INVERSE.T),
        lambda X, a, b: a @ torch.linalg.solve(X, b),
        (SQUARE_X, a, b),
        domains=INVERTIBLE,
        topic=TOPIC,
    ),
    identity(
        "62",
        "det X⁻¹",
        det(INVERSE),
        -det(INVERSE) * INVERSE.T,
        lambda X: torch.linalg.det(torch.linalg.inv(X)),
        (SQUARE_X,),
        domains=INVERTIBLE,
        topic=TOPIC,
    ),
    identity(
        "63",
        "tr AX⁻¹B",
        trace(L @ INVERSE @ R),
        -(INVERSE @ R @ L @ INVERSE).T,
        lambda X, A, B: torch.trace(A @ torch.linalg.inv(X) @ B),
        (SQUARE_X, LEFT, RIGHT),
        domains=INVERTIBLE,
        topic=TOPIC,
    ),
    identity(
        "64",
        "tr (X + A)⁻¹",
        trace(SUM.inverse),
        -(SUM.inverse @ SUM.inverse).T,
        lambda X, A: torch.trace(torch.linalg.inv(X + A)),
        (SQUARE_X, SQUARE_A),
        domains={"X": POSITIVE_DETERMINANT, "A": SMALL},
        topic=TOPIC,
    ),
)

EIGENVALUES = (
    identity(
        "65",
        "Sum of the eigenvalues, of the symmetric part of X",
        sum_over(n, lambda r: Eigenvalue(SYMMETRIC_PART, r)),
        identity_matrix(n),
        torch.trace,
        (SQUARE_X,),
        topic=EIGEN_TOPIC,
    ),
    identity(
        "66",
        "Product of the eigenvalues, det X",
        det(X),
        det(X) * INVERSE.T,
        lambda X: torch.linalg.eigvals(X).prod().real,
        (SQUARE_X,),
        domains=INVERTIBLE,
        topic=EIGEN_TOPIC,
    ),
    identity(
        "67",
        "Eigenvalues of a symmetric matrix, the symmetric part of X",
        Eigenvalue(SYMMETRIC_PART, i),
        lambda row, column: Eigenvector(SYMMETRIC_PART, row, i) * Eigenvector(SYMMETRIC_PART, column, i),
        lambda X: torch.linalg.eigvalsh(symmetric_part(X)),
        (SQUARE_X,),
        output={i: n},
        topic=EIGEN_TOPIC,
    ),
    identity(
        "68",
        "Eigenvector v to the smallest eigenvalue of the symmetric part of X, in (bᵀv)²",
        COMPONENT**2,
        lambda row, column: COMPONENT * (projected(row) * vector(column) + projected(column) * vector(row)),
        squared_component,
        (SQUARE_X, b),
        topic=EIGEN_TOPIC,
    ),
)

FORMULAS = INVERSES + EIGENVALUES
