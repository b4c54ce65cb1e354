"""Layers that hold one map: linear for a batch, bilinear, embedding, and a residual block."""

from __future__ import annotations

import sympy as sp
import torch
from torch.nn import functional

from gradcheck.symbolic import domains
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.functions import relu, step
from gradcheck.symbolic.tensors import delta, dimension, index, integer_tensor, sum_over, tensor

m, n, p, q = dimension("m n p q")
i, k = index("i k")

TOPIC = "layers"

X, W, b = tensor("X", p, n), tensor("W", m, n), tensor("b", m)

LINEAR = Formula(
    name="linear_batch",
    title="Linear layer XWᵀ + b, one sample a row",
    topic=TOPIC,
    definition=sum_over(n, lambda r: X[i, r] * W[k, r]) + b[k],
    variables=(X, W, b),
    output={i: p, k: m},
    torch=functional.linear,
    stated={
        "X": lambda row, column: delta(i, row) * W[k, column],
        "W": lambda row, column: X[i, column] * delta(k, row),
        "b": lambda j: delta(k, j),
    },
    source="Goodfellow, Bengio and Courville, Deep Learning, section 6.5.6",
)

x, y, A, c = tensor("x", n), tensor("y", m), tensor("A", p, n, m), tensor("c", p)

BILINEAR = Formula(
    name="bilinear_layer",
    title="Bilinear layer xᵀA_i y + c_i",
    topic=TOPIC,
    definition=sum_over(n, lambda r: sum_over(m, lambda s: x[r] * A[i, r, s] * y[s])) + c[i],
    variables=(x, y, A, c),
    output={i: p},
    torch=functional.bilinear,
    stated={
        "x": lambda j: sum_over(m, lambda s: A[i, j, s] * y[s]),
        "y": lambda j: sum_over(n, lambda r: x[r] * A[i, r, j]),
        "A": lambda unit, row, column: delta(i, unit) * x[row] * y[column],
        "c": lambda j: delta(i, j),
    },
    source="Socher et al., Reasoning With Neural Tensor Networks (2013), eq. 1",
)

TABLE, TOKENS = tensor("E", n, p), integer_tensor("t", m)

EMBEDDING = Formula(
    name="embedding",
    title="Embedding: rows of a table, picked by indices",
    topic=TOPIC,
    definition=TABLE[TOKENS[i], k],
    variables=(TABLE, TOKENS),
    output={i: m, k: p},
    domains={"t": domains.class_index("n")},
    torch=lambda E, t: functional.embedding(t, E),
    stated={"E": lambda row, column: delta(TOKENS[i], row) * delta(k, column)},
    source="Bengio et al., A Neural Probabilistic Language Model (2003), section 2",
)

V1, c1, V2, c2 = tensor("V", m, n), tensor("b", m), tensor("W", n, m), tensor("c", n)


def inner(unit: sp.Expr) -> sp.Expr:
    """The entry of Vx + b."""
    return sum_over(n, lambda r: V1[unit, r] * x[r]) + c1[unit]


RESIDUAL = Formula(
    name="residual_block",
    title="Residual block x + W relu(Vx + b) + c",
    topic=TOPIC,
    definition=x[i] + sum_over(m, lambda r: V2[i, r] * relu(inner(r))) + c2[i],
    variables=(x, V1, c1, V2, c2),
    output={i: n},
    torch=lambda x, V, b, W, c: x + functional.linear(functional.relu(functional.linear(x, V, b)), W, c),
    stated={
        "x": lambda j: delta(i, j) + sum_over(m, lambda r: V2[i, r] * step(inner(r)) * V1[r, j]),
        "V": lambda row, column: V2[i, row] * step(inner(row)) * x[column],
        "b": lambda j: V2[i, j] * step(inner(j)),
        "W": lambda row, column: delta(i, row) * relu(inner(column)),
        "c": lambda j: delta(i, j),
    },
    kinks="a pre-activation of 0, where torch takes the slope 0",
    source="He et al., Deep Residual Learning for Image Recognition (2016), eq. 1",
)

Z1, Z2 = tensor("G", p, m), tensor("X", p, n)

BACKWARD = Formula(
    name="linear_backward",
    title="Linear layer's gradient, given the gradient G of what follows: Σ G∘(XWᵀ)",
    topic=TOPIC,
    definition=sum_over(p, lambda s: sum_over(m, lambda u: Z1[s, u] * sum_over(n, lambda r: Z2[s, r] * W[u, r]))),
    variables=(Z2, W, Z1),
    wrt=("X", "W"),
    torch=lambda X, W, G: torch.sum(G * functional.linear(X, W)),
    stated={
        "X": lambda row, column: sum_over(m, lambda u: Z1[row, u] * W[u, column]),
        "W": lambda row, column: sum_over(p, lambda s: Z1[s, row] * Z2[s, column]),
    },
    source="Goodfellow, Bengio and Courville, Deep Learning, section 6.5.6",
)

FORMULAS = (LINEAR, BACKWARD, BILINEAR, EMBEDDING, RESIDUAL)
