"""The classification losses of torch.nn.functional, with the options and reductions that change the formula."""

from __future__ import annotations

import sympy as sp
import torch
from torch.nn import functional

from gradcheck.symbolic import domains
from gradcheck.symbolic.domains import POSITIVE, SIMPLEX, UNIT_INTERVAL, Domain
from gradcheck.symbolic.formula import Edge, Formula
from gradcheck.symbolic.functions import sigmoid, softplus
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
i, j = index("i j")
p, y, z, w = (tensor(name, n) for name in "pyzw")
Z, P = tensor("Z", m, n), tensor("P", m, n)
c = integer_tensor("c", m)
smoothing, gamma, alpha = scalar("ε"), scalar("γ"), scalar("α")

TORCH = "PyTorch documentation, torch.nn.functional"
SMOOTHING = "Szegedy et al., Rethinking the Inception Architecture (2016), section 7"
FOCAL = "Lin et al., Focal Loss for Dense Object Detection (2017), eq. 4 and 5"
CLASSES = {"c": domains.class_index("n")}
SIGNS = Domain("-1 or 1", lambda generator, shape, _: generator.choice([-1.0, 1.0], shape))
FAR_LOGITS = {"z": [800.0, -800.0, 800.0, -800.0], "y": [1.0, 0.0, 0.0, 1.0]}
FAR_ROWS = [[800.0, -800.0, 0.0], [1e4, 9999.0, -1e4]]
WEIGHTS = [0.5, 2.0, 1.0]


def log_softmax(row: sp.Expr, column: sp.Expr) -> sp.Expr:
    """The logarithm of a class's probability for one row of logits."""
    return Z[row, column] - logsumexp(n, lambda k: Z[row, k])


def softmax(row: sp.Expr, column: sp.Expr) -> sp.Expr:
    """A class's probability for one row of logits."""
    return sp.exp(log_softmax(row, column))


def binary_nll(k: sp.Expr) -> sp.Expr:
    """The binary cross-entropy of one probability."""
    return -(y[k] * sp.log(p[k]) + (1 - y[k]) * sp.log(1 - p[k]))


def smoothed(row: sp.Expr) -> sp.Expr:
    """The cross-entropy of one row, its target mixed with the uniform distribution."""
    uniform = mean_over(n, lambda k: log_softmax(row, k))
    return -(1 - smoothing) * log_softmax(row, c[row]) - smoothing * uniform


def wrong_share(k: sp.Expr) -> sp.Expr:
    """The probability of being wrong on a positive example, σ(-z)."""
    return sigmoid(-z[k])


TOTAL_WEIGHT = sum_over(m, lambda k: w[c[k]])

