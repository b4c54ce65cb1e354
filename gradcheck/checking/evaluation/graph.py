"""One recorded forward pass, and the backward passes through it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import torch

from gradcheck.checking.evaluation.allocation import keep_freed_memory
from gradcheck.checking.evaluation.directions import cotangents
from gradcheck.checking.evaluation.large_copy import LargeCopy
from gradcheck.checking.evaluation.torch_function import LARGE, Tensors, TorchFunction, is_finite
from gradcheck.errors import UsageError

Gradients = list[torch.Tensor | None]
TakeGradient = Callable[[int, torch.Tensor], None]


class BackwardError(RuntimeError):
    """A backward pass raised; the text is that of what it raised."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(f"{type(cause).__name__}: {next(iter(str(cause).splitlines()), '')}")


@dataclass(frozen=True)
class Pullback:
    """One backward pass: the gradient v·J, leaf by leaf, for a grad_output v; None where autograd has nothing."""

    v: Tensors
    gradient: Gradients


@dataclass(frozen=True)
class Graph:
    """One forward pass with gradients on: any number of backward passes.

    `copies` of large values make room for each of these; they come back when the function is evaluated.
    """

    leaves: Tensors
    outputs: Tensors
    copies: dict[int, LargeCopy] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, function: TorchFunction) -> Graph:
        """Run the function at its point, recording."""
        leaves = [value.detach().requires_grad_() for value in function.values]
        with torch.enable_grad():
            return cls(leaves, _outputs(function, leaves), function.copies)

    def pullback(self, generator: torch.Generator) -> Pullback:
        """A backward pass with a random grad_output."""
        v = cotangents(self.outputs, generator)
        return Pullback(v, self.backward(v))

    @cached_property
    def has_custom_backward(self) -> bool:
        """Whether a backward that is not PyTorch's own, in Python or C++, stands between leaves and outputs."""
        pending: list[Any] = [out.grad_fn for out in self.outputs if out.grad_fn is not None]
        seen = set(pending)
        while pending:
            node = pending.pop()
            if isinstance(node, torch.autograd.function.BackwardCFunction) or type(node).__name__ == "CppFunction":
                return True
            further = [following for following, _ in node.next_functions if following is not None]
            pending += (new := [following for following in further if following not in seen])
            seen.update(new)
        return False

    def backward(self, cotangents: Sequence[torch.Tensor], *, create_graph: bool = False) -> Gradients:
        """v·J for each leaf, None where autograd has nothing."""
        outputs, vectors = self._reached(cotangents)
        if not outputs:
            return [None] * len(self.leaves)
        try:
            found = torch.autograd.grad(
                outputs, self.leaves, vectors, retain_graph=True, allow_unused=True, create_graph=create_graph
            )
        except Exception as error:
            raise BackwardError(error) from error
        return list(found)

    def backward_by(self, leaf: int, cotangents: Sequence[torch.Tensor]) -> torch.Tensor | None:
        """v·J for one leaf alone."""
        return replace(self, leaves=[self.leaves[leaf]]).backward(cotangents)[0]

    def hand_over(self, cotangents: Sequence[torch.Tensor], take: TakeGradient, *, once: bool = False) -> None:
        """Give `take` each leaf's number and its part of v·J, in the order in which they are there, and keep none.

        Leaves that autograd has nothing for are left out. The graph can be used but `once` where that is said.
        """
        outputs, vectors = self._reached(cotangents)
        handles = [
            leaf.register_post_accumulate_grad_hook(_handing(number, take)) for number, leaf in enumerate(self.leaves)
        ]
        try:
            if outputs:
                torch.autograd.backward(outputs, vectors, retain_graph=not once, inputs=self.leaves)
        except Exception as error:
            raise BackwardError(error) from error
        finally:
            for handle in handles:
                handle.remove()

    def repeats(self, cotangents: Sequence[torch.Tensor], gradient: Gradients) -> bool:
        """Whether v·J is this, bit for bit, and finite."""
        same = [part is None for part in gradient]

        def compare(number: int, part: torch.Tensor) -> None:
            expected = gradient[number]
            same[number] = expected is not None and torch.equal(part, expected)

        self.hand_over(cotangents, compare)
        return all(same)

    def _reached(self, cotangents: Sequence[torch.Tensor]) -> tuple[Tensors, Tensors]:
        """The outputs that depend on a leaf, and their grad_outputs: what a backward pass starts from."""
        self.copies.clear()
        reached = [(out, v) for out, v in zip(self.outputs, cotangents, strict=True) if out.requires_grad]
        return [out for out, _ in reached], [v for _, v in reached]


def _handing(number: int, take: TakeGradient) -> Callable[[torch.Tensor], None]:
    def hand(leaf: torch.Tensor) -> None:
        part, leaf.grad = leaf.grad, None
        if part is not None:
            take(number, part)

    return hand


def _outputs(function: TorchFunction, leaves: Tensors) -> Tensors:
    """What the function returns for the leaves, or for copies of them.

    A function may work in place on its arguments; a leaf that requires grad refuses that, a copy does not. Parameters
    are refused in any use of the module; large arguments are copied only where they have to be.
    """
    spared = [
        described.is_parameter or leaf.numel() > LARGE for described, leaf in zip(function.leaves, leaves, strict=True)
    ]
    try:
        return function([leaf if spare else leaf.clone() for spare, leaf in zip(spared, leaves, strict=True)])
    except RuntimeError:
        if not any(spared):
            raise
        return function([leaf.clone() for leaf in leaves])


def recorded(function: TorchFunction) -> Graph:
    """The function's graph at the point; UsageError where it raises or is not finite."""
    if any(value.numel() > LARGE for value in function.values):
        keep_freed_memory()
    try:
        graph = Graph.of(function)
    except UsageError:
        raise
    except Exception as error:
        raise UsageError(f"fn raises at the point: {type(error).__name__}: {error}") from error
    for number, out in enumerate(graph.outputs):
        if not is_finite(out):
            raise UsageError(
                f"fn must be finite at the point; output {number} holds {out[~torch.isfinite(out)][0].item()}"
            )
    return graph
