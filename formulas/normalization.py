"""Normalisation layers: batch (training and evaluation), layer, group and root mean square."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp
from torch.nn import functional

from gradcheck.symbolic.domains import POSITIVE
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.tensors import delta, dimension, index, mean_over, scalar, tensor

m, n, g, c, w = dimension("m n g c w")
i, k, l = index("i k l")
X, gamma, beta, epsilon = tensor("X", m, n), tensor("γ", n), tensor("β", n), scalar("ε")

TOPIC = "normalization"
Entries = Callable[[sp.Expr], sp.Expr]


def mean(size: sp.Expr, entries: Entries) -> sp.Expr:
    """The mean of the entries."""
    return mean_over(size, entries)


def deviation(size: sp.Expr, entries: Entries) -> sp.Expr:
    """√(variance + ε), the variance over the number of entries."""
    center = mean(size, entries)
    return sp.sqrt(mean_over(size, lambda r: (entries(r) - center) ** 2) + epsilon)


def normalized(size: sp.Expr, entries: Entries, at: sp.Expr) -> sp.Expr:
    """An entry less the mean, over the deviation."""
    return (entries(at) - mean(size, entries)) / deviation(size, entries)


def normalized_slope(size: sp.Expr, entries: Entries, at: sp.Expr, by: sp.Expr) -> sp.Expr:
    """∂x̂_at/∂x_by = (δ - 1/n - x̂_at x̂_by/n)/√(variance + ε)."""
    product = normalized(size, entries, at) * normalized(size, entries, by)
    return (delta(at, by) - 1 / size - product / size) / deviation(size, entries)


def row(sample: sp.Expr) -> Entries:
    """The entries of one sample."""
    return lambda r: X[sample, r]


def column(feature: sp.Expr) -> Entries:
    """The entries of one feature, over the batch."""
    return lambda r: X[r, feature]


LAYER_NORM = Formula(
    name="layer_norm",
    title="Layer normalisation",
    topic=TOPIC,
    definition=gamma[k] * normalized(n, row(i), k) + beta[k],
    variables=(X, gamma, beta, epsilon),
    wrt=("X", "γ", "β"),
    output={i: m, k: n},
    domains={"ε": POSITIVE},
    torch=lambda X, gamma, beta, epsilon: functional.layer_norm(X, X.shape[-1:], gamma, beta, epsilon.detach().item()),
    stated={
        "X": lambda a, b: delta(i, a) * gamma[k] * normalized_slope(n, row(i), k, b),
        "γ": lambda j: delta(k, j) * normalized(n, row(i), k),
        "β": lambda j: delta(k, j),
    },
    kinks="none for ε > 0",
    source="Ba, Kiros and Hinton, Layer Normalization (2016), eq. 4",
)

BATCH_NORM = Formula(
    name="batch_norm_train",
    title="Batch normalisation in training: by the batch's own mean and variance",
    topic=TOPIC,
    definition=gamma[k] * normalized(m, column(k), i) + beta[k],
    variables=(X, gamma, beta, epsilon),
    wrt=("X", "γ", "β"),
    output={i: m, k: n},
    domains={"ε": POSITIVE},
    torch=lambda X, gamma, beta, epsilon: functional.batch_norm(
        X, None, None, gamma, beta, training=True, eps=epsilon.detach().item()
    ),
    stated={
        "X": lambda a, b: delta(k, b) * gamma[k] * normalized_slope(m, column(k), i, a),
        "γ": lambda j: delta(k, j) * normalized(m, column(k), i),
        "β": lambda j: delta(k, j),
    },
    kinks="none for ε > 0",
    source="Ioffe and Szegedy, Batch Normalization (2015), algorithm 1",
)

center, spread = tensor("μ", n), tensor("v", n)

BATCH_NORM_EVAL = Formula(
    name="batch_norm_eval",
    title="Batch normalisation in evaluation: by running mean and variance",
    topic=TOPIC,
    definition=gamma[k] * (X[i, k] - center[k]) / sp.sqrt(spread[k] + epsilon) + beta[k],
    variables=(X, center, spread, gamma, beta, epsilon),
    wrt=("X", "γ", "β"),
    output={i: m, k: n},
    domains={"ε": POSITIVE, "v": POSITIVE},
    torch=lambda X, center, spread, gamma, beta, epsilon: functional.batch_norm(
        X, center, spread, gamma, beta, training=False, eps=epsilon.detach().item()
    ),
    stated={
        "X": lambda a, b: delta(i, a) * delta(k, b) * gamma[k] / sp.sqrt(spread[k] + epsilon),
        "γ": lambda j: delta(k, j) * (X[i, k] - center[k]) / sp.sqrt(spread[k] + epsilon),
        "β": lambda j: delta(k, j),
    },
    source="Ioffe and Szegedy, Batch Normalization (2015), algorithm 2",
)


def root_mean_square(sample: sp.Expr) -> sp.Expr:
    """√(mean of squares + ε) of a row."""
    return sp.sqrt(mean_over(n, lambda r: X[sample, r] ** 2) + epsilon)


RMS_NORM = Formula(
    name="rms_norm",
    title="Root mean square normalisation",
    topic=TOPIC,
    definition=gamma[k] * X[i, k] / root_mean_square(i),
    variables=(X, gamma, epsilon),
    wrt=("X", "γ"),
    output={i: m, k: n},
    domains={"ε": POSITIVE},
    torch=lambda X, gamma, epsilon: functional.rms_norm(X, X.shape[-1:], gamma, epsilon.detach().item()),
    stated={
        "X": lambda a, b: (
            delta(i, a)
            * gamma[k]
            * (delta(k, b) - X[i, k] * X[i, b] / (n * root_mean_square(i) ** 2))
            / root_mean_square(i)
        ),
        "γ": lambda j: delta(k, j) * X[i, k] / root_mean_square(i),
    },
    source="Zhang and Sennrich, Root Mean Square Layer Normalization (2019), eq. 4",
)

GROUPED, SCALE, SHIFT = tensor("x", g, c, w), tensor("γ", g, c), tensor("β", g, c)


def group_mean(group: sp.Expr) -> sp.Expr:
    """The mean over a group's channels and places."""
    return mean_over(c, lambda r: mean_over(w, lambda s: GROUPED[group, r, s]))


