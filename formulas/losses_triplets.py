"""Triplet losses: in the Euclidean distance and in distances of one's own, with the negative swapped and not."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp
import torch
from torch.nn import functional

from gradcheck.symbolic.domains import NONZERO, POSITIVE, UNIT_INTERVAL, Domain
from gradcheck.symbolic.formula import Edge, Formula
from gradcheck.symbolic.functions import absolute, sign
from gradcheck.symbolic.piecewise import cases, smaller
from gradcheck.symbolic.tensors import dimension, mean_over, scalar, sum_over, tensor

from ._margins import above_zero, from_zero

m, n = dimension("m n")
x, p, q = (tensor(name, n) for name in "xpq")
X, P, Q = (tensor(name, m, n) for name in "XPQ")
margin, order, epsilon = scalar("μ"), scalar("r"), scalar("ε")

WITH_DISTANCE = "PyTorch documentation, torch.nn.functional.triplet_margin_with_distance_loss"
BALNTAS = "Balntas et al., Learning Local Feature Descriptors with Triplets (2016)"
EPSILON = sp.Float("1e-6")
KINKS = "exactly at the margin torch takes the slope of a violation"
TIES = f"{KINKS}; where the negative is equally far from both, both share the slope evenly"
WIDE = Domain("numbers around 3", lambda generator, shape, _: generator.uniform(2.5, 3.5, shape))

Vector = Callable[[sp.Expr], sp.Expr]
"""A vector by its entries: a tensor's, or those in one row of a matrix."""


def vector(base: sp.IndexedBase, *row: sp.Expr) -> Vector:
    """The whole of a vector, or a row of a matrix."""
    return lambda k: base[(*row, k)]


def inner(u: Vector, v: Vector) -> sp.Expr:
    """The inner product."""
    return sum_over(n, lambda k: u(k) * v(k))


def distance(u: Vector, v: Vector) -> sp.Expr:
    """The Euclidean distance, with the 1e-6 that torch adds to each difference."""
    return sp.sqrt(sum_over(n, lambda k: (u(k) - v(k) + EPSILON) ** 2))


def towards(u: Vector, v: Vector, j: sp.Expr) -> sp.Expr:
    """The slope of that distance by the first vector."""
    return (u(j) - v(j) + EPSILON) / distance(u, v)


def turn(u: Vector, v: Vector) -> sp.Expr:
    """The distance 1 - cosine."""
    return 1 - inner(u, v) / sp.sqrt(inner(u, u) * inner(v, v))


def turning(u: Vector, v: Vector, j: sp.Expr) -> sp.Expr:
    """The slope of that distance by the first vector; it is symmetric, so by the second as well."""
    return (1 - turn(u, v)) * u(j) / inner(u, u) - v(j) / sp.sqrt(inner(u, u) * inner(v, v))


def square(u: Vector, v: Vector) -> sp.Expr:
    """The squared Euclidean distance."""
    return sum_over(n, lambda k: (u(k) - v(k)) ** 2)


