"""Losses of torch.nn.functional entry by entry, summed and weighted; their plain means stand with the other losses."""

from __future__ import annotations

from typing import Any

import sympy as sp
import torch
from torch.nn import functional

from gradcheck.symbolic.domains import POSITIVE, UNIT_INTERVAL, Domain
from gradcheck.symbolic.formula import Edge, Formula
from gradcheck.symbolic.functions import absolute, clip, huber, sigmoid, sign, softplus
from gradcheck.symbolic.piecewise import cases
from gradcheck.symbolic.tensors import dimension, scalar, sum_over, tensor

from ._margins import above_zero, from_zero
from ._reductions import Loss
from .losses_regression import residual, smooth, smooth_slope

n = dimension("n")
a, b, p, v, w, x, y, z = (tensor(name, n) for name in "abpvwxyz")
beta, bound, margin = scalar("β"), scalar("δ"), scalar("μ")
SIGNS = Domain("-1 or 1", lambda generator, shape, _: generator.choice([-1.0, 1.0], shape))
PROBABILITIES = {"p": UNIT_INTERVAL, "y": UNIT_INTERVAL}
AT_MARGIN = "exactly at the margin torch takes the slope of a violation"


def with_number(function: Any, name: str) -> Any:
    """A loss of torch whose last argument is a number called by this name."""

    def loss(*arguments: torch.Tensor, reduction: str) -> torch.Tensor:
        *tensors, number = arguments
        value: torch.Tensor = function(*tensors, **{name: number.detach().item()}, reduction=reduction)
        return value

    return loss


def binary_with_logits(z: torch.Tensor, y: torch.Tensor, w: torch.Tensor, reduction: str) -> torch.Tensor:
    """torch's loss with a weight for each entry."""
    return functional.binary_cross_entropy_with_logits(z, y, weight=w, reduction=reduction)


def huber_weighted(*arguments: torch.Tensor, reduction: str) -> torch.Tensor:
    """torch's loss with a weight for each entry; written out, as not every version takes weights."""
    p, y, w, bound = arguments
    losses = w * functional.huber_loss(p, y, reduction="none", delta=bound.detach().item())
    return losses.mean() if reduction == "mean" else losses


