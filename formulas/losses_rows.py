"""Losses of torch.nn.functional row by row, summed and with weights; their plain means stand with the other losses."""

from __future__ import annotations

from typing import Any

import sympy as sp
import torch
from torch.nn import functional

from gradcheck.symbolic import domains
from gradcheck.symbolic.domains import NONZERO, POSITIVE, SMALL, UNIT_INTERVAL, Domain
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.functions import sigmoid, softplus
from gradcheck.symbolic.piecewise import cases
from gradcheck.symbolic.tensors import delta, dimension, integer_tensor, logsumexp, mean_over, scalar, sum_over, tensor

from ._margins import above_zero, from_zero, hinge, positive
from ._reductions import Loss
from .losses_classification import log_softmax, softmax
from .losses_margins import TINY, label_indices, others, violation
from .losses_reductions import AT_MARGIN, SIGNS, with_number
from .losses_triplets import distance, inner, towards, vector

m, n, d = dimension("m n d")
A, B, P, Q, X, Y, Z = (tensor(name, m, n) for name in "ABPQXYZ")
c, t, w, margin = integer_tensor("c", m), tensor("t", m), tensor("w", n), scalar("μ")

TORCH = "PyTorch documentation, torch.nn.functional"
CLASSES = {"c": domains.class_index("n")}
BITS = Domain("0 or 1", lambda generator, shape, _: generator.integers(0, 2, shape).astype(float))
WIDE = Domain("numbers around 3", lambda generator, shape, _: generator.uniform(2.5, 3.5, shape))
AT_ONE = "exactly at the margin torch takes the slope 0"


def weighed(function: Any, *names: str) -> Any:
    """A loss of torch with class weights; further arguments are numbers called by these names."""

    def loss(Z: torch.Tensor, target: torch.Tensor, w: torch.Tensor, *numbers: torch.Tensor, reduction: str) -> Any:
        given = {name: number.detach().item() for name, number in zip(names, numbers, strict=True)}
        return function(Z, target, weight=w, reduction=reduction, **given)

    return loss


NLL = Loss(
    "nll",
    "Negative log-likelihood from log-probabilities",
    functional.nll_loss,
    (Z, c),
    m,
    lambda r: -Z[r, c[r]],
    lambda r, k: -delta(c[r], k),
    CLASSES,
)
MULTI_MARGIN = Loss(
    "multi_margin",
    "Multi-class margin loss",
    with_number(functional.multi_margin_loss, "margin"),
    (X, c, margin),
    m,
    lambda r: mean_over(n, lambda k: others(r, hinge(violation(r, k)), k)),
    lambda r, k: (
        (
            others(r, positive(violation(r, k)), k)
            - delta(c[r], k) * sum_over(n, lambda j: others(r, positive(violation(r, j)), j))
        )
        / n
    ),
    {**CLASSES, "μ": POSITIVE},
    AT_ONE,
)
MULTI_MARGIN_WEIGHTED = Loss(
    "multi_margin_weighted",
    "Multi-class margin loss with class weights",
    weighed(functional.multi_margin_loss, "margin"),
    (X, c, w, margin),
    m,
    lambda r: w[c[r]] * MULTI_MARGIN.entry(r),
    lambda r, k: w[c[r]] * MULTI_MARGIN.slope(r, k),
    {**MULTI_MARGIN.domains, "w": POSITIVE},
    AT_ONE,
)
SOFT = Loss(
    "multilabel_soft_margin",
    "Multi-label soft margin loss",
    functional.multilabel_soft_margin_loss,
    (Z, P),
    m,
    lambda r: mean_over(n, lambda k: P[r, k] * softplus(-Z[r, k]) + (1 - P[r, k]) * softplus(Z[r, k])),
    lambda r, k: (sigmoid(Z[r, k]) - P[r, k]) / n,
    {"P": UNIT_INTERVAL},
)
SOFT_WEIGHTED = Loss(
    "multilabel_soft_margin_weighted",
    "Multi-label soft margin loss with class weights",
    weighed(functional.multilabel_soft_margin_loss),
    (Z, P, w),
    m,
    lambda r: mean_over(n, lambda k: w[k] * (P[r, k] * softplus(-Z[r, k]) + (1 - P[r, k]) * softplus(Z[r, k]))),
    lambda r, k: w[k] * SOFT.slope(r, k),
    {"P": UNIT_INTERVAL, "w": POSITIVE},
)


def multilabel(X: torch.Tensor, Y: torch.Tensor, reduction: str) -> torch.Tensor:
    """torch's loss of a batch, its labels given as 0 and 1."""
    return functional.multilabel_margin_loss(X, torch.stack([label_indices(y) for y in Y]), reduction=reduction)


def too_close(r: sp.Expr, label: sp.Expr, other: sp.Expr) -> sp.Expr:
    """By how much another class comes closer to a label than 1."""
    return 1 - X[r, label] + X[r, other]


MULTILABEL = Loss(
    "multilabel_margin",
    "Multi-label margin loss, labels given as 0 and 1",
    multilabel,
    (X, Y),
    m,
    lambda r: mean_over(
        n, lambda k: sum_over(n, lambda label: Y[r, label] * (1 - Y[r, k]) * hinge(too_close(r, label, k)))
    ),
    lambda r, k: (
        (
            (1 - Y[r, k]) * sum_over(n, lambda j: Y[r, j] * positive(too_close(r, j, k)))
            - Y[r, k] * sum_over(n, lambda j: (1 - Y[r, j]) * positive(too_close(r, k, j)))
        )
        / n
    ),
    {"Y": BITS},
    AT_ONE,
)


