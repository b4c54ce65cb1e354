"""Similarities, distances and divergences of torch.nn.functional, with their options."""

from __future__ import annotations

import sympy as sp
from torch.nn import functional

from gradcheck.symbolic.domains import NONZERO, SIMPLEX, Domain
from gradcheck.symbolic.formula import Edge, Formula
from gradcheck.symbolic.functions import absolute, sign
from gradcheck.symbolic.tensors import dimension, mean_over, scalar, sum_over, tensor

m, n = dimension("m n")
x, y, z, p, q = (tensor(name, n) for name in "xyzpq")
X, Y = tensor("X", m, n), tensor("Y", m, n)
order = scalar("r")

TORCH = "PyTorch documentation, torch.nn.functional"
KULLBACK = "Kullback and Leibler, On Information and Sufficiency (1951)"
EPSILON = sp.Float("1e-6")
WIDE = Domain("numbers around 3", lambda generator, shape, _: generator.uniform(2.5, 3.5, shape))


def squared(u: sp.IndexedBase) -> sp.Expr:
    """The squared norm."""
    return sum_over(n, lambda k: u[k] ** 2)


def inner(u: sp.IndexedBase, v: sp.IndexedBase) -> sp.Expr:
    """The inner product."""
    return sum_over(n, lambda k: u[k] * v[k])


def distance(u: sp.IndexedBase, v: sp.IndexedBase) -> sp.Expr:
    """The Euclidean distance, with the 1e-6 that torch adds to each difference."""
    return sp.sqrt(sum_over(n, lambda k: (u[k] - v[k] + EPSILON) ** 2))


def towards(u: sp.IndexedBase, v: sp.IndexedBase, j: sp.Expr) -> sp.Expr:
    """The slope of that distance by the first vector."""
    return (u[j] - v[j] + EPSILON) / distance(u, v)


COSINE = inner(x, y) / sp.sqrt(squared(x) * squared(y))

SIMILARITIES = (
    Formula(
        name="cosine_similarity",
        title="Cosine similarity",
        topic="distances",
        definition=COSINE,
        variables=(x, y),
        domains={"x": NONZERO, "y": NONZERO},
        torch=lambda x, y: functional.cosine_similarity(x, y, dim=-1),
        stated={
            "x": lambda j: y[j] / sp.sqrt(squared(x) * squared(y)) - COSINE * x[j] / squared(x),
            "y": lambda j: x[j] / sp.sqrt(squared(x) * squared(y)) - COSINE * y[j] / squared(y),
        },
        edges=(
            Edge("long and short", {"x": [800.0, -800.0, 1.0], "y": [2.0, -1.0, 0.5]}),
            Edge("orthogonal", {"x": [1.0, 0.0, 2.0], "y": [0.0, 3.0, 0.0]}),
        ),
        kinks="a vector of norm below 1e-8: torch divides by 1e-8 instead",
        source=f"{TORCH}.cosine_similarity",
    ),
    Formula(
        name="pairwise_distance",
        title="Euclidean distance of two vectors, 1e-6 added to each difference",
        topic="distances",
        definition=distance(x, y),
        variables=(x, y),
        torch=functional.pairwise_distance,
        stated={"x": lambda j: towards(x, y, j), "y": lambda j: -towards(x, y, j)},
        edges=(
            Edge("entries of ±800", {"x": [800.0, -800.0], "y": [-800.0, 0.5]}),
            Edge("one axis apart", {"x": [1.0, 2.0, 3.0], "y": [1.0, 2.0, 0.0]}),
        ),
        kinks="x = y: the slope is ±1/√n in each entry, for the sake of the 1e-6",
        source=f"{TORCH}.pairwise_distance",
    ),
    Formula(
        name="pairwise_distance_p",
        title="Distance of two vectors in the r-norm",
        topic="distances",
        definition=sum_over(n, lambda k: absolute(x[k] - y[k] + EPSILON) ** order) ** (1 / order),
        variables=(x, y, order),
        wrt=("x",),
        domains={"r": WIDE},
        torch=lambda x, y, order: functional.pairwise_distance(x, y, p=order.detach().item()),
        stated={
            "x": lambda j: (
                sign(x[j] - y[j] + EPSILON)
                * absolute(x[j] - y[j] + EPSILON) ** (order - 1)
                * sum_over(n, lambda k: absolute(x[k] - y[k] + EPSILON) ** order) ** (1 / order - 1)
            )
        },
        edges=(Edge("entries of ±800", {"x": [800.0, -800.0], "y": [-1.0, 0.5], "r": 3.0}),),
        kinks="r = 1: every axis on which the vectors agree",
        source=f"{TORCH}.pairwise_distance",
    ),
)

DIVERGENCES = (
    Formula(
        name="kl_divergence_batch",
        title="Kullback-Leibler divergence from log-probabilities, over the number of rows",
        topic="losses",
        definition=mean_over(m, lambda r: sum_over(n, lambda k: Y[r, k] * (sp.log(Y[r, k]) - X[r, k]))),
        variables=(X, Y),
        domains={"Y": SIMPLEX},
        torch=lambda X, Y: functional.kl_div(X, Y, reduction="batchmean"),
        stated={
            "X": lambda row, column: -Y[row, column] / m,
            "Y": lambda row, column: (sp.log(Y[row, column]) + 1 - X[row, column]) / m,
        },
        edges=(Edge("log-probabilities of -800", {"X": [[-800.0, 0.0]], "Y": [[0.25, 0.75]]}),),
        kinks="Y = 0: the value is 0 there, the slope by Y infinite, and torch says nan",
        source=KULLBACK,
    ),
    Formula(
        name="kl_divergence_mean",
        title="Kullback-Leibler divergence from log-probabilities, over the number of entries",
        topic="losses",
        definition=mean_over(n, lambda k: p[k] * (sp.log(p[k]) - z[k])),
        variables=(z, p),
        wrt=("z",),
        domains={"p": SIMPLEX},
        torch=lambda z, p: functional.kl_div(z, p, reduction="none").mean(),
        stated={"z": lambda j: -p[j] / n},
        edges=(Edge("a target of 0", {"z": [-1.0, -0.5], "p": [0.25, 1.0]}),),
        source=f"{TORCH}.kl_div",
    ),
    Formula(
        name="kl_divergence_log_target",
        title="Kullback-Leibler divergence of log-probabilities",
        topic="losses",
        definition=sum_over(n, lambda k: sp.exp(q[k]) * (q[k] - z[k])),
        variables=(z, q),
        torch=lambda z, q: functional.kl_div(z, q, reduction="sum", log_target=True),
        stated={"z": lambda j: -sp.exp(q[j]), "q": lambda j: sp.exp(q[j]) * (q[j] - z[j] + 1)},
        edges=(Edge("log-probabilities of -800", {"z": [-1.0, -800.0, 0.0], "q": [-800.0, -1.0, -0.5]}),),
        source=f"{TORCH}.kl_div",
    ),
)

FORMULAS = SIMILARITIES + DIVERGENCES
