"""The Matrix Cookbook on norms, identity by identity as printed."""

from __future__ import annotations

from functools import partial

import torch

from gradcheck.symbolic.matrix_notation import matrix, norm, trace
from gradcheck.symbolic.tensors import delta, dimension, index, sum_over, tensor

from ._cookbook import identity

m, n = dimension("m n")
i = index("i")
x, a = tensor("x", n), tensor("a", n)
X = matrix(tensor("X", m, n))
DIFFERENCE = matrix(x) - matrix(a)
LENGTH = norm(DIFFERENCE)
NORMS = partial(identity, topic="matrix cookbook: norms")


def direction(x: torch.Tensor, a: torch.Tensor) -> torch.Tensor:
    """(x - a)/‖x - a‖."""
    return torch.div(x - a, torch.linalg.vector_norm(x - a))


FORMULAS = (
    NORMS(
        "129",
        "‖x - a‖",
        LENGTH,
        DIFFERENCE / LENGTH,
        lambda x, a: torch.linalg.vector_norm(x - a),
        (x, a),
    ),
    NORMS(
        "130",
        "(x - a)/‖x - a‖",
        DIFFERENCE(i) / LENGTH,
        lambda j: delta(i, j) / LENGTH - DIFFERENCE(i) * DIFFERENCE(j) / LENGTH**3,
        direction,
        (x, a),
        output={i: n},
    ),
    NORMS(
        "131",
        "‖x‖²",
        sum_over(n, lambda k: x[k] ** 2),
        2 * matrix(x),
        lambda x: torch.linalg.vector_norm(x) ** 2,
        (x,),
    ),
    NORMS(
        "132",
        "‖X‖², the Frobenius norm",
        trace(X @ X.T),
        2 * X,
        lambda X: torch.linalg.matrix_norm(X) ** 2,
        (X.base,),
    ),
)
