"""One recorded forward pass, and the backward passes through it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from gradcheck.checking.torch_function import Tensors, TorchFunction
from gradcheck.errors import UsageError

Gradients = list[torch.Tensor | None]


@dataclass(frozen=True)
class Graph:
    """One forward pass with gradients on: any number of backward passes."""

    leaves: Tensors
    outputs: Tensors

    @classmethod
    def of(cls, function: TorchFunction) -> Graph:
        """Run the function at its point, recording."""
        leaves = [value.detach().requires_grad_() for value in function.values]
        with torch.enable_grad():
            # A function may work in place on its arguments; a leaf that requires grad refuses that, a copy does not.
            return cls(leaves, function([leaf.clone() for leaf in leaves]))

    def backward(self, cotangents: Sequence[torch.Tensor], *, create_graph: bool = False) -> Gradients:
        """v·J for each leaf, None where autograd has nothing."""
        reached = [(out, v) for out, v in zip(self.outputs, cotangents, strict=True) if out.requires_grad]
        if not reached:
            return [None] * len(self.leaves)
        outputs, vectors = zip(*reached, strict=True)
        found = torch.autograd.grad(
            outputs, self.leaves, vectors, retain_graph=True, allow_unused=True, create_graph=create_graph
        )
        return list(found)


def recorded(function: TorchFunction) -> Graph:
    """The function's graph at the point; UsageError where it raises or is not finite."""
    try:
        graph = Graph.of(function)
    except UsageError:
        raise
    except Exception as error:
        raise UsageError(f"fn raises at the point: {type(error).__name__}: {error}") from error
    for number, out in enumerate(graph.outputs):
        if not torch.isfinite(out).all():
            raise UsageError(
                f"fn must be finite at the point; output {number} holds {out[~torch.isfinite(out)][0].item()}"
            )
    return graph