def cosine_distance(u: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """1 - cosine, row by row."""
    return 1 - functional.cosine_similarity(u, v, dim=-1)


def squared_distance(u: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """The squared Euclidean distance, row by row."""
    return torch.sum((u - v) ** 2, dim=-1)


ANCHOR, NEAR, FAR = vector(x), vector(p), vector(q)
EXCESS = distance(ANCHOR, NEAR) - distance(ANCHOR, FAR) + margin
TRIPLET = Formula(
    name="triplet_margin",
    title="Triplet margin loss of one triplet",
    topic="losses",
    definition=above_zero(EXCESS),
    variables=(x, p, q, margin),
    wrt=("x", "p", "q"),
    domains={"μ": WIDE},
    torch=lambda x, p, q, margin: functional.triplet_margin_loss(x, p, q, margin=margin.detach().item()),
    stated={
        "x": lambda j: from_zero(EXCESS) * (towards(ANCHOR, NEAR, j) - towards(ANCHOR, FAR, j)),
        "p": lambda j: -from_zero(EXCESS) * towards(ANCHOR, NEAR, j),
        "q": lambda j: from_zero(EXCESS) * towards(ANCHOR, FAR, j),
    },
    edges=(
        Edge("far enough", {"x": [0.0, 0.5], "p": [0.25, 0.5], "q": [800.0, 3.0], "μ": 1.0}),
        Edge("entries of ±800", {"x": [800.0, -800.0], "p": [-800.0, 0.5], "q": [0.5, 1.0], "μ": 1.0}),
    ),
    kinks=KINKS,
    source=BALNTAS,
)


TO_POWER = sum_over(n, lambda k: absolute(x[k] - p[k] + epsilon) ** order)
FAR_POWER = sum_over(n, lambda k: absolute(x[k] - q[k] + epsilon) ** order)
POWER_EXCESS = TO_POWER ** (1 / order) - FAR_POWER ** (1 / order) + margin


def towards_in_power(v: sp.IndexedBase, power: sp.Expr, j: sp.Expr) -> sp.Expr:
    """The slope of the anchor's distance to another vector in the r-norm."""
    gap = x[j] - v[j] + epsilon
    return sign(gap) * absolute(gap) ** (order - 1) * power ** (1 / order - 1)


TRIPLET_POWER = Formula(
    name="triplet_margin_p",
    title="Triplet margin loss of one triplet in the r-norm, with ε added to each difference",
    topic="losses",
    definition=above_zero(POWER_EXCESS),
    variables=(x, p, q, margin, order, epsilon),
    wrt=("x",),
    domains={"μ": WIDE, "r": WIDE, "ε": UNIT_INTERVAL},
    torch=lambda x, p, q, *numbers: functional.triplet_margin_loss(
        x, p, q, **dict(zip(("margin", "p", "eps"), (each.detach().item() for each in numbers), strict=True))
    ),
    stated={
        "x": lambda j: from_zero(POWER_EXCESS) * (towards_in_power(p, TO_POWER, j) - towards_in_power(q, FAR_POWER, j))
    },
    kinks=KINKS,
    source="PyTorch documentation, torch.nn.functional.triplet_margin_loss",
)


def nearer(by_anchor: sp.Expr, by_positive: sp.Expr, to_anchor: sp.Expr, to_positive: sp.Expr) -> sp.Expr:
    """One expression where the negative is nearer to the anchor, the other where it is nearer to the positive."""
    half = (by_anchor + by_positive) / 2
    return cases((by_anchor, to_anchor < to_positive), (by_positive, to_anchor > to_positive), otherwise=half)


TO_ANCHOR, TO_POSITIVE = distance(ANCHOR, FAR), distance(NEAR, FAR)
SWAPPED_EXCESS = distance(ANCHOR, NEAR) - smaller(TO_ANCHOR, TO_POSITIVE) + margin
TRIPLET_SWAP = Formula(
    name="triplet_margin_swap",
    title="Triplet margin loss with the negative's distance to the nearer of the other two",
    topic="losses",
    definition=above_zero(SWAPPED_EXCESS),
    variables=(x, p, q, margin),
    wrt=("x", "p", "q"),
    domains={"μ": WIDE},
    torch=lambda x, p, q, margin: functional.triplet_margin_loss(x, p, q, margin=margin.detach().item(), swap=True),
    stated={
        "x": lambda j: (
            from_zero(SWAPPED_EXCESS)
            * (towards(ANCHOR, NEAR, j) - nearer(towards(ANCHOR, FAR, j), sp.S.Zero, TO_ANCHOR, TO_POSITIVE))
        ),
        "p": lambda j: (
            -from_zero(SWAPPED_EXCESS)
            * (towards(ANCHOR, NEAR, j) + nearer(sp.S.Zero, towards(NEAR, FAR, j), TO_ANCHOR, TO_POSITIVE))
        ),
        "q": lambda j: (
            from_zero(SWAPPED_EXCESS) * nearer(towards(ANCHOR, FAR, j), towards(NEAR, FAR, j), TO_ANCHOR, TO_POSITIVE)
        ),
    },
    edges=(
        Edge("nearer to the anchor", {"x": [0.0, 0.5], "p": [3.0, 0.5], "q": [0.25, -0.5], "μ": 1.0}),
        Edge("nearer to the positive", {"x": [0.0, 0.5], "p": [3.0, 0.5], "q": [2.5, -0.5], "μ": 1.0}),
    ),
    kinks=TIES,
    source=f"{BALNTAS}, section 3.1",
)


def row_excess(r: sp.Expr) -> sp.Expr:
    """What the loss of a row's triplet is where it is not 0, in the distance 1 - cosine."""
    return turn(vector(X, r), vector(P, r)) - turn(vector(X, r), vector(Q, r)) + margin


def share(r: sp.Expr) -> sp.Expr:
    """What a row's triplet counts in the mean."""
    return from_zero(row_excess(r)) / m


ROWS = {"X": [[1.0, 2.0], [800.0, 0.5]], "P": [[2.0, 4.5], [-1.0, 2.0]], "Q": [[-2.0, 0.5], [1.0, 0.25]], "μ": 0.5}
HALVES = {"X": [[1.0, 1.0, 1.0, 1.0]], "P": [[1.0, 1.0, 1.0, -1.0]], "Q": [[-1.0, -1.0, -1.0, 1.0]], "μ": 1.0}
COSINE = Formula(
    name="triplet_margin_cosine",
    title="Triplet margin loss in the distance 1 - cosine",
    topic="losses",
    definition=mean_over(m, lambda r: above_zero(row_excess(r))),
    variables=(X, P, Q, margin),
    wrt=("X", "P", "Q"),
    domains={**dict.fromkeys("XPQ", NONZERO), "μ": POSITIVE},
    torch=lambda X, P, Q, margin: functional.triplet_margin_with_distance_loss(
        X, P, Q, distance_function=cosine_distance, margin=margin.detach().item()
    ),
    stated={
        "X": lambda r, c: share(r) * (turning(vector(X, r), vector(P, r), c) - turning(vector(X, r), vector(Q, r), c)),
        "P": lambda r, c: share(r) * turning(vector(P, r), vector(X, r), c),
        "Q": lambda r, c: -share(r) * turning(vector(Q, r), vector(X, r), c),
    },
    edges=(
        Edge("one row far enough, one not", ROWS),
        Edge("at the margin", HALVES, kink=True),
    ),
    kinks=KINKS,
    source=WITH_DISTANCE,
)

TURN_TO_ANCHOR, TURN_TO_POSITIVE = turn(ANCHOR, FAR), turn(NEAR, FAR)
TURNED_EXCESS = turn(ANCHOR, NEAR) - smaller(TURN_TO_ANCHOR, TURN_TO_POSITIVE) + margin


def nearer_turn(by_anchor: sp.Expr, by_positive: sp.Expr) -> sp.Expr:
    """One of the two slopes, by what the negative is nearer to in the distance 1 - cosine."""
    return nearer(by_anchor, by_positive, TURN_TO_ANCHOR, TURN_TO_POSITIVE)


COSINE_SWAP = Formula(
    name="triplet_margin_cosine_swap",
    title="Triplet margin loss in the distance 1 - cosine, with the negative's to the nearer of the other two",
    topic="losses",
    definition=above_zero(TURNED_EXCESS),
    variables=(x, p, q, margin),
    wrt=("x", "p", "q"),
    domains={**dict.fromkeys("xpq", NONZERO), "μ": POSITIVE},
    torch=lambda x, p, q, margin: functional.triplet_margin_with_distance_loss(
        x, p, q, distance_function=cosine_distance, margin=margin.detach().item(), swap=True, reduction="sum"
    ),
    stated={
        "x": lambda j: (
            from_zero(TURNED_EXCESS) * (turning(ANCHOR, NEAR, j) - nearer_turn(turning(ANCHOR, FAR, j), sp.S.Zero))
        ),
        "p": lambda j: (
            from_zero(TURNED_EXCESS) * (turning(NEAR, ANCHOR, j) - nearer_turn(sp.S.Zero, turning(NEAR, FAR, j)))
        ),
        "q": lambda j: -from_zero(TURNED_EXCESS) * nearer_turn(turning(FAR, ANCHOR, j), turning(FAR, NEAR, j)),
    },
    edges=(
        Edge("nearer to the anchor", {"x": [0.5, 2.0], "p": [3.0, -0.5], "q": [-0.25, 0.5], "μ": 0.5}),
        Edge("nearer to the positive", {"x": [-0.5, 2.0], "p": [3.0, 0.5], "q": [2.0, 0.5], "μ": 0.5}),
    ),
    kinks=TIES,
    source=WITH_DISTANCE,
)

SQUARED_EXCESS = square(ANCHOR, NEAR) - square(ANCHOR, FAR) + margin
SQUARED = Formula(
    name="triplet_margin_squared",
    title="Triplet margin loss of one triplet in the squared Euclidean distance",
    topic="losses",
    definition=above_zero(SQUARED_EXCESS),
    variables=(x, p, q, margin),
    wrt=("x", "p", "q"),
    domains={"μ": WIDE},
    torch=lambda x, p, q, margin: functional.triplet_margin_with_distance_loss(
        x, p, q, distance_function=squared_distance, margin=margin.detach().item(), reduction="none"
    ),
    stated={
        "x": lambda j: 2 * from_zero(SQUARED_EXCESS) * (q[j] - p[j]),
        "p": lambda j: 2 * from_zero(SQUARED_EXCESS) * (p[j] - x[j]),
        "q": lambda j: 2 * from_zero(SQUARED_EXCESS) * (x[j] - q[j]),
    },
    edges=(
        Edge("at the margin", {"x": [0.0, 0.0], "p": [1.0, 0.0], "q": [1.0, 1.0], "μ": 1.0}, kink=True),
        Edge("far enough", {"x": [0.0, 0.5], "p": [0.25, 0.5], "q": [80.0, 3.0], "μ": 1.0}),
    ),
    kinks=KINKS,
    source=WITH_DISTANCE,
)

FORMULAS = (TRIPLET, TRIPLET_POWER, TRIPLET_SWAP, COSINE, COSINE_SWAP, SQUARED)
