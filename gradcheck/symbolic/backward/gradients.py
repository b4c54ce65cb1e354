"""The gradients of a traced function, by the derivatives of its formulas."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import torch

from gradcheck.errors import UsageError
from gradcheck.symbolic.backward.source import Backward, compiled_pullback
from gradcheck.symbolic.graphs.trace import Trace
from gradcheck.symbolic.pullback import pullback

Gradients = Callable[[Sequence[torch.Tensor], Sequence[torch.Tensor]], Mapping[str, torch.Tensor]]
"""Takes the values of all tensors and a weight for each output; gives the gradients by name."""


def gradients_of(traced: Trace) -> Gradients:
    """The gradient of the weighted sum of all outputs by each variable: reverse mode, with SymPy's derivatives.

    >>> from gradcheck.symbolic.graphs.trace import trace
    >>> x = torch.tensor([1.0, 2.0], dtype=torch.float64)
    >>> gradients_of(trace(torch.square, x))([x], [torch.ones_like(x)])["x1"]
    tensor([2., 4.], dtype=torch.float64)
    """
    names = [argument.name for argument in traced.call.arguments]
    try:
        pull = compiled_pullback(Backward(traced.program))
    except UsageError:  # torch has no word of its own for something in it
        return partial(_by_formulas, traced)

    def gradients(values: Sequence[torch.Tensor], weights: Sequence[torch.Tensor]) -> Mapping[str, torch.Tensor]:
        found = zip(names, pull(*values, *weights), strict=True)
        return {name: gradient for name, gradient in found if gradient is not None}

    return gradients


def _by_formulas(
    traced: Trace, values: Sequence[torch.Tensor], weights: Sequence[torch.Tensor]
) -> Mapping[str, torch.Tensor]:
    """The sums over the outputs of v·J, each by the whole formula."""
    return {name: _summed(traced, name, values, weights) for name in traced.program.wrt}


def _summed(traced: Trace, name: str, values: Sequence[torch.Tensor], weights: Sequence[torch.Tensor]) -> torch.Tensor:
    products = (pullback(formula, name, "torch") for formula in traced.formulas)
    return torch.stack([v_j(*values, weight) for v_j, weight in zip(products, weights, strict=True)]).sum(0)
