"""Solving, factorising and exponentiating: linear systems, Cholesky, the matrix exponential, the Gaussian density."""

from __future__ import annotations

import sympy as sp
import torch

from gradcheck.symbolic.domains import POSITIVE_DEFINITE, POSITIVE_DETERMINANT
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.matrix_functions import Cholesky, Exponential, ExponentialSlope
from gradcheck.symbolic.matrix_notation import Matrix, det, matrix
from gradcheck.symbolic.tensors import Inverse, delta, dimension, index, matrix_of, scalar, sum_over, tensor

m, n, p = dimension("m n p")
i, k = index("i k")
SQUARE, x, y, t = tensor("A", n, n), tensor("x", n), tensor("y", n), scalar("t")
TALL, RIGHT = tensor("X", m + n, n), tensor("b", m + n)
A, vx, vy = matrix(SQUARE), matrix(x), matrix(y)

TOPIC = "linear algebra"
GILES = "Giles, Collected Matrix Derivative Results for Forward and Reverse Mode (2008)"
INVERTIBLE = {"A": POSITIVE_DETERMINANT}

SOLUTION = A.inverse @ vy
SYSTEMS = (
    Formula(
        name="solve",
        title="Solution of a linear system A⁻¹y",
        topic=TOPIC,
        definition=SOLUTION(i),
        variables=(SQUARE, y),
        output={i: n},
        domains=INVERTIBLE,
        torch=torch.linalg.solve,
        stated={
            "A": lambda row, column: -A.inverse(i, row) * SOLUTION(column),
            "y": lambda j: A.inverse(i, j),
        },
        kinks="undefined where A is singular",
        source=f"{GILES}, section 2.3.1",
    ),
    Formula(
        name="inverse_form",
        title="xᵀA⁻¹x, as in Mahalanobis' distance",
        topic=TOPIC,
        definition=(vx.T @ A.inverse @ vx)(),
        variables=(x, SQUARE),
        domains=INVERTIBLE,
        torch=lambda x, A: x @ torch.linalg.solve(A, x),
        stated={
            "x": A.inverse @ vx + A.inverse.T @ vx,
            "A": -(A.inverse.T @ vx @ vx.T @ A.inverse.T),
        },
        kinks="undefined where A is singular",
        source="Petersen and Pedersen, The Matrix Cookbook (2012), eq. 61 and 81",
    ),
)

X, b = matrix(TALL), matrix(RIGHT)
NORMAL = X.T @ X
FITTED = NORMAL.inverse @ X.T @ b

LEAST_SQUARES = (
    Formula(
        name="least_squares_solution",
        title="Solution of least squares (XᵀX)⁻¹Xᵀb, by the right-hand side",
        topic=TOPIC,
        definition=FITTED(i),
        variables=(TALL, RIGHT),
        wrt=("b",),
        output={i: n},
        torch=lambda X, b: torch.linalg.lstsq(X, b[:, None], driver="gels").solution[:, 0],
        stated={"b": lambda j: (NORMAL.inverse @ X.T)(i, j)},
        kinks="undefined where the columns of X are dependent",
        source="Golub and Van Loan, Matrix Computations (4th edition), section 5.3.1",
    ),
)

SYMMETRIC = matrix_of(n, lambda r, s: (SQUARE[r, s] + SQUARE[s, r]) / 2)
FACTOR = matrix_of(n, lambda r, s: Cholesky(SYMMETRIC, r, s))


def lower_half(row: sp.Expr, column: sp.Expr) -> sp.Expr:
    """1 below the diagonal, 1/2 on it, 0 above."""
    return sum_over(n, lambda r: delta(row, column + 1 + r)) + delta(row, column) / 2


def cholesky_slope(row: sp.Expr, column: sp.Expr) -> sp.Expr:
    """The entry (i, k) of L Φ(L⁻¹ S L⁻ᵀ), S the symmetric part of the matrix with a one at (row, column)."""

    def term(r: sp.Expr) -> sp.Expr:
        one_way = Inverse(FACTOR, r, row) * Inverse(FACTOR, k, column)
        other_way = Inverse(FACTOR, r, column) * Inverse(FACTOR, k, row)
        return Cholesky(SYMMETRIC, i, r) * lower_half(r, k) * (one_way + other_way) / 2

    return sum_over(n, term)


