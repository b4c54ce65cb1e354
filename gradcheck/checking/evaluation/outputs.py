"""Outputs that carry no gradient beside ones that do: a mask, statistics, a detached value. They are not checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from gradcheck.checking.evaluation.graph import Graph
from gradcheck.checking.evaluation.torch_function import Output, TorchFunction


@dataclass(frozen=True)
class _Chosen:
    """A function's outputs at some positions."""

    function: TorchFunction
    positions: tuple[int, ...]

    def __call__(self, values: Sequence[torch.Tensor]) -> list[Output]:
        outputs = self.function.evaluate(values)
        return [outputs[i] for i in self.positions]


def differentiable(function: TorchFunction, graph: Graph) -> tuple[TorchFunction, Graph, list[str]]:
    """The function and its graph reduced to the outputs that require grad, and what was left out.

    Where no output requires grad nothing is left out: then the path is detached, and that is a mistake to find.
    """
    kept = tuple(i for i, out in enumerate(graph.outputs) if out.requires_grad)
    if len(kept) in (0, len(graph.outputs)):
        return function, graph, []
    reduced = replace(function, evaluate=_Chosen(function, kept))
    left_out = [f"output {i} (it does not require grad)" for i in range(len(graph.outputs)) if i not in kept]
    return reduced, replace(graph, outputs=[graph.outputs[i] for i in kept]), left_out
