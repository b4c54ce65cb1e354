"""Losses: regression, classification, divergence, and the Hessian of cross-entropy."""

from __future__ import annotations

import sympy as sp
import torch
from torch.nn import functional

from gradcheck.symbolic import domains
from gradcheck.symbolic.differentiate import derivative
from gradcheck.symbolic.domains import POSITIVE, SIMPLEX, UNIT_INTERVAL
from gradcheck.symbolic.formula import Edge, Formula
from gradcheck.symbolic.functions import absolute, clip, huber, sigmoid, sign, softplus
from gradcheck.symbolic.tensors import (
    delta,
    dimension,
    index,
    integer_tensor,
    logsumexp,
    mean_over,
    scalar,
    sum_over,
    tensor,
)

m, n = dimension("m n")
i = index("i")
y, p, q, z = (tensor(name, n) for name in "ypqz")
Z, P = tensor("Z", m, n), tensor("P", m, n)
c = integer_tensor("c", m)
threshold = scalar("δ")

BISHOP = "Bishop, Pattern Recognition and Machine Learning"
DEEP_LEARNING = "Goodfellow, Bengio and Courville, Deep Learning"
LEARNING = "Hastie, Tibshirani and Friedman, The Elements of Statistical Learning"

FAR_LOGITS = {"z": [800.0, -800.0, 800.0, -800.0], "y": [1.0, 0.0, 0.0, 1.0]}
FAR_MATRIX = [[800.0, -800.0, 0.0], [1e4, 9999.0, -1e4]]
RESIDUALS_AT_THRESHOLD = {"p": [1.0, -1.0, 0.0, 3.0], "y": [0.0, 0.0, 0.0, 0.0], "δ": 1.0}


LOG_NORMALISER = logsumexp(n, lambda k: z[k])


def row_normaliser(row: sp.Expr) -> sp.Expr:
    """The log of the sum of the exponentials of one row of logits."""
    return logsumexp(n, lambda k: Z[row, k])


def row_softmax(row: sp.Expr, column: sp.Expr) -> sp.Expr:
    """The softmax probability of a class for one row of logits."""
    return sp.exp(Z[row, column] - row_normaliser(row))


def row_cross_entropy(row: sp.Expr) -> sp.Expr:
    """The cross-entropy of one row of logits and its soft targets."""
    return sum_over(n, lambda k: P[row, k] * (row_normaliser(row) - Z[row, k]))


def softmax_at(k: sp.Expr) -> sp.Expr:
    """The k-th softmax probability of a vector of logits."""
    return sp.exp(z[k] - LOG_NORMALISER)


SAMPLE_CROSS_ENTROPY = sum_over(n, lambda k: p[k] * (LOG_NORMALISER - z[k]))

REGRESSION = (
    Formula(
        name="mse",
        title="Mean squared error",
        topic="losses",
        definition=mean_over(n, lambda k: (p[k] - y[k]) ** 2),
        variables=(p, y),
        torch=functional.mse_loss,
        stated={"p": lambda j: 2 * (p[j] - y[j]) / n, "y": lambda j: -2 * (p[j] - y[j]) / n},
        source=f"{DEEP_LEARNING}, eq. 5.4",
    ),
    Formula(
        name="half_mse",
        title="Half the mean squared error",
        topic="losses",
        definition=mean_over(n, lambda k: (p[k] - y[k]) ** 2) / 2,
        variables=(p, y),
        wrt=("p",),
        torch=lambda p, y: functional.mse_loss(p, y) / 2,
        stated={"p": lambda j: (p[j] - y[j]) / n},
        source=f"{BISHOP}, eq. 3.12, over the number of samples",
    ),
    Formula(
        name="mae",
        title="Mean absolute error",
        topic="losses",
        definition=mean_over(n, lambda k: absolute(p[k] - y[k])),
        variables=(p, y),
        wrt=("p",),
        torch=functional.l1_loss,
        stated={"p": lambda j: sign(p[j] - y[j]) / n},
        edges=(Edge("a residual of 0", {"p": [1.0, 2.0, -1.0], "y": [1.0, 0.0, 0.5]}, kink=True),),
        kinks="p = y: any slope in [-1/n, 1/n] is a subgradient, torch takes 0",
        source=f"{LEARNING}, section 10.6",
    ),
    Formula(
        name="huber",
        title="Huber loss",
        topic="losses",
        definition=mean_over(n, lambda k: huber(p[k] - y[k], threshold)),
        variables=(p, y, threshold),
        wrt=("p",),
        domains={"δ": POSITIVE},
        torch=lambda p, y, threshold: functional.huber_loss(p, y, delta=threshold.detach().item()),
        stated={"p": lambda j: clip(p[j] - y[j], threshold) / n},
        edges=(Edge("residuals of ±δ and 0", RESIDUALS_AT_THRESHOLD),),
        kinks="none; the second derivative jumps at |p - y| = δ",
        source="Huber, Robust Estimation of a Location Parameter (1964)",
    ),
)

