"""The margin losses of torch.nn.functional, with their options."""

from __future__ import annotations

import sympy as sp
import torch
from torch.nn import functional

from gradcheck.symbolic import domains
from gradcheck.symbolic.domains import POSITIVE, Domain
from gradcheck.symbolic.formula import Edge, Formula
from gradcheck.symbolic.piecewise import cases
from gradcheck.symbolic.tensors import delta, dimension, index, integer_tensor, mean_over, scalar, sum_over, tensor

from ._margins import above_zero, from_zero, hinge, positive

m, n = dimension("m n")
i = index("i")
a, b, d, x, y, z, p, q = (tensor(name, n) for name in "abdxyzpq")
A, B, X, Y, W = (tensor(name, m, n) for name in "ABXYW")
c, t = integer_tensor("c", m), tensor("t", m)
margin, order = scalar("μ"), scalar("r")

TORCH = "PyTorch documentation, torch.nn.functional"
EPSILON = sp.Float("1e-6")
TINY = sp.Float("9.999999960041972e-13")
"""What `cosine_embedding_loss` adds to squared norms: 1e-12 in single precision."""
SIGNS = Domain("-1 or 1", lambda generator, shape, _: generator.choice([-1.0, 1.0], shape))
BITS = Domain("0 or 1", lambda generator, shape, _: generator.integers(0, 2, shape).astype(float))
WIDE = Domain("numbers around 3", lambda generator, shape, _: generator.uniform(2.5, 3.5, shape))
KULLBACK = "Kullback and Leibler, On Information and Sufficiency (1951)"


def squared(u: sp.IndexedBase) -> sp.Expr:
    """The squared norm."""
    return sum_over(n, lambda k: u[k] ** 2)


def inner(u: sp.IndexedBase, v: sp.IndexedBase) -> sp.Expr:
    """The inner product."""
    return sum_over(n, lambda k: u[k] * v[k])


SHIFTED = inner(x, y) / sp.sqrt((squared(x) + TINY) * (squared(y) + TINY))


def shifted_slope(j: sp.Expr) -> sp.Expr:
    """The slope of the cosine that `cosine_embedding_loss` takes, by the first vector."""
    return y[j] / sp.sqrt((squared(x) + TINY) * (squared(y) + TINY)) - SHIFTED * x[j] / (squared(x) + TINY)


def violation(row: sp.Expr, column: sp.Expr) -> sp.Expr:
    """By how much a class comes closer to the right one than the margin allows."""
    return margin - X[row, c[row]] + X[row, column]


def others(row: sp.Expr, body: sp.Expr, column: sp.Expr) -> sp.Expr:
    """The expression for every class but the right one."""
    return (1 - delta(c[row], column)) * body


PAIRS = (
    Formula(
        name="margin_ranking",
        title="Margin ranking loss",
        topic="losses",
        definition=mean_over(n, lambda k: above_zero(margin - y[k] * (a[k] - b[k]))),
        variables=(a, b, y, margin),
        wrt=("a", "b"),
        domains={"y": SIGNS},
        torch=lambda a, b, y, margin: functional.margin_ranking_loss(a, b, y, margin=margin.detach().item()),
        stated={
            "a": lambda j: -y[j] * from_zero(margin - y[j] * (a[j] - b[j])) / n,
            "b": lambda j: y[j] * from_zero(margin - y[j] * (a[j] - b[j])) / n,
        },
        edges=(
            Edge("at the margin", {"a": [1.0, 2.0], "b": [0.5, 0.0], "y": [1.0, -1.0], "μ": 0.5}, kink=True),
            Edge("scores of ±800", {"a": [800.0, -800.0], "b": [0.5, 0.0], "y": [-1.0, -1.0], "μ": 0.5}),
        ),
        kinks="exactly at the margin any slope between the two is a subgradient, torch takes that of a violation",
        source=f"{TORCH}.margin_ranking_loss",
    ),
    Formula(
        name="hinge_embedding",
        title="Hinge embedding loss",
        topic="losses",
        definition=mean_over(n, lambda k: cases((x[k], y[k] > 0), otherwise=above_zero(margin - x[k]))),
        variables=(x, y, margin),
        wrt=("x",),
        domains={"y": SIGNS, "μ": POSITIVE},
        torch=lambda x, y, margin: functional.hinge_embedding_loss(x, y, margin=margin.detach().item()),
        stated={"x": lambda j: cases((sp.S.One, y[j] > 0), otherwise=-from_zero(margin - x[j])) / n},
        edges=(Edge("distances of 800 and at the margin", {"x": [800.0, 1.0], "y": [1.0, -1.0], "μ": 1.0}, kink=True),),
        kinks="x = μ where y = -1: torch takes the slope of a violation, -1/n",
        source=f"{TORCH}.hinge_embedding_loss",
    ),
    Formula(
        name="cosine_embedding_alike",
        title="Cosine embedding loss of two vectors that should be alike",
        topic="losses",
        definition=1 - SHIFTED,
        variables=(x, y),
        wrt=("x",),
        torch=lambda x, y: functional.cosine_embedding_loss(x, y, torch.ones((), dtype=x.dtype)),
        stated={"x": lambda j: -shifted_slope(j)},
        edges=(Edge("the origin", {"x": [0.0, 0.0], "y": [1.0, 2.0]}),),
        kinks="none: torch adds 1e-12 to both squared norms",
        source=f"{TORCH}.cosine_embedding_loss",
    ),
    Formula(
        name="cosine_embedding_unlike",
        title="Cosine embedding loss of two vectors that should differ",
        topic="losses",
        definition=above_zero(SHIFTED - margin),
        variables=(x, y, margin),
        wrt=("x",),
        torch=lambda x, y, margin: functional.cosine_embedding_loss(
            x, y, -torch.ones((), dtype=x.dtype), margin=margin.detach().item()
        ),
        stated={"x": lambda j: from_zero(SHIFTED - margin) * shifted_slope(j)},
        edges=(
            Edge("alike, and so wrong", {"x": [1.0, 2.0], "y": [2.0, 1.0], "μ": 0.0}),
            Edge("unlike enough", {"x": [1.0, 2.0], "y": [-2.0, 0.5], "μ": 0.25}),
            Edge("at the margin", {"x": [1.0, 0.0], "y": [0.0, 1.0], "μ": 0.0}, kink=True),
        ),
        kinks="a cosine of exactly the margin: torch takes the slope of a violation",
        source=f"{TORCH}.cosine_embedding_loss",
    ),
)

