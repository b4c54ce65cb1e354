"""The Matrix Cookbook on traces, identity by identity as printed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import sympy as sp
import torch

from gradcheck.symbolic.domains import POSITIVE_DEFINITE, POSITIVE_DETERMINANT, SYMMETRIC
from gradcheck.symbolic.matrix_functions import Cosine, Exponential, Sine
from gradcheck.symbolic.matrix_notation import Matrix, identity_matrix, matrix, trace
from gradcheck.symbolic.tensors import dimension, tensor

from ._cookbook import identity

m, n, p = dimension("m n p")
TRACES = partial(identity, topic="matrix cookbook: traces")


def shaped(*shape: sp.Expr) -> Callable[[str], Matrix]:
    """What makes matrices of one shape by name."""
    return lambda name: matrix(tensor(name, *shape))


def bases(*matrices: Matrix) -> tuple[Any, ...]:
    """The tensors behind the matrices."""
    return tuple(each.base for each in matrices)


X, S = shaped(m, n)("X"), shaped(n, n)("X")
RIGHT, LEFT = shaped(n, m)("A"), shaped(p, m)("A")
COLUMNS, BACK = shaped(n, p)("B"), shaped(m, p)("B")
SAME, ROWS, INNER = shaped(m, n)("A"), shaped(m, m)("B"), shaped(n, n)("B")
WIDE, OTHER_SQUARE = shaped(p, n)("A"), shaped(p, p)("A")
A, B = shaped(n, n)("A"), shaped(n, n)("B")

FIRST_ORDER = (
    TRACES("99", "tr X", trace(S), identity_matrix(n), torch.trace, bases(S)),
    TRACES("100", "tr XA", trace(X @ RIGHT), RIGHT.T, lambda X, A: torch.trace(X @ A), bases(X, RIGHT)),
    TRACES(
        "101",
        "tr AXB",
        trace(LEFT @ X @ COLUMNS),
        LEFT.T @ COLUMNS.T,
        lambda X, A, B: torch.trace(A @ X @ B),
        bases(X, LEFT, COLUMNS),
    ),
    TRACES(
        "102",
        "tr AXᵀB",
        trace(WIDE @ X.T @ BACK),
        BACK @ WIDE,
        lambda X, A, B: torch.trace(A @ X.mT @ B),
        bases(X, WIDE, BACK),
    ),
    TRACES("103", "tr XᵀA", trace(X.T @ SAME), SAME, lambda X, A: torch.trace(X.mT @ A), bases(X, SAME)),
    TRACES("104", "tr AXᵀ", trace(SAME @ X.T), SAME, lambda X, A: torch.trace(A @ X.mT), bases(X, SAME)),
    TRACES(
        "105",
        "tr A⊗X, the product of the traces",
        trace(OTHER_SQUARE) * trace(S),
        trace(OTHER_SQUARE) * identity_matrix(n),
        lambda X, A: torch.trace(torch.kron(A, X)),
        bases(S, OTHER_SQUARE),
    ),
)

BX, XB = ROWS @ X + ROWS.T @ X, X @ INNER.T + X @ INNER
K, L_C = shaped(m, m)("C"), shaped(n, n)("C")
TAIL = shaped(n, p)("B")
A_P, C_P = shaped(m, m)("A"), shaped(m, m)("C")
A_W, B_W, C_W = shaped(p, m)("A"), shaped(n, n)("B"), shaped(p, n)("C")
AFFINE = A_W @ X @ B_W + C_W

SECOND_ORDER = (
    TRACES("106", "tr X²", trace(S @ S), 2 * S.T, lambda X: torch.trace(X @ X), bases(S)),
    TRACES("107", "tr X²B", trace(S @ S @ B), (S @ B + B @ S).T, lambda X, B: torch.trace(X @ X @ B), bases(S, B)),
    TRACES("108", "tr XᵀBX", trace(X.T @ ROWS @ X), BX, lambda X, B: torch.trace(X.mT @ B @ X), bases(X, ROWS)),
    TRACES("109", "tr BXXᵀ", trace(ROWS @ X @ X.T), BX, lambda X, B: torch.trace(B @ X @ X.mT), bases(X, ROWS)),
    TRACES("110", "tr XXᵀB", trace(X @ X.T @ ROWS), BX, lambda X, B: torch.trace(X @ X.mT @ B), bases(X, ROWS)),
    TRACES("111", "tr XBXᵀ", trace(X @ INNER @ X.T), XB, lambda X, B: torch.trace(X @ B @ X.mT), bases(X, INNER)),
    TRACES("112", "tr BXᵀX", trace(INNER @ X.T @ X), XB, lambda X, B: torch.trace(B @ X.mT @ X), bases(X, INNER)),
    TRACES("113", "tr XᵀXB", trace(X.T @ X @ INNER), XB, lambda X, B: torch.trace(X.mT @ X @ B), bases(X, INNER)),
    TRACES(
        "114",
        "tr AXBX",
        trace(A @ S @ B @ S),
        A.T @ S.T @ B.T + B.T @ S.T @ A.T,
        lambda X, A, B: torch.trace(A @ X @ B @ X),
        bases(S, A, B),
    ),
    TRACES("115", "tr XᵀX", trace(X.T @ X), 2 * X, lambda X: torch.trace(X.mT @ X), bases(X)),
    TRACES(
        "116",
        "tr BᵀXᵀCXB",
        trace(TAIL.T @ X.T @ K @ X @ TAIL),
        K.T @ X @ TAIL @ TAIL.T + K @ X @ TAIL @ TAIL.T,
        lambda X, B, C: torch.trace(B.mT @ X.mT @ C @ X @ B),
        bases(X, TAIL, K),
    ),
    TRACES(
        "117",
        "tr XᵀBXC",
        trace(X.T @ ROWS @ X @ L_C),
        ROWS @ X @ L_C + ROWS.T @ X @ L_C.T,
        lambda X, B, C: torch.trace(X.mT @ B @ X @ C),
        bases(X, ROWS, L_C),
    ),
    TRACES(
        "118",
        "tr AXBXᵀC",
        trace(A_P @ X @ B_W @ X.T @ C_P),
        A_P.T @ C_P.T @ X @ B_W.T + C_P @ A_P @ X @ B_W,
        lambda X, A, B, C: torch.trace(A @ X @ B @ X.mT @ C),
        bases(X, A_P, B_W, C_P),
    ),
    TRACES(
        "119",
        "tr (AXB + C)(AXB + C)ᵀ",
        trace(AFFINE @ AFFINE.T),
        2 * (A_W.T @ AFFINE @ B_W.T),
        lambda X, A, B, C: torch.trace((A @ X @ B + C) @ (A @ X @ B + C).mT),
        bases(X, A_W, B_W, C_W),
    ),
    TRACES(
        "120",
        "tr X⊗X, the squared trace",
        trace(S) ** 2,
        2 * trace(S) * identity_matrix(n),
        lambda X: torch.trace(torch.kron(X, X)),
        bases(S),
    ),
)

POWER = 3
CX = K @ X
FOURTH = X @ X.T @ K @ X

HIGHER_ORDER = (
    TRACES(
        "121",
        "tr Xᵏ, for k = 3",
        trace(S**POWER),
        POWER * (S ** (POWER - 1)).T,
        lambda X: torch.trace(torch.linalg.matrix_power(X, POWER)),
        bases(S),
    ),
    TRACES(
        "122",
        "tr AXᵏ, for k = 3",
        trace(A @ S**POWER),
        (A @ S @ S + S @ A @ S + S @ S @ A).T,
        lambda X, A: torch.trace(A @ torch.linalg.matrix_power(X, POWER)),
        bases(S, A),
    ),
    TRACES(
        "123",
        "tr BᵀXᵀCXXᵀCXB",
        trace(INNER.T @ X.T @ K @ FOURTH @ INNER),
        K @ FOURTH @ INNER @ INNER.T
        + K.T @ X @ INNER @ INNER.T @ X.T @ K.T @ X
        + CX @ INNER @ INNER.T @ X.T @ CX
        + K.T @ X @ X.T @ K.T @ X @ INNER @ INNER.T,
        lambda X, B, C: torch.trace(B.mT @ X.mT @ C @ X @ X.mT @ C @ X @ B),
        bases(X, INNER, K),
    ),
)

T, C = shaped(m + n, n)("X"), shaped(m + n, m + n)("C")
TALL_B = shaped(m + n, m + n)("B")
GRAM = T.T @ C @ T
INVERSE, FORM = GRAM.inverse, T.T @ TALL_B @ T
SHIFTED = (A + GRAM).inverse
TRUE_SHIFTED = (TALL_B @ T - C @ T @ SHIFTED @ FORM) @ SHIFTED + (TALL_B @ T - C @ T @ SHIFTED.T @ FORM) @ SHIFTED.T
SYMMETRIC_WEIGHTS = {"B": SYMMETRIC, "C": POSITIVE_DEFINITE}
SHIFT_WEIGHTS = {**SYMMETRIC_WEIGHTS, "A": POSITIVE_DETERMINANT}


def sine(X: torch.Tensor) -> torch.Tensor:
    """The matrix sine, from the exponential of iX."""
    return torch.matrix_exp(torch.complex(torch.zeros_like(X), X)).imag


OTHER = (
    TRACES(
        "124",
        "tr AX⁻¹B",
        trace(WIDE @ S.inverse @ COLUMNS),
        -(S.inverse.T @ WIDE.T @ COLUMNS.T @ S.inverse.T),
        lambda X, A, B: torch.trace(A @ torch.linalg.inv(X) @ B),
        bases(S, WIDE, COLUMNS),
        domains={"X": POSITIVE_DETERMINANT},
    ),
    TRACES(
        "125",
        "tr (XᵀCX)⁻¹A, C symmetric",
        trace(INVERSE @ A),
        -(C @ T @ INVERSE @ (A + A.T) @ INVERSE),
        lambda X, C, A: torch.trace(torch.linalg.inv(X.mT @ C @ X) @ A),
        bases(T, C, A),
        domains={"C": POSITIVE_DEFINITE},
    ),
    TRACES(
        "126",
        "tr (XᵀCX)⁻¹(XᵀBX), B and C symmetric",
        trace(INVERSE @ FORM),
        -2 * (C @ T @ INVERSE @ FORM @ INVERSE) + 2 * (TALL_B @ T @ INVERSE),
        lambda X, B, C: torch.trace(torch.linalg.inv(X.mT @ C @ X) @ (X.mT @ B @ X)),
        bases(T, TALL_B, C),
        domains=SYMMETRIC_WEIGHTS,
    ),
    TRACES(
        "127",
        "tr (A + XᵀCX)⁻¹(XᵀBX), B and C symmetric",
        trace(SHIFTED @ FORM),
        TRUE_SHIFTED,
        lambda X, A, B, C: torch.trace(torch.linalg.inv(A + X.mT @ C @ X) @ (X.mT @ B @ X)),
        bases(T, A, TALL_B, C),
        domains=SHIFT_WEIGHTS,
        printed=-2 * (C @ T @ SHIFTED @ FORM @ SHIFTED) + 2 * (TALL_B @ T @ SHIFTED),
        needs="A symmetric, as B and C are said to be",
        under={"A": POSITIVE_DEFINITE},
    ),
    TRACES("128", "tr sin X", trace(S.apply(Sine)), S.apply(Cosine).T, lambda X: torch.trace(sine(X)), bases(S)),
    TRACES(
        "2.5",
        "tr F(X), for F the exponential",
        trace(S.apply(Exponential)),
        S.apply(Exponential).T,
        lambda X: torch.trace(torch.matrix_exp(X)),
        bases(S),
        suffix="_exponential",
    ),
)

FORMULAS = FIRST_ORDER + SECOND_ORDER + HIGHER_ORDER + OTHER
