"""Connectionist temporal classification: the loss of a target whose labels are aligned to frames in every way.

An alignment gives each frame a class, where 0 is the blank; it stands for the target that is left when neighbours that
are equal are merged and blanks are dropped. The loss is -log of the sum of all alignments' probabilities. So it is
defined, and so it is stated here, alignment by alignment; torch finds it by a recursion over frames. Index notation
holds no set of all alignments whatever the target, so they are given in two cases. For a single label and any number
of frames they are its first frame and its last. For n labels, none like the one before it, and n + 1 frames they are
the rows of a table: a blank stands in one of n + 1 gaps, or one of n labels takes two frames.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp
import torch
from torch.nn import functional

from gradcheck.symbolic.domains import Array, Domain
from gradcheck.symbolic.formula import Edge, Formula
from gradcheck.symbolic.piecewise import cases
from gradcheck.symbolic.tensors import delta, dimension, integer_tensor, logsumexp, mean_over, sum_over, tensor

m, n, v, N = dimension("m n v N")
PATHS, FRAMES, CLASSES = 2 * n + 1, n + 1, v + 2
X, Z, A = tensor("X", FRAMES, CLASSES), tensor("Z", FRAMES, CLASSES), integer_tensor("A", PATHS, FRAMES)

TOPIC = "losses"
GRAVES = "Graves et al., Connectionist Temporal Classification (2006)"
WHOLE = (
    "autograd gives the derivative plus exp X: it takes X to come out of a log_softmax, whose backward pass "
    "takes the same off again"
)


def alignments(labels: Any) -> Array:
    """Every alignment to one frame more than there are labels, of which none is like the one before it."""
    gaps = [np.insert(labels, place, 0) for place in range(len(labels) + 1)]
    longer = [np.insert(labels, place, label) for place, label in enumerate(labels)]
    return np.array([*gaps, *longer])


def _tables(generator: np.random.Generator, shape: tuple[int, ...], sizes: Any) -> Array:
    """The alignments of random labels, each some steps on from the one before it, but not all the way around."""
    *batch, _, frames = shape
    steps = generator.integers(1, sizes["v"] + 1, (*batch, frames - 1))
    labels = 1 + np.cumsum(steps, axis=-1) % (sizes["v"] + 1)
    return np.array([alignments(each) for each in labels.reshape(-1, frames - 1)]).reshape(shape)


ALIGNMENTS = Domain("all alignments of a target", _tables)
BITS = Domain("0 or 1", lambda generator, shape, _: generator.integers(0, 2, shape).astype(float))
LABEL = Domain("a class but the blank", lambda generator, shape, sizes: generator.integers(1, sizes["n"], shape))


def target(alignment: torch.Tensor) -> torch.Tensor:
    """The labels that an alignment stands for."""
    merged = torch.unique_consecutive(alignment)
    labels: torch.Tensor = merged[merged > 0]
    return labels


def ctc(X: torch.Tensor, labels: torch.Tensor, reduction: str) -> torch.Tensor:
    """torch's loss of one sample."""
    return functional.ctc_loss(X, labels, torch.tensor(len(X)), torch.tensor(len(labels)), reduction=reduction)


def aligned(scores: Any, table: Any, path: sp.Expr) -> sp.Expr:
    """The sum of what an alignment's classes score in their frames."""
    return sum_over(FRAMES, lambda t: scores(t, table(path, t)))


def all_aligned(scores: Any, table: Any) -> sp.Expr:
    """The logarithm of the sum of all alignments' exponentials."""
    return logsumexp(PATHS, lambda r: aligned(scores, table, r))


def posterior(scores: Any, table: Any, frame: sp.Expr, label: sp.Expr) -> sp.Expr:
    """The probability that a frame has a class, among the alignments."""
    return sum_over(
        PATHS,
        lambda r: delta(table(r, frame), label) * sp.exp(aligned(scores, table, r) - all_aligned(scores, table)),
    )


def entries(base: sp.IndexedBase, *first: sp.Expr) -> Any:
    """The entries of a matrix, or of one of several."""
    return lambda *indices: base[(*first, *indices)]


FAR = [[800.0, -800.0, 0.0], [-800.0, 0.5, 1.0], [0.25, 800.0, 1.0]]
TABLE = alignments([2, 1]).tolist()

LOG_PROBABILITIES = Formula(
    name="ctc",
    title="Connectionist temporal classification by log-probabilities, with a table A of alignments",
    topic=TOPIC,
    definition=-all_aligned(entries(X), entries(A)),
    variables=(X, A),
    wrt=("X",),
    domains={"A": ALIGNMENTS},
    torch=lambda X, A: ctc(X, target(A[0]), "sum"),
    stated={"X": lambda t, c: -posterior(entries(X), entries(A), t, c)},
    deviations={"X": {"reverse": WHOLE}},
    source=f"{GRAVES}, eq. 3 and 14",
)

