"""Hessians: of quadratic forms, regressions, log-sum-exp, and the Gauss-Newton matrix with what it leaves out."""

from __future__ import annotations

import sympy as sp
import torch
from torch.nn import functional

from gradcheck.symbolic.differentiate import derivative
from gradcheck.symbolic.domains import POSITIVE, UNIT_INTERVAL
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.functions import sigmoid, softplus
from gradcheck.symbolic.tensors import delta, dimension, index, logsumexp, mean_over, scalar, sum_over, tensor

m, n, p = dimension("m n p")
i = index("i")
X, y, w, x = tensor("X", m, n), tensor("y", m), tensor("w", n), tensor("x", n)
A, strength = tensor("A", n, n), scalar("λ")

TOPIC = "hessians"
BISHOP = "Bishop, Pattern Recognition and Machine Learning"
NOCEDAL = "Nocedal and Wright, Numerical Optimization (2nd edition)"


def logit(row: sp.Expr) -> sp.Expr:
    """The entry of Xw."""
    return sum_over(n, lambda r: X[row, r] * w[r])


def quadratic(x: torch.Tensor, A: torch.Tensor) -> torch.Tensor:
    """xᵀAx/2."""
    return x @ A @ x / 2


def least_squares(w: torch.Tensor, X: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """‖Xw - y‖²/m."""
    return functional.mse_loss(X @ w, y)


def ridge(w: torch.Tensor, X: torch.Tensor, y: torch.Tensor, strength: torch.Tensor) -> torch.Tensor:
    """‖Xw - y‖² + λ‖w‖²."""
    return torch.sum((X @ w - y) ** 2) + strength * (w @ w)


def logistic(w: torch.Tensor, X: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The mean cross-entropy of logistic regression."""
    return functional.binary_cross_entropy_with_logits(X @ w, y)


def log_sum_exp(x: torch.Tensor) -> torch.Tensor:
    """log Σ exp x."""
    return torch.logsumexp(x, -1)


def softmax_at(k: sp.Expr) -> sp.Expr:
    """The k-th softmax probability of x."""
    return sp.exp(x[k] - logsumexp(n, lambda r: x[r]))


QUADRATIC = sum_over(n, lambda r: sum_over(n, lambda s: x[r] * A[r, s] * x[s])) / 2
MEAN_SQUARE = mean_over(m, lambda r: (logit(r) - y[r]) ** 2)
RIDGE = sum_over(m, lambda r: (logit(r) - y[r]) ** 2) + strength * sum_over(n, lambda r: w[r] ** 2)
CROSS_ENTROPY = mean_over(m, lambda r: softplus(logit(r)) - y[r] * logit(r))

CONVEX = (
    Formula(
        name="hessian_of_quadratic_form",
        title="Hessian of xᵀAx/2, A of no symmetry",
        topic=TOPIC,
        definition=derivative(QUADRATIC, x[i]),
        variables=(x, A),
        wrt=("x",),
        output={i: n},
        torch=torch.func.grad(quadratic),
        stated={"x": lambda j: (A[i, j] + A[j, i]) / 2},
        source="Magnus and Neudecker, Matrix Differential Calculus, section 10.5",
    ),
    Formula(
        name="hessian_of_least_squares",
        title="Hessian of the mean squared error: 2XᵀX/m",
        topic=TOPIC,
        definition=derivative(MEAN_SQUARE, w[i]),
        variables=(w, X, y),
        wrt=("w",),
        output={i: n},
        torch=torch.func.grad(least_squares),
        stated={"w": lambda j: 2 * mean_over(m, lambda r: X[r, i] * X[r, j])},
        source="Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, eq. 3.4",
    ),
    Formula(
        name="hessian_of_ridge",
        title="Hessian of ridge regression: 2(XᵀX + λI)",
        topic=TOPIC,
        definition=derivative(RIDGE, w[i]),
        variables=(w, X, y, strength),
        wrt=("w",),
        output={i: n},
        domains={"λ": POSITIVE},
        torch=torch.func.grad(ridge),
        stated={"w": lambda j: 2 * sum_over(m, lambda r: X[r, i] * X[r, j]) + 2 * strength * delta(i, j)},
        source="Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, eq. 3.43",
    ),
    Formula(
        name="hessian_of_logistic_regression",
        title="Hessian of logistic regression: Xᵀ diag(σ(1 - σ)) X/m",
        topic=TOPIC,
        definition=derivative(CROSS_ENTROPY, w[i]),
        variables=(w, X, y),
        wrt=("w",),
        output={i: n},
        domains={"y": UNIT_INTERVAL},
        torch=torch.func.grad(logistic),
        stated={"w": lambda j: mean_over(m, lambda r: sigmoid(logit(r)) * (1 - sigmoid(logit(r))) * X[r, i] * X[r, j])},
        source=f"{BISHOP}, eq. 4.97, over the number of samples",
    ),
    Formula(
        name="hessian_of_logsumexp",
        title="Hessian of log Σ exp x: diag(p) - ppᵀ",
        topic=TOPIC,
        definition=derivative(logsumexp(n, lambda r: x[r]), x[i]),
        variables=(x,),
        output={i: n},
        torch=torch.func.grad(log_sum_exp),
        stated={"x": lambda j: delta(i, j) * softmax_at(i) - softmax_at(i) * softmax_at(j)},
        source="Boyd and Vandenberghe, Convex Optimization, section 3.1.5",
    ),
)


def residual(row: sp.Expr) -> sp.Expr:
    """The entry of tanh(Xw) - y."""
    return sp.tanh(logit(row)) - y[row]


def curve_slope(row: sp.Expr) -> sp.Expr:
    """The slope of tanh at a row's logit."""
    return 1 - sp.tanh(logit(row)) ** 2


def squared_error(w: torch.Tensor, X: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """‖tanh(Xw) - y‖²/2."""
    return torch.sum((torch.tanh(X @ w) - y) ** 2) / 2


start = tensor("u", n)


def start_logit(row: sp.Expr) -> sp.Expr:
    """The entry of Xu."""
    return sum_over(n, lambda r: X[row, r] * start[r])


def linear_residual(row: sp.Expr) -> sp.Expr:
    """The residual as it is linear at u."""
    slope = 1 - sp.tanh(start_logit(row)) ** 2
    return sp.tanh(start_logit(row)) + slope * (logit(row) - start_logit(row)) - y[row]


def linearised_error(w: torch.Tensor, u: torch.Tensor, X: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The squared error of the residuals' tangent at u."""
    at_start = torch.tanh(X @ u)
    return torch.sum((at_start + (1 - at_start**2) * (X @ (w - u)) - y) ** 2) / 2


NONLINEAR = (
    Formula(
        name="hessian_of_nonlinear_least_squares",
        title="Hessian of ‖tanh(Xw) - y‖²/2: the Gauss-Newton matrix and the residuals' own curvature",
        topic=TOPIC,
        definition=derivative(sum_over(m, lambda r: residual(r) ** 2) / 2, w[i]),
        variables=(w, X, y),
        wrt=("w",),
        output={i: n},
        torch=torch.func.grad(squared_error),
        stated={
            "w": lambda j: (
                sum_over(m, lambda r: curve_slope(r) ** 2 * X[r, i] * X[r, j])
                - 2 * sum_over(m, lambda r: residual(r) * sp.tanh(logit(r)) * curve_slope(r) * X[r, i] * X[r, j])
            )
        },
        source=f"{NOCEDAL}, eq. 10.5",
    ),
    Formula(
        name="gauss_newton_matrix",
        title="Gauss-Newton matrix JᵀJ: the Hessian once tanh(Xw) is made linear at u, its curvature left out",
        topic=TOPIC,
        definition=derivative(sum_over(m, lambda r: linear_residual(r) ** 2) / 2, w[i]),
        variables=(w, start, X, y),
        wrt=("w",),
        output={i: n},
        torch=torch.func.grad(linearised_error),
        stated={"w": lambda j: sum_over(m, lambda r: (1 - sp.tanh(start_logit(r)) ** 2) ** 2 * X[r, i] * X[r, j])},
        source=f"{NOCEDAL}, eq. 10.24",
    ),
)

V, Y = tensor("V", p, m), tensor("y", p)


def hidden(unit: sp.Expr) -> sp.Expr:
    """The entry of tanh(Xw), the hidden layer of a network with one input weight vector."""
    return sp.tanh(logit(unit))


def error(output: sp.Expr) -> sp.Expr:
    """The entry of V tanh(Xw) - y."""
    return sum_over(m, lambda r: V[output, r] * hidden(r)) - Y[output]


def back(unit: sp.Expr) -> sp.Expr:
    """The errors carried back through V."""
    return sum_over(p, lambda r: error(r) * V[r, unit])


def network(w: torch.Tensor, X: torch.Tensor, V: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """‖V tanh(Xw) - y‖²/2."""
    return torch.sum((V @ torch.tanh(X @ w) - y) ** 2) / 2


def output_jacobian(output: sp.Expr, weight: sp.Expr) -> sp.Expr:
    """The derivative of an output by a weight."""
    return sum_over(m, lambda r: V[output, r] * curve_slope(r) * X[r, weight])


NETWORK = (
    Formula(
        name="hessian_of_two_layer_network",
        title="Hessian of ‖V tanh(Xw) - y‖²/2: Gauss-Newton's JᵀJ, and the term in the errors that it leaves out",
        topic=TOPIC,
        definition=derivative(sum_over(p, lambda r: error(r) ** 2) / 2, w[i]),
        variables=(w, X, V, Y),
        wrt=("w",),
        output={i: n},
        torch=torch.func.grad(network),
        stated={
            "w": lambda j: (
                sum_over(p, lambda r: output_jacobian(r, i) * output_jacobian(r, j))
                - 2 * sum_over(m, lambda r: back(r) * hidden(r) * curve_slope(r) * X[r, i] * X[r, j])
            )
        },
        source=f"{BISHOP}, eq. 5.83 and 5.84",
    ),
)

FORMULAS = CONVEX + NONLINEAR + NETWORK