BINARY = (
    Formula(
        name="binary_cross_entropy_sum",
        title="Binary cross-entropy, summed",
        topic="losses",
        definition=sum_over(n, binary_nll),
        variables=(p, y),
        wrt=("p",),
        domains={"p": UNIT_INTERVAL, "y": UNIT_INTERVAL},
        torch=lambda p, y: functional.binary_cross_entropy(p, y, reduction="sum"),
        stated={"p": lambda j: (p[j] - y[j]) / (p[j] * (1 - p[j]))},
        edges=(Edge("confident and wrong", {"p": [0.001, 0.5, 0.75], "y": [1.0, 1.0, 0.0]}),),
        source=f"{TORCH}.binary_cross_entropy",
    ),
    Formula(
        name="binary_cross_entropy_weighted",
        title="Binary cross-entropy with a weight for each entry",
        topic="losses",
        definition=mean_over(n, lambda k: w[k] * binary_nll(k)),
        variables=(p, y, w),
        wrt=("p",),
        domains={"p": UNIT_INTERVAL, "y": UNIT_INTERVAL, "w": POSITIVE},
        torch=lambda p, y, w: functional.binary_cross_entropy(p, y, weight=w),
        stated={"p": lambda j: w[j] * (p[j] - y[j]) / (n * p[j] * (1 - p[j]))},
        edges=(Edge("a weight of 0", {"p": [0.25, 0.5], "y": [1.0, 0.0], "w": [0.0, 2.0]}),),
        source=f"{TORCH}.binary_cross_entropy",
    ),
    Formula(
        name="binary_cross_entropy_with_logits_pos_weight",
        title="Binary cross-entropy with logits and weights of the positive class",
        topic="losses",
        definition=mean_over(n, lambda k: w[k] * y[k] * softplus(-z[k]) + (1 - y[k]) * softplus(z[k])),
        variables=(z, y, w),
        wrt=("z",),
        domains={"y": UNIT_INTERVAL, "w": POSITIVE},
        torch=lambda z, y, w: functional.binary_cross_entropy_with_logits(z, y, pos_weight=w),
        stated={"z": lambda j: ((1 - y[j]) * sigmoid(z[j]) - w[j] * y[j] * sigmoid(-z[j])) / n},
        edges=(Edge("logits of ±800, right and wrong", {**FAR_LOGITS, "w": [0.5, 2.0, 3.0, 1.0]}),),
        source=f"{TORCH}.binary_cross_entropy_with_logits",
    ),
    Formula(
        name="soft_margin",
        title="Soft margin loss",
        topic="losses",
        definition=mean_over(n, lambda k: softplus(-y[k] * z[k])),
        variables=(z, y),
        wrt=("z",),
        domains={"y": SIGNS},
        torch=functional.soft_margin_loss,
        stated={"z": lambda j: -y[j] * sigmoid(-y[j] * z[j]) / n},
        edges=(
            Edge("margins of ±500", {"z": [500.0, -500.0, 0.5], "y": [1.0, 1.0, -1.0]}),
            Edge("a logit of 0", {"z": [0.0, 1.0], "y": [1.0, -1.0]}),
        ),
        kinks="none; torch overflows where -yz is above 709: the value is inf, the slope nan",
        source=f"{TORCH}.soft_margin_loss",
    ),
    Formula(
        name="multilabel_soft_margin",
        title="Multi-label soft margin loss",
        topic="losses",
        definition=mean_over(
            m,
            lambda r: mean_over(n, lambda k: P[r, k] * softplus(-Z[r, k]) + (1 - P[r, k]) * softplus(Z[r, k])),
        ),
        variables=(Z, P),
        wrt=("Z",),
        domains={"P": UNIT_INTERVAL},
        torch=functional.multilabel_soft_margin_loss,
        stated={"Z": lambda row, column: (sigmoid(Z[row, column]) - P[row, column]) / (m * n)},
        edges=(Edge("logits of ±800", {"Z": FAR_ROWS, "P": [[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]}),),
        source=f"{TORCH}.multilabel_soft_margin_loss",
    ),
    Formula(
        name="focal_loss",
        title="Focal loss of positive examples, from logits",
        topic="losses",
        definition=mean_over(n, lambda k: alpha * wrong_share(k) ** gamma * softplus(-z[k])),
        variables=(z, gamma, alpha),
        wrt=("z",),
        domains={"γ": POSITIVE, "α": UNIT_INTERVAL},
        torch=lambda z, gamma, alpha: -(alpha * torch.sigmoid(-z) ** gamma * functional.logsigmoid(z)).mean(),
        stated={
            "z": lambda j: (
                -alpha * wrong_share(j) ** gamma * (gamma * sigmoid(z[j]) * softplus(-z[j]) + wrong_share(j)) / n
            )
        },
        edges=(Edge("logits of ±800 and 0", {"z": [800.0, -800.0, 0.0], "γ": 2.0, "α": 0.25}),),
        source=FOCAL,
    ),
)

MULTICLASS = (
    Formula(
        name="nll",
        title="Negative log-likelihood from log-probabilities",
        topic="losses",
        definition=-mean_over(m, lambda r: Z[r, c[r]]),
        variables=(Z, c),
        domains=CLASSES,
        torch=functional.nll_loss,
        stated={"Z": lambda row, column: -delta(c[row], column) / m},
        edges=(Edge("a log-probability of -800", {"Z": [[-800.0, -1.0], [0.0, -2.0]], "c": [0, 0]}),),
        source=f"{TORCH}.nll_loss",
    ),
    Formula(
        name="nll_weighted",
        title="Negative log-likelihood with class weights, over the sum of the weights",
        topic="losses",
        definition=-sum_over(m, lambda r: w[c[r]] * Z[r, c[r]]) / TOTAL_WEIGHT,
        variables=(Z, c, w),
        wrt=("Z",),
        domains={**CLASSES, "w": POSITIVE},
        torch=lambda Z, c, w: functional.nll_loss(Z, c, weight=w),
        stated={"Z": lambda row, column: -w[column] * delta(c[row], column) / TOTAL_WEIGHT},
        edges=(Edge("one class alone", {"Z": [[-1.0, -0.5], [-2.0, -0.25]], "c": [1, 1], "w": [0.5, 2.0]}),),
        source=f"{TORCH}.nll_loss",
    ),
    Formula(
        name="cross_entropy_sum",
        title="Cross-entropy with class indices, summed",
        topic="losses",
        definition=-sum_over(m, lambda r: log_softmax(r, c[r])),
        variables=(Z, c),
        domains=CLASSES,
        torch=lambda Z, c: functional.cross_entropy(Z, c, reduction="sum"),
        stated={"Z": lambda row, column: softmax(row, column) - delta(c[row], column)},
        edges=(Edge("logits of ±800 and 1e4", {"Z": FAR_ROWS, "c": [1, 0]}),),
        source=f"{TORCH}.cross_entropy",
    ),
    Formula(
        name="cross_entropy_weighted",
        title="Cross-entropy with class weights, over the sum of the weights",
        topic="losses",
        definition=-sum_over(m, lambda r: w[c[r]] * log_softmax(r, c[r])) / TOTAL_WEIGHT,
        variables=(Z, c, w),
        wrt=("Z",),
        domains={**CLASSES, "w": POSITIVE},
        torch=lambda Z, c, w: functional.cross_entropy(Z, c, weight=w),
        stated={
            "Z": lambda row, column: w[c[row]] * (softmax(row, column) - delta(c[row], column)) / TOTAL_WEIGHT,
        },
        edges=(Edge("logits of ±800 and 1e4", {"Z": FAR_ROWS, "c": [1, 0], "w": WEIGHTS}),),
        source=f"{TORCH}.cross_entropy",
    ),
    Formula(
        name="cross_entropy_smoothed",
        title="Cross-entropy with class indices and label smoothing",
        topic="losses",
        definition=mean_over(m, smoothed),
        variables=(Z, c, smoothing),
        wrt=("Z",),
        domains={**CLASSES, "ε": UNIT_INTERVAL},
        torch=lambda Z, c, smoothing: functional.cross_entropy(Z, c, label_smoothing=smoothing.detach().item()),
        stated={
            "Z": lambda row, column: (
                (softmax(row, column) - (1 - smoothing) * delta(c[row], column) - smoothing / n) / m
            )
        },
        edges=(Edge("logits of ±800 and 1e4", {"Z": FAR_ROWS, "c": [1, 0], "ε": 0.1}),),
        source=SMOOTHING,
    ),
    Formula(
        name="cross_entropy_soft_smoothed",
        title="Cross-entropy with soft targets and label smoothing",
        topic="losses",
        definition=-mean_over(
            m,
            lambda r: sum_over(n, lambda k: ((1 - smoothing) * P[r, k] + smoothing / n) * log_softmax(r, k)),
        ),
        variables=(Z, P, smoothing),
        wrt=("Z",),
        domains={"P": SIMPLEX, "ε": UNIT_INTERVAL},
        torch=lambda Z, P, smoothing: functional.cross_entropy(Z, P, label_smoothing=smoothing.detach().item()),
        stated={"Z": lambda row, column: (softmax(row, column) - (1 - smoothing) * P[row, column] - smoothing / n) / m},
        edges=(Edge("logits of ±800 and 1e4", {"Z": FAR_ROWS, "P": [[0.25, 0.5, 0.25], [0.0, 1.0, 0.0]], "ε": 0.1}),),
        source=SMOOTHING,
    ),
    Formula(
        name="cross_entropy_entries",
        title="Cross-entropy with class indices, row by row",
        topic="losses",
        definition=-log_softmax(i, c[i]),
        variables=(Z, c),
        output={i: m},
        domains=CLASSES,
        torch=lambda Z, c: functional.cross_entropy(Z, c, reduction="none"),
        stated={"Z": lambda row, column: delta(i, row) * (softmax(i, column) - delta(c[i], column))},
        edges=(Edge("tied logits", {"Z": [[2.0, 2.0], [2.0, 2.0]], "c": [0, 1]}),),
        source=f"{TORCH}.cross_entropy",
    ),
)

FORMULAS = BINARY + MULTICLASS
