"""Points that the given inputs do not show: a backward written by hand may be wrong in a branch they never enter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from gradcheck.checking.probe import Graph
from gradcheck.checking.torch_function import TorchFunction

FEW = 10_000
"""Other points are tried for functions of at most this many entries."""

ELSEWHERE: tuple[tuple[str, float], ...] = (
    ("negated", -1.0),
    ("a hundred times as large", 100.0),
    ("a hundredth as large", 0.01),
)
"""How the inputs are moved, and the factor that does it."""


def has_custom_backward(graph: Graph) -> bool:
    """Whether an `autograd.Function` written in Python stands between the leaves and the outputs."""
    pending: list[Any] = [out.grad_fn for out in graph.outputs if out.grad_fn is not None]
    seen = set()
    while pending:
        node = pending.pop()
        if isinstance(node, torch.autograd.function.BackwardCFunction):
            return True
        if node not in seen:
            seen.add(node)
            pending += [following for following, _ in node.next_functions if following is not None]
    return False


def elsewhere(function: TorchFunction) -> Iterator[tuple[str, TorchFunction]]:
    """The function at other points of the same kind, and how its inputs were moved; parameters stay."""
    for how, factor in ELSEWHERE:
        yield how, function.at([x.value if x.is_parameter else x.value * factor for x in function.leaves])
