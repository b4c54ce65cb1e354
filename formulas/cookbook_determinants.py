"""The Matrix Cookbook on determinants, identity by identity as printed."""

from __future__ import annotations

import numpy as np
import sympy as sp
import torch

from gradcheck.symbolic.differentiate import derivative
from gradcheck.symbolic.domains import POSITIVE_DEFINITE, POSITIVE_DETERMINANT, SMALL, UNIT_INTERVAL, Domain
from gradcheck.symbolic.functions import absolute
from gradcheck.symbolic.matrix_notation import det, matrix, trace
from gradcheck.symbolic.tensors import delta, dimension, scalar, tensor

from ._cookbook import identity

m, n = dimension("m n")
TALL_X, TALL_A = tensor("X", m + n, n), tensor("A", m + n, m + n)
SQUARE_X, SQUARE_A, SQUARE_B = tensor("X", n, n), tensor("A", n, n), tensor("B", n, n)
WIDE_A, TALL_B, LARGE_X = tensor("A", n, m + n), tensor("B", m + n, n), tensor("X", m + n, m + n)
X, A, B = matrix(SQUARE_X), matrix(SQUARE_A), matrix(SQUARE_B)
T, W = matrix(TALL_X), matrix(TALL_A)
L, R, Y = matrix(WIDE_A), matrix(TALL_B), matrix(LARGE_X)
C, t = matrix(tensor("C", n, n)), scalar("t")
P = matrix(tensor("P", n, m + n))

STILL = matrix(tensor("P", n, n))
ORIGIN = Domain("the matrix of zeros", lambda _, shape, __: np.zeros(shape))

INVERTIBLE = {"X": POSITIVE_DETERMINANT}
DEFINITE = {"A": POSITIVE_DEFINITE}

AXB, TALL_FORM, SQUARE_FORM, GRAM = L @ Y @ R, T.T @ W @ T, X.T @ A @ X, T.T @ T
FORM_SLOPE = det(TALL_FORM) * (W @ T @ TALL_FORM.inverse + W.T @ T @ TALL_FORM.inverse.T)
CUBE = X @ X @ X
LINE, CURVE, CURVE_SLOPE = A + t * B, A + t * B + t**2 * C, B + 2 * t * C

SMALL_STEP = {"A": POSITIVE_DETERMINANT, "t": UNIT_INTERVAL, "B": SMALL}
TOPIC = "matrix cookbook: determinants"


def determinant_along_curve(t: torch.Tensor, A: torch.Tensor, B: torch.Tensor, C: torch.Tensor) -> torch.Tensor:
    """det (A + tB + t²C)."""
    return torch.det(A + t * B + t**2 * C)


FORMULAS = (
    identity(
        "46",
        "det Y, for Y = A + tB",
        det(LINE),
        lambda: det(LINE) * trace(LINE.inverse @ B),
        lambda t, A, B: torch.linalg.det(A + t * B),
        (t, SQUARE_A, SQUARE_B),
        domains=SMALL_STEP,
        topic=TOPIC,
    ),
    identity(
        "48",
        "Second derivative of det Y, for Y = A + tB + t²C",
        derivative(det(CURVE), t),
        lambda: (
            det(CURVE)
            * (
                trace(CURVE.inverse @ (2 * C))
                + trace(CURVE.inverse @ CURVE_SLOPE) ** 2
                - trace(CURVE.inverse @ CURVE_SLOPE @ CURVE.inverse @ CURVE_SLOPE)
            )
        ),
        torch.func.grad(determinant_along_curve),
        (t, SQUARE_A, SQUARE_B, C.base),
        domains={**SMALL_STEP, "C": SMALL},
        topic=TOPIC,
    ),
    *(
        identity(
            number,
            "Σₖ ∂det X/∂Xᵢₖ Xⱼₖ, the slope by Pᵢⱼ of det (X + PX) at P = 0",
            det(X + STILL @ X),
            lambda row, column: delta(row, column) * det(X),
            lambda P, X: torch.linalg.det(X + P @ X),
            (STILL.base, SQUARE_X),
            domains={**INVERTIBLE, "P": ORIGIN},
            topic=TOPIC,
        )
        for number in ("47", "50")
    ),
    identity(
        "49",
        "det X",
        det(X),
        det(X) * X.inverse.T,
        torch.linalg.det,
        (SQUARE_X,),
        domains=INVERTIBLE,
        topic=TOPIC,
    ),
    identity(
        "51",
        "det AXB, A and B square",
        det(A @ X @ B),
        det(A @ X @ B) * X.inverse.T,
        lambda X, A, B: torch.linalg.det(A @ X @ B),
        (SQUARE_X, SQUARE_A, SQUARE_B),
        domains={"X": POSITIVE_DETERMINANT, "A": POSITIVE_DETERMINANT, "B": POSITIVE_DETERMINANT},
        topic=TOPIC,
    ),
    identity(
        "51",
        "det AXB, A and B rectangular",
        det(AXB),
        det(AXB) * (L.T @ AXB.inverse.T @ R.T),
        lambda X, A, B: torch.linalg.det(A @ X @ B),
        (LARGE_X, WIDE_A, TALL_B),
        domains=INVERTIBLE,
        printed=det(AXB) * Y.inverse.T,
        slip="A and B have to be square, which is not said: otherwise X⁻ᵀ stands for Aᵀ(AXB)⁻ᵀBᵀ",
        suffix="_rectangular",
        topic=TOPIC,
    ),
    identity(
        "52",
        "det XᵀAX, X square",
        det(SQUARE_FORM),
        2 * det(SQUARE_FORM) * X.inverse.T,
        lambda X, A: torch.linalg.det(X.T @ A @ X),
        (SQUARE_X, SQUARE_A),
        domains=INVERTIBLE,
        topic=TOPIC,
    ),
    identity(
        "53",
        "det XᵀAX, X not square, A symmetric",
        det(TALL_FORM),
        2 * det(TALL_FORM) * (W @ T @ TALL_FORM.inverse),
        lambda X, A: torch.linalg.det(X.T @ A @ X),
        (TALL_X, TALL_A),
        domains=DEFINITE,
        topic=TOPIC,
    ),
    identity(
        "54",
        "det XᵀAX, X not square, A not symmetric",
        det(TALL_FORM),
        FORM_SLOPE,
        lambda X, A: torch.linalg.det(X.T @ A @ X),
        (TALL_X, TALL_A),
        domains={"A": POSITIVE_DETERMINANT},
        topic=TOPIC,
    ),
    identity(
        "55",
        "log det XᵀX",
        sp.log(det(GRAM)),
        2 * (T @ GRAM.inverse),
        lambda X: torch.logdet(X.T @ X),
        (TALL_X,),
        topic=TOPIC,
    ),
    identity(
        "56",
        "log det XᵀX by the pseudo-inverse P = X⁺, where XᵀX = (PPᵀ)⁻¹",
        -sp.log(det(P @ P.T)),
        -2 * ((P @ P.T).inverse @ P),
        lambda P: -torch.logdet(P @ P.T),
        (P.base,),
        topic=TOPIC,
    ),
    identity(
        "57",
        "log |det X|",
        sp.log(absolute(det(X))),
        X.inverse.T,
        lambda X: torch.linalg.slogdet(X).logabsdet,
        (SQUARE_X,),
        topic=TOPIC,
    ),
    identity(
        "58",
        "det Xᵏ, for k = 3",
        det(CUBE),
        3 * det(CUBE) * X.inverse.T,
        lambda X: torch.linalg.det(X @ X @ X),
        (SQUARE_X,),
        domains=INVERTIBLE,
        topic=TOPIC,
    ),
)
