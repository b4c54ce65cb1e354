"""Linear regression: the losses that gradient descent is taught on."""

from __future__ import annotations

import sympy as sp
import torch
from torch.nn import functional

from gradcheck.symbolic.domains import POSITIVE
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.tensors import dimension, mean_over, scalar, sum_over, tensor

m, n = dimension("m n")
X, w, y = tensor("X", m, n), tensor("w", n), tensor("y", m)
b, strength = scalar("b"), scalar("λ")
x, target = tensor("x", n), scalar("y")

BISHOP = "Bishop, Pattern Recognition and Machine Learning"
LEARNING = "Hastie, Tibshirani and Friedman, The Elements of Statistical Learning"


def residual(row: sp.Expr) -> sp.Expr:
    """The entry of Xw - y."""
    return sum_over(n, lambda k: X[row, k] * w[k]) - y[row]


def shifted_residual(row: sp.Expr) -> sp.Expr:
    """The entry of Xw + b - y."""
    return residual(row) + b


def sample_residual() -> sp.Expr:
    """wᵀx - y for one sample."""
    return sum_over(n, lambda k: w[k] * x[k]) - target


FORMULAS = (
    Formula(
        name="linear_regression",
        title="Linear regression, mean squared error ‖Xw + b - y‖²/m",
        topic="regression",
        definition=mean_over(m, lambda k: shifted_residual(k) ** 2),
        variables=(X, w, b, y),
        wrt=("w", "b", "X"),
        torch=lambda X, w, b, y: functional.mse_loss(X @ w + b, y),
        stated={
            "w": lambda j: 2 * sum_over(m, lambda k: X[k, j] * shifted_residual(k)) / m,
            "b": lambda: 2 * sum_over(m, shifted_residual) / m,
            "X": lambda row, column: 2 * shifted_residual(row) * w[column] / m,
        },
        source=f"{LEARNING}, section 3.2, over the number of samples",
    ),
    Formula(
        name="squared_norm",
        title="Squared norm of a residual ‖Xw - y‖²",
        topic="regression",
        definition=sum_over(m, lambda k: residual(k) ** 2),
        variables=(X, w, y),
        wrt=("w", "X"),
        torch=lambda X, w, y: torch.sum((X @ w - y) ** 2),
        stated={
            "w": lambda j: 2 * sum_over(m, lambda k: X[k, j] * residual(k)),
            "X": lambda row, column: 2 * residual(row) * w[column],
        },
        source="Petersen and Pedersen, The Matrix Cookbook (2012), eq. 84 with the identity as weights",
    ),
    Formula(
        name="mean_square",
        title="Mean squared residual ‖Xw - y‖²/m",
        topic="regression",
        definition=mean_over(m, lambda k: residual(k) ** 2),
        variables=(X, w, y),
        wrt=("w", "X", "y"),
        torch=lambda X, w, y: functional.mse_loss(X @ w, y),
        stated={
            "w": lambda j: 2 * sum_over(m, lambda k: X[k, j] * residual(k)) / m,
            "X": lambda row, column: 2 * residual(row) * w[column] / m,
            "y": lambda row: -2 * residual(row) / m,
        },
        source=f"{LEARNING}, section 3.2, over the number of samples, without an intercept",
    ),
    Formula(
        name="half_mean_square",
        title="Half the mean squared residual ‖Xw - y‖²/(2m)",
        topic="regression",
        definition=mean_over(m, lambda k: residual(k) ** 2) / 2,
        variables=(X, w, y),
        wrt=("w",),
        torch=lambda X, w, y: functional.mse_loss(X @ w, y) / 2,
        stated={"w": lambda j: sum_over(m, lambda k: X[k, j] * residual(k)) / m},
        source=f"{BISHOP}, eq. 3.12 and 3.13, over the number of samples",
    ),
    Formula(
        name="ridge",
        title="Ridge regression ‖Xw - y‖² + λ‖w‖²",
        topic="regression",
        definition=sum_over(m, lambda k: residual(k) ** 2) + strength * sum_over(n, lambda k: w[k] ** 2),
        variables=(X, w, y, strength),
        wrt=("w",),
        domains={"λ": POSITIVE},
        torch=lambda X, w, y, strength: torch.sum((X @ w - y) ** 2) + strength * (w @ w),
        stated={"w": lambda j: 2 * sum_over(m, lambda k: X[k, j] * residual(k)) + 2 * strength * w[j]},
        source=f"{LEARNING}, eq. 3.43",
    ),
    Formula(
        name="one_sample_loss",
        title="Half the squared residual of one sample (wᵀx - y)²/2",
        topic="regression",
        definition=sample_residual() ** 2 / 2,
        variables=(x, w, target),
        wrt=("w",),
        torch=lambda x, w, y: (w @ x - y) ** 2 / 2,
        stated={"w": lambda j: sample_residual() * x[j]},
        source=f"{BISHOP}, eq. 3.22 and 3.23",
    ),
)