BINARY = Loss(
    "binary_cross_entropy",
    "Binary cross-entropy",
    functional.binary_cross_entropy,
    (p, y),
    n,
    lambda k: -(y[k] * sp.log(p[k]) + (1 - y[k]) * sp.log(1 - p[k])),
    lambda k: (p[k] - y[k]) / (p[k] * (1 - p[k])),
    PROBABILITIES,
)
LOGITS = Loss(
    "binary_cross_entropy_with_logits",
    "Binary cross-entropy with logits",
    functional.binary_cross_entropy_with_logits,
    (z, y),
    n,
    lambda k: y[k] * softplus(-z[k]) + (1 - y[k]) * softplus(z[k]),
    lambda k: sigmoid(z[k]) - y[k],
    {"y": UNIT_INTERVAL},
)
LOGITS_WEIGHTED = Loss(
    "binary_cross_entropy_with_logits_weighted",
    "Binary cross-entropy with logits and a weight for each entry",
    binary_with_logits,
    (z, y, w),
    n,
    lambda k: w[k] * LOGITS.entry(k),
    lambda k: w[k] * LOGITS.slope(k),
    {"y": UNIT_INTERVAL, "w": POSITIVE},
)
SOFT_MARGIN = Loss(
    "soft_margin",
    "Soft margin loss",
    functional.soft_margin_loss,
    (z, y),
    n,
    lambda k: softplus(-y[k] * z[k]),
    lambda k: -y[k] * sigmoid(-y[k] * z[k]),
    {"y": SIGNS},
)
POISSON = Loss(
    "poisson_nll",
    "Negative log-likelihood of Poisson counts, from log-rates",
    functional.poisson_nll_loss,
    (p, y),
    n,
    lambda k: sp.exp(p[k]) - y[k] * p[k],
    lambda k: sp.exp(p[k]) - y[k],
    {"y": POSITIVE},
)
GAUSSIAN = Loss(
    "gaussian_nll",
    "Negative log-likelihood of a Gaussian with its variance",
    functional.gaussian_nll_loss,
    (p, y, v),
    n,
    lambda k: (sp.log(v[k]) + residual(k) ** 2 / v[k]) / 2,
    lambda k: residual(k) / v[k],
    {"v": POSITIVE},
)
HUBER = Loss(
    "huber",
    "Huber loss",
    with_number(functional.huber_loss, "delta"),
    (p, y, bound),
    n,
    lambda k: huber(residual(k), bound),
    lambda k: clip(residual(k), bound),
    {"δ": POSITIVE},
)
HUBER_WEIGHTED = Loss(
    "huber_weighted",
    "Huber loss with a weight for each entry, over their number",
    huber_weighted,
    (p, y, w, bound),
    n,
    lambda k: w[k] * HUBER.entry(k),
    lambda k: w[k] * HUBER.slope(k),
    {"δ": POSITIVE, "w": POSITIVE},
)
SMOOTH_L1 = Loss(
    "smooth_l1",
    "Smooth L1 loss",
    with_number(functional.smooth_l1_loss, "beta"),
    (p, y, beta),
    n,
    lambda k: smooth(residual(k)),
    lambda k: smooth_slope(residual(k)),
    {"β": POSITIVE},
)
HINGE_EMBEDDING = Loss(
    "hinge_embedding",
    "Hinge embedding loss",
    with_number(functional.hinge_embedding_loss, "margin"),
    (x, y, margin),
    n,
    lambda k: cases((x[k], y[k] > 0), otherwise=above_zero(margin - x[k])),
    lambda k: cases((sp.S.One, y[k] > 0), otherwise=-from_zero(margin - x[k])),
    {"y": SIGNS, "μ": POSITIVE},
    AT_MARGIN,
)
RANKING = Loss(
    "margin_ranking",
    "Margin ranking loss",
    with_number(functional.margin_ranking_loss, "margin"),
    (a, b, y, margin),
    n,
    lambda k: above_zero(margin - y[k] * (a[k] - b[k])),
    lambda k: -y[k] * from_zero(margin - y[k] * (a[k] - b[k])),
    {"y": SIGNS},
    AT_MARGIN,
)

WEIGHTS = sum_over(n, lambda k: w[k])
ABSOLUTE_WEIGHTED = Formula(
    name="absolute_error_weighted",
    title="Weighted mean absolute error, over the sum of the weights",
    topic="losses",
    definition=sum_over(n, lambda k: w[k] * absolute(residual(k))) / WEIGHTS,
    variables=(p, y, w),
    wrt=("p",),
    domains={"w": POSITIVE},
    torch=lambda p, y, w: torch.sum(w * functional.l1_loss(p, y, reduction="none")) / w.sum(),
    stated={"p": lambda j: w[j] * sign(residual(j)) / WEIGHTS},
    edges=(Edge("a residual of 0", {"p": [1.0, 2.0], "y": [1.0, 1.5], "w": [0.5, 2.0]}, kink=True),),
    kinks="p = y: torch takes the slope 0",
    source="PyTorch documentation, torch.nn.functional.l1_loss",
)

BOTH = (LOGITS, SOFT_MARGIN, POISSON, GAUSSIAN, HUBER, HINGE_EMBEDDING, RANKING)
FORMULAS = (
    *(formula for loss in BOTH for formula in (loss.entries(), loss.sum())),
    BINARY.entries(),
    SMOOTH_L1.entries(),
    LOGITS_WEIGHTED.mean(),
    HUBER_WEIGHTED.mean(),
    ABSOLUTE_WEIGHTED,
)