LOGITS = Formula(
    name="ctc_with_logits",
    title="Connectionist temporal classification by logits, with a table A of alignments",
    topic=TOPIC,
    definition=sum_over(FRAMES, lambda t: logsumexp(CLASSES, lambda k: Z[t, k])) - all_aligned(entries(Z), entries(A)),
    variables=(Z, A),
    wrt=("Z",),
    domains={"A": ALIGNMENTS},
    torch=lambda Z, A: ctc(functional.log_softmax(Z, dim=-1), target(A[0]), "none"),
    stated={
        "Z": lambda t, c: (
            sp.exp(Z[t, c] - logsumexp(CLASSES, lambda k: Z[t, k])) - posterior(entries(Z), entries(A), t, c)
        )
    },
    edges=(Edge("logits of ±800", {"Z": FAR, "A": TABLE}),),
    source=f"{GRAVES}, eq. 16",
)

BATCH, TABLES, fits = tensor("Z", FRAMES, N, CLASSES), integer_tensor("A", N, PATHS, FRAMES), tensor("f", N)


def sample(s: sp.Expr) -> Any:
    """The logits of one sample, by frame and class."""
    return lambda t, k: BATCH[t, s, k]


def sample_loss(s: sp.Expr) -> sp.Expr:
    """The loss of one sample where its target fits, else 0."""
    normalizer = sum_over(FRAMES, lambda t: logsumexp(CLASSES, lambda k: BATCH[t, s, k]))
    return fits[s] * (normalizer - all_aligned(sample(s), entries(TABLES, s)))


def sample_slope(t: sp.Expr, s: sp.Expr, c: sp.Expr) -> sp.Expr:
    """The derivative of the loss of one sample that fits."""
    softmax = sp.exp(BATCH[t, s, c] - logsumexp(CLASSES, lambda k: BATCH[t, s, k]))
    return softmax - posterior(sample(s), entries(TABLES, s), t, c)


def batch_ctc(Z: torch.Tensor, A: torch.Tensor, fits: torch.Tensor) -> torch.Tensor:
    """torch's mean loss; a target that should not fit is given fewer frames than it has labels."""
    labels = torch.stack([target(table[0]) for table in A])
    n = labels.shape[-1]
    frames, lengths = torch.where(fits > 0, n + 1, n - 1), torch.full((len(labels),), n)
    return functional.ctc_loss(functional.log_softmax(Z, dim=-1), labels, frames, lengths, zero_infinity=True)


MEAN = Formula(
    name="ctc_mean",
    title="Connectionist temporal classification, the mean, with 0 for targets that do not fit (f = 0)",
    topic=TOPIC,
    definition=mean_over(N, sample_loss) / n,
    variables=(BATCH, TABLES, fits),
    wrt=("Z",),
    domains={"A": ALIGNMENTS, "f": BITS},
    torch=batch_ctc,
    stated={"Z": lambda t, s, c: fits[s] * sample_slope(t, s, c) / (N * n)},
    edges=(
        Edge(
            "one that fits, one that does not",
            {"Z": [[row, row] for row in FAR], "A": [TABLE, TABLE], "f": [1.0, 0.0]},
        ),
    ),
    source="PyTorch documentation, torch.nn.functional.ctc_loss, zero_infinity",
)

Y, label = tensor("Z", m, n), integer_tensor("c", sp.S.One)


def spoken(one: sp.Expr, other: sp.Expr, t: sp.Expr, yes: sp.Expr, no: sp.Expr) -> sp.Expr:
    """One expression from one frame to the other, where the label is, and another where the blank is."""
    return cases((yes, sp.And(one <= t, t <= other)), (yes, sp.And(other <= t, t <= one)), otherwise=no)


def span(one: sp.Expr, other: sp.Expr) -> sp.Expr:
    """What the alignment with the label between two frames scores; half, as each two frames come in either order."""
    twice = (1 - delta(one, other)) * sp.log(2)
    return sum_over(m, lambda t: spoken(one, other, t, Y[t, label[0]], Y[t, 0])) - twice


SPANS = logsumexp(m, lambda one: logsumexp(m, lambda other: span(one, other)))


def span_posterior(t: sp.Expr, k: sp.Expr) -> sp.Expr:
    """The probability that a frame has a class, among the alignments."""

    def term(one: sp.Expr, other: sp.Expr) -> sp.Expr:
        return sp.exp(span(one, other) - SPANS) * spoken(one, other, t, delta(k, label[0]), delta(k, 0))

    return sum_over(m, lambda one: sum_over(m, lambda other: term(one, other)))


ONE_LABEL = Formula(
    name="ctc_one_label",
    title="Connectionist temporal classification of a single label by logits, any number of frames",
    topic=TOPIC,
    definition=sum_over(m, lambda t: logsumexp(n, lambda k: Y[t, k])) - SPANS,
    variables=(Y, label),
    wrt=("Z",),
    domains={"c": LABEL},
    torch=lambda Z, c: ctc(functional.log_softmax(Z, dim=-1), c, "none"),
    stated={"Z": lambda t, k: sp.exp(Y[t, k] - logsumexp(n, lambda r: Y[t, r])) - span_posterior(t, k)},
    edges=(
        Edge("a single frame", {"Z": [[0.5, -1.0, 2.0]], "c": [2]}),
        Edge("logits of ±800", {"Z": FAR, "c": [2]}),
    ),
    source=f"{GRAVES}, eq. 3 and 16",
)

FORMULAS = (LOG_PROBABILITIES, LOGITS, MEAN, ONE_LABEL)