def group_deviation(group: sp.Expr) -> sp.Expr:
    """√(variance + ε) over a group's channels and places."""
    center = group_mean(group)
    return sp.sqrt(mean_over(c, lambda r: mean_over(w, lambda s: (GROUPED[group, r, s] - center) ** 2)) + epsilon)


def group_normalized(group: sp.Expr, channel: sp.Expr, place: sp.Expr) -> sp.Expr:
    """An entry less its group's mean, over its group's deviation."""
    return (GROUPED[group, channel, place] - group_mean(group)) / group_deviation(group)


def group_slope(group: sp.Expr, channel: sp.Expr, place: sp.Expr) -> sp.Expr:
    """The derivative of the output at (i, k, l) by an entry."""
    product = group_normalized(i, k, l) * group_normalized(i, channel, place)
    within = delta(k, channel) * delta(l, place) - (1 + product) / (c * w)
    return delta(i, group) * SCALE[i, k] * within / group_deviation(i)


GROUP_NORM = Formula(
    name="group_norm",
    title="Group normalisation, the channels laid out by group",
    topic=TOPIC,
    definition=SCALE[i, k] * group_normalized(i, k, l) + SHIFT[i, k],
    variables=(GROUPED, SCALE, SHIFT, epsilon),
    wrt=("x", "γ", "β"),
    output={i: g, k: c, l: w},
    domains={"ε": POSITIVE},
    torch=lambda x, scale, shift, epsilon: functional.group_norm(
        x.reshape(1, -1, x.shape[2]), x.shape[0], scale.reshape(-1), shift.reshape(-1), epsilon.detach().item()
    ).reshape(x.shape),
    stated={
        "x": group_slope,
        "γ": lambda a, b: delta(i, a) * delta(k, b) * group_normalized(i, k, l),
        "β": lambda a, b: delta(i, a) * delta(k, b),
    },
    source="Wu and He, Group Normalization (2018), eq. 1 to 4",
)

FORMULAS = (LAYER_NORM, RMS_NORM, BATCH_NORM, BATCH_NORM_EVAL, GROUP_NORM)