MULTICLASS = (
    Formula(
        name="multi_margin",
        title="Multi-class margin loss",
        topic="losses",
        definition=mean_over(m, lambda r: mean_over(n, lambda k: others(r, hinge(violation(r, k)), k))),
        variables=(X, c, margin),
        wrt=("X",),
        domains={"c": domains.class_index("n"), "μ": POSITIVE},
        torch=lambda X, c, margin: functional.multi_margin_loss(X, c, margin=margin.detach().item()),
        stated={
            "X": lambda row, column: (
                (
                    others(row, positive(violation(row, column)), column)
                    - delta(c[row], column) * sum_over(n, lambda k: others(row, positive(violation(row, k)), k))
                )
                / (m * n)
            )
        },
        edges=(
            Edge("scores of ±800", {"X": [[800.0, -800.0, 0.0], [0.5, 0.25, -800.0]], "c": [1, 0], "μ": 1.0}),
            Edge("at the margin", {"X": [[1.0, 0.0], [0.5, 2.0]], "c": [0, 1], "μ": 1.0}, kink=True),
        ),
        kinks="exactly at the margin torch takes the slope 0",
        source="Crammer and Singer, Algorithmic Implementation of Multiclass Kernel-Based Vector Machines (2001)",
    ),
    Formula(
        name="multi_margin_squared",
        title="Multi-class margin loss with squared violations",
        topic="losses",
        definition=mean_over(m, lambda r: mean_over(n, lambda k: others(r, hinge(violation(r, k)) ** 2, k))),
        variables=(X, c, margin),
        wrt=("X",),
        domains={"c": domains.class_index("n"), "μ": POSITIVE},
        torch=lambda X, c, margin: functional.multi_margin_loss(X, c, p=2, margin=margin.detach().item()),
        stated={
            "X": lambda row, column: (
                2
                * (
                    others(row, hinge(violation(row, column)), column)
                    - delta(c[row], column) * sum_over(n, lambda k: others(row, hinge(violation(row, k)), k))
                )
                / (m * n)
            )
        },
        edges=(Edge("at the margin", {"X": [[1.0, 0.0], [1.5, 2.0]], "c": [0, 1], "μ": 1.0}),),
        kinks="none; the second derivative jumps at the margin",
        source=f"{TORCH}.multi_margin_loss",
    ),
    Formula(
        name="multilabel_margin",
        title="Multi-label margin loss of one sample, its labels given as 0 and 1",
        topic="losses",
        definition=mean_over(n, lambda k: sum_over(n, lambda l: y[l] * (1 - y[k]) * hinge(1 - x[l] + x[k]))),
        variables=(x, y),
        wrt=("x",),
        domains={"y": BITS},
        torch=lambda x, y: functional.multilabel_margin_loss(x, label_indices(y)),
        stated={
            "x": lambda j: (
                (
                    (1 - y[j]) * sum_over(n, lambda k: y[k] * positive(1 - x[k] + x[j]))
                    - y[j] * sum_over(n, lambda k: (1 - y[k]) * positive(1 - x[j] + x[k]))
                )
                / n
            )
        },
        edges=(
            Edge("scores of ±800", {"x": [800.0, -800.0, 0.0], "y": [0.0, 1.0, 0.0]}),
            Edge("at the margin", {"x": [1.0, 0.0, 2.0], "y": [1.0, 0.0, 0.0]}, kink=True),
        ),
        kinks="exactly at the margin of 1 torch takes the slope 0",
        source=f"{TORCH}.multilabel_margin_loss",
    ),
)


def label_indices(y: torch.Tensor) -> torch.Tensor:
    """The labels as torch takes them: their indices first, then -1."""
    found = torch.nonzero(y > 0).flatten()
    return torch.cat([found, -torch.ones(len(y) - len(found), dtype=found.dtype)])


FORMULAS = PAIRS + MULTICLASS