FACTORS = (
    Formula(
        name="cholesky",
        title="Cholesky factor of the symmetric part of A",
        topic=TOPIC,
        definition=Cholesky(SYMMETRIC, i, k),
        variables=(SQUARE,),
        output={i: n, k: n},
        domains={"A": POSITIVE_DEFINITE},
        torch=lambda A: torch.linalg.cholesky((A + A.mT) / 2),
        stated={"A": cholesky_slope},
        kinks="undefined where the symmetric part is not positive definite; of A itself torch reads one triangle alone",
        source="Murray, Differentiation of the Cholesky Decomposition (2016), eq. 8",
    ),
    Formula(
        name="log_det_by_cholesky",
        title="Log-determinant 2 Σ log L_rr of the symmetric part of A, by its Cholesky factor",
        topic=TOPIC,
        definition=2 * sum_over(n, lambda r: sp.log(Cholesky(SYMMETRIC, r, r))),
        variables=(SQUARE,),
        domains={"A": POSITIVE_DEFINITE},
        torch=lambda A: 2 * torch.linalg.cholesky((A + A.mT) / 2).diagonal().log().sum(),
        stated={"A": lambda row, column: Inverse(SYMMETRIC, row, column)},
        kinks="undefined where the symmetric part is not positive definite",
        source="Boyd and Vandenberghe, Convex Optimization, section A.4.1",
    ),
)

STEP = matrix_of(n, lambda r, s: t * SQUARE[r, s])

EXPONENTIALS = (
    Formula(
        name="matrix_exponential",
        title="Matrix exponential, in xᵀ exp(A) y",
        topic=TOPIC,
        definition=(vx.T @ A.apply(Exponential) @ vy)(),
        variables=(SQUARE, x, y),
        wrt=("A",),
        torch=lambda A, x, y: x @ torch.matrix_exp(A) @ y,
        stated={
            "A": lambda row, column: sum_over(
                n, lambda r: sum_over(n, lambda s: x[r] * ExponentialSlope(SQUARE, r, s, row, column) * y[s])
            )
        },
        source="Higham, Functions of Matrices, section 10.6",
    ),
    Formula(
        name="matrix_exponential_in_time",
        title="Matrix exponential exp(tA), by t",
        topic=TOPIC,
        definition=Exponential(STEP, i, k),
        variables=(t, SQUARE),
        wrt=("t",),
        output={i: n, k: n},
        torch=lambda t, A: torch.matrix_exp(t * A),
        stated={"t": lambda: sum_over(n, lambda r: SQUARE[i, r] * Exponential(STEP, r, k))},
        source="Petersen and Pedersen, The Matrix Cookbook (2012), section 10.1.4",
    ),
)

mu, SIGMA = tensor("μ", n), tensor("Σ", n, n)
S = matrix(SIGMA)
RESIDUAL: Matrix = vx - matrix(mu)
PULL = S.inverse @ RESIDUAL


def gaussian(x: torch.Tensor, mean: torch.Tensor, covariance: torch.Tensor) -> torch.Tensor:
    """The log-density, without the constant."""
    residual = x - mean
    return torch.add(torch.logdet(covariance), residual @ torch.linalg.solve(covariance, residual)) / -2


DENSITY = (
    Formula(
        name="gaussian_log_density",
        title="Log-density of a Gaussian -(log det Σ + (x - μ)ᵀΣ⁻¹(x - μ))/2, less its constant",
        topic=TOPIC,
        definition=-(sp.log(det(S)) + (RESIDUAL.T @ PULL)()) / 2,
        variables=(x, mu, SIGMA),
        domains={"Σ": POSITIVE_DEFINITE},
        torch=gaussian,
        stated={
            "x": -(S.inverse @ RESIDUAL + S.inverse.T @ RESIDUAL) / 2,
            "μ": (S.inverse @ RESIDUAL + S.inverse.T @ RESIDUAL) / 2,
            "Σ": (S.inverse.T @ RESIDUAL @ RESIDUAL.T @ S.inverse.T - S.inverse.T) / 2,
        },
        kinks="undefined where det Σ is not positive",
        source="Bishop, Pattern Recognition and Machine Learning, eq. 2.43 and C.22 to C.28",
    ),
)

FORMULAS = SYSTEMS + LEAST_SQUARES + FACTORS + EXPONENTIALS + DENSITY
