"""The softmax family."""

from __future__ import annotations

from typing import Any

import sympy as sp

from gradcheck.symbolic.graphs.indices import Index
from gradcheck.symbolic.graphs.operators import Operator
from gradcheck.symbolic.graphs.tensors import Axes, GraphTensor, elementwise, number, reduce_axes
from gradcheck.symbolic.tensors import LogSumExp


def _logsumexp(sizes: Any, body: Any) -> sp.Expr:
    bound = [Index(size) for size in sizes]
    entry = number(body(*bound))
    return LogSumExp(entry, *((k, 0, k.size - 1) for k in bound)) if bound else entry


def logsumexp(x: GraphTensor, dim: Axes, keepdim: bool = False) -> GraphTensor:
    """The logarithm of the sum of exponentials over some axes."""
    return reduce_axes(x, dim, keepdim, _logsumexp)


def log_softmax(x: GraphTensor, dim: int, _: bool = False) -> GraphTensor:
    """x less its logsumexp along an axis."""
    return elementwise(lambda a, b: a - b, x, logsumexp(x, dim, keepdim=True))


def softmax(x: GraphTensor, dim: int, _: bool = False) -> GraphTensor:
    """exp(x) over its sum along an axis."""
    return elementwise(sp.exp, log_softmax(x, dim))


OPERATORS: dict[str, Operator] = {
    "_log_softmax": log_softmax,
    "_softmax": softmax,
    "logsumexp": logsumexp,
}
