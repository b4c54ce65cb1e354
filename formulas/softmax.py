"""Softmax, log-softmax and logsumexp."""

from __future__ import annotations

import sympy as sp
import torch

from gradcheck.symbolic import domains
from gradcheck.symbolic.formula import Edge, Formula
from gradcheck.symbolic.tensors import delta, dimension, index, logsumexp, scalar, tensor

n = dimension("n")
i = index("i")
z = tensor("z", n)
T = scalar("T")

LOG_NORMALISER = logsumexp(n, lambda k: z[k])
COOLED = logsumexp(n, lambda k: z[k] / T)

EDGES = (
    Edge("logits of ±800", {"z": [800.0, -800.0, 0.0]}),
    Edge("logits of 1e4", {"z": [1e4, 9999.0, -1e4, 1e4]}),
    Edge("tied logits", {"z": [2.0, 2.0, 2.0]}),
)


def softmax_at(k: sp.Expr, temperature: sp.Expr = sp.S.One) -> sp.Expr:
    """The k-th softmax probability, in the form that never overflows."""
    return sp.exp(z[k] / temperature - (LOG_NORMALISER if temperature == 1 else COOLED))


FORMULAS = (
    Formula(
        name="softmax",
        title="Softmax",
        topic="softmax",
        definition=softmax_at(i),
        variables=(z,),
        output={i: n},
        torch=lambda z: torch.softmax(z, -1),
        stated={"z": lambda j: softmax_at(i) * (delta(i, j) - softmax_at(j))},
        edges=EDGES,
        source="Bishop, Pattern Recognition and Machine Learning, eq. 4.106",
    ),
    Formula(
        name="softmax_temperature",
        title="Softmax with temperature",
        topic="softmax",
        definition=softmax_at(i, T),
        variables=(z, T),
        output={i: n},
        domains={"T": domains.POSITIVE},
        torch=lambda z, T: torch.softmax(z / T, -1),
        stated={"z": lambda j: softmax_at(i, T) * (delta(i, j) - softmax_at(j, T)) / T},
        edges=(Edge("logits of ±800, cold", {"z": [800.0, -800.0, 0.0], "T": 0.5}),),
        source="Hinton, Vinyals and Dean, Distilling the Knowledge in a Neural Network (2015), eq. 1",
    ),
    Formula(
        name="log_softmax",
        title="Log-softmax",
        topic="softmax",
        definition=z[i] - LOG_NORMALISER,
        variables=(z,),
        output={i: n},
        torch=lambda z: torch.log_softmax(z, -1),
        stated={"z": lambda j: delta(i, j) - softmax_at(j)},
        edges=EDGES,
        source="Goodfellow, Bengio and Courville, Deep Learning, section 6.2.2.3",
    ),
    Formula(
        name="logsumexp",
        title="Log of a sum of exponentials",
        topic="softmax",
        definition=LOG_NORMALISER,
        variables=(z,),
        torch=lambda z: torch.logsumexp(z, -1),
        stated={"z": softmax_at},
        edges=EDGES,
        source="Boyd and Vandenberghe, Convex Optimization, section 3.1.5",
    ),
)