def shifted(r: sp.Expr) -> sp.Expr:
    """The cosine of two rows, with what torch adds to their squared norms."""
    squares = [inner(vector(base, r), vector(base, r)) + TINY for base in (A, B)]
    return inner(vector(A, r), vector(B, r)) / sp.sqrt(sp.Mul(*squares))


def shifted_slope(r: sp.Expr, k: sp.Expr) -> sp.Expr:
    """The slope of that cosine by the first row."""
    first, second = (inner(vector(base, r), vector(base, r)) + TINY for base in (A, B))
    return B[r, k] / sp.sqrt(first * second) - shifted(r) * A[r, k] / first


COSINE = Loss(
    "cosine_embedding",
    "Cosine embedding loss",
    with_number(functional.cosine_embedding_loss, "margin"),
    (A, B, t, margin),
    m,
    lambda r: cases((1 - shifted(r), t[r] > 0), otherwise=above_zero(shifted(r) - margin)),
    lambda r, k: cases((-sp.S.One, t[r] > 0), otherwise=from_zero(shifted(r) - margin)) * shifted_slope(r, k),
    {"A": NONZERO, "B": NONZERO, "t": SIGNS, "μ": SMALL},
    AT_MARGIN,
)


def excess(r: sp.Expr) -> sp.Expr:
    """What the loss of a row's triplet is where it is not 0."""
    return distance(vector(X, r), vector(P, r)) - distance(vector(X, r), vector(Q, r)) + margin


TRIPLETS = Loss(
    "triplet_margin",
    "Triplet margin loss",
    with_number(functional.triplet_margin_loss, "margin"),
    (X, P, Q, margin),
    m,
    lambda r: above_zero(excess(r)),
    lambda r, k: (
        from_zero(excess(r)) * (towards(vector(X, r), vector(P, r), k) - towards(vector(X, r), vector(Q, r), k))
    ),
    {"μ": WIDE},
    AT_MARGIN,
)


def counted(r: sp.Expr) -> sp.Expr:
    """1 for a row whose class is not the ignored one, else 0."""
    return 1 - delta(c[r], 0)


COUNT = sum_over(m, counted)
SOME_CLASS = Domain(
    "class indices below n, the first above 0",
    lambda generator, shape, sizes: generator.integers([1] + [0] * (shape[0] - 1), sizes["n"]),
)
IGNORING = (
    Formula(
        name="nll_ignoring",
        title="Negative log-likelihood over the rows of other classes than the ignored class 0",
        topic="losses",
        definition=-sum_over(m, lambda r: counted(r) * Z[r, c[r]]) / COUNT,
        variables=(Z, c),
        domains={"c": SOME_CLASS},
        torch=lambda Z, c: functional.nll_loss(Z, c, ignore_index=0),
        stated={"Z": lambda r, k: -counted(r) * delta(c[r], k) / COUNT},
        source=f"{TORCH}.nll_loss",
    ),
    Formula(
        name="cross_entropy_ignoring",
        title="Cross-entropy over the rows of other classes than the ignored class 0",
        topic="losses",
        definition=-sum_over(m, lambda r: counted(r) * log_softmax(r, c[r])) / COUNT,
        variables=(Z, c),
        domains={"c": SOME_CLASS},
        torch=lambda Z, c: functional.cross_entropy(Z, c, ignore_index=0),
        stated={"Z": lambda r, k: counted(r) * (softmax(r, k) - delta(c[r], k)) / COUNT},
        source=f"{TORCH}.cross_entropy",
    ),
)

V, W, bias = tensor("X", m, d), tensor("W", n, d), tensor("b", n)


def logit(r: sp.Expr, k: sp.Expr) -> sp.Expr:
    """The entry of XWᵀ + b."""
    return sum_over(d, lambda s: V[r, s] * W[k, s]) + bias[k]


def excess_probability(r: sp.Expr, k: sp.Expr) -> sp.Expr:
    """A class's probability, less 1 for the right one."""
    return sp.exp(logit(r, k) - logsumexp(n, lambda s: logit(r, s))) - delta(c[r], k)


def linear_cross_entropy(X: torch.Tensor, W: torch.Tensor, b: torch.Tensor, c: torch.Tensor) -> torch.Tensor:
    """torch's own loss in the versions that have it."""
    if hasattr(functional, "linear_cross_entropy"):
        return functional.linear_cross_entropy(X, W, c, linear_bias=b)
    return functional.cross_entropy(functional.linear(X, W, b), c)


LINEAR = Formula(
    name="linear_cross_entropy",
    title="Cross-entropy of a linear layer's logits XWᵀ + b",
    topic="losses",
    definition=mean_over(m, lambda r: logsumexp(n, lambda k: logit(r, k)) - logit(r, c[r])),
    variables=(V, W, bias, c),
    wrt=("X", "W", "b"),
    domains=CLASSES,
    torch=linear_cross_entropy,
    stated={
        "X": lambda r, s: sum_over(n, lambda k: excess_probability(r, k) * W[k, s]) / m,
        "W": lambda k, s: sum_over(m, lambda r: excess_probability(r, k) * V[r, s]) / m,
        "b": lambda k: sum_over(m, lambda r: excess_probability(r, k)) / m,
    },
    source="Bishop, Pattern Recognition and Machine Learning, eq. 4.109",
)

BOTH = (NLL, MULTI_MARGIN, SOFT, MULTILABEL, COSINE, TRIPLETS)
FORMULAS = (
    *(formula for loss in BOTH for formula in (loss.entries(), loss.sum())),
    MULTI_MARGIN_WEIGHTED.mean(),
    SOFT_WEIGHTED.mean(),
    *IGNORING,
    LINEAR,
)