BINARY = (
    Formula(
        name="binary_cross_entropy",
        title="Binary cross-entropy",
        topic="losses",
        definition=-mean_over(n, lambda k: y[k] * sp.log(p[k]) + (1 - y[k]) * sp.log(1 - p[k])),
        variables=(p, y),
        wrt=("p",),
        domains={"p": UNIT_INTERVAL, "y": UNIT_INTERVAL},
        torch=functional.binary_cross_entropy,
        stated={"p": lambda j: (p[j] - y[j]) / (n * p[j] * (1 - p[j]))},
        edges=(Edge("confident and wrong", {"p": [0.001, 0.5, 0.75], "y": [1.0, 1.0, 0.0]}),),
        kinks="none; torch keeps each logarithm above -100 and p (1 - p) above 1e-12",
        source=f"{BISHOP}, eq. 4.90",
    ),
    Formula(
        name="binary_cross_entropy_with_logits",
        title="Binary cross-entropy with logits",
        topic="losses",
        definition=mean_over(n, lambda k: softplus(z[k]) - y[k] * z[k]),
        variables=(z, y),
        wrt=("z",),
        domains={"y": UNIT_INTERVAL},
        torch=functional.binary_cross_entropy_with_logits,
        stated={"z": lambda j: (sigmoid(z[j]) - y[j]) / n},
        edges=(Edge("logits of ±800, right and wrong", FAR_LOGITS),),
        source=f"{BISHOP}, eq. 4.91, over the number of samples",
    ),
)

MULTICLASS = (
    Formula(
        name="cross_entropy_index",
        title="Cross-entropy with class indices",
        topic="losses",
        definition=mean_over(m, lambda k: row_normaliser(k) - Z[k, c[k]]),
        variables=(Z, c),
        domains={"c": domains.class_index("n")},
        torch=functional.cross_entropy,
        stated={"Z": lambda row, column: (row_softmax(row, column) - delta(c[row], column)) / m},
        edges=(Edge("logits of ±800 and 1e4", {"Z": FAR_MATRIX, "c": [1, 0]}),),
        source=f"{DEEP_LEARNING}, section 6.2.2.3",
    ),
    Formula(
        name="cross_entropy_soft",
        title="Cross-entropy with soft targets",
        topic="losses",
        definition=mean_over(m, row_cross_entropy),
        variables=(Z, P),
        wrt=("Z",),
        domains={"P": SIMPLEX},
        torch=functional.cross_entropy,
        stated={"Z": lambda row, column: (row_softmax(row, column) - P[row, column]) / m},
        edges=(Edge("logits of ±800 and 1e4", {"Z": FAR_MATRIX, "P": [[0.25, 0.5, 0.25], [0.0, 1.0, 0.0]]}),),
        source=f"{BISHOP}, eq. 4.108 and 4.109, over the number of samples",
    ),
    Formula(
        name="hessian_of_cross_entropy",
        title="Hessian of cross-entropy",
        topic="losses",
        definition=derivative(SAMPLE_CROSS_ENTROPY, z[i]),
        variables=(z, p),
        wrt=("z",),
        output={i: n},
        domains={"p": SIMPLEX},
        torch=torch.func.grad(functional.cross_entropy),
        stated={"z": lambda j: delta(i, j) * softmax_at(i) - softmax_at(i) * softmax_at(j)},
        edges=(Edge("logits of ±800", {"z": [800.0, -800.0, 0.0], "p": [0.25, 0.5, 0.25]}),),
        source=f"{BISHOP}, eq. 4.110",
    ),
)

DIVERGENCE = (
    Formula(
        name="kl_divergence",
        title="Kullback-Leibler divergence",
        topic="losses",
        definition=sum_over(n, lambda k: p[k] * (sp.log(p[k]) - sp.log(q[k]))),
        variables=(p, q),
        domains={"p": SIMPLEX, "q": SIMPLEX},
        torch=lambda p, q: functional.kl_div(q.log(), p, reduction="sum"),
        stated={"p": lambda j: sp.log(p[j] / q[j]) + 1, "q": lambda j: -p[j] / q[j]},
        source="Kullback and Leibler, On Information and Sufficiency (1951)",
    ),
    Formula(
        name="kl_divergence_log",
        title="Kullback-Leibler divergence from log-probabilities",
        topic="losses",
        definition=sum_over(n, lambda k: p[k] * (sp.log(p[k]) - z[k])),
        variables=(z, p),
        wrt=("z",),
        domains={"p": SIMPLEX},
        torch=lambda z, p: functional.kl_div(z, p, reduction="sum"),
        stated={"z": lambda j: -p[j]},
        source="Kullback and Leibler, On Information and Sufficiency (1951)",
    ),
)

FORMULAS = REGRESSION + BINARY + MULTICLASS + DIVERGENCE
