"""The formula of a function's own code as one more way to its derivative: traced, differentiated by SymPy, compiled."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.utils import _pytree as pytree

from gradcheck.checking.evaluation.graph import Gradients
from gradcheck.checking.evaluation.torch_function import Tensors, TorchFunction, input_names
from gradcheck.checking.expectations.expectation import Call, Expected
from gradcheck.symbolic.backward.gradients import gradients_of
from gradcheck.symbolic.graphs.refusals import NotTraceable
from gradcheck.symbolic.graphs.trace import Trace, trace

NAME = "the formula of its code"
SECONDS = 5.0
"""How long the formula of a function is looked for."""


@dataclass(frozen=True)
class TracedDerivative(Expected):
    """The derivative of the formulas of a trace."""

    trace: Trace

    def recognised(self) -> tuple[str, ...]:
        """What of the catalogue the function's outputs are, a sentence for each that is any."""
        several = len(self.trace.returned) > 1
        found = [(place, each.sentence) for place, each in enumerate(self.trace.recognised) if each is not None]
        return tuple(f"output {place}: {sentence}" if several else sentence for place, sentence in found)


def traced_derivative(call: Call, function: TorchFunction, outputs: Tensors) -> TracedDerivative:
    """v·J of `function`, which returned `outputs`, by the derivatives of its formulas.

    Raises NotTraceable where the code has no formula that gives the values of the function itself.
    """
    traced = trace(call.fn, *call.inputs, kwargs=call.kwargs, seconds=SECONDS, through_detach=True)
    if [tuple(value.shape) for value in traced.returned] != [tuple(out.shape) for out in outputs]:
        raise NotTraceable("it returns other tensors when it is traced", "return the same tensors at every call")
    variables = dict(zip(_names(call), (argument.name for argument in traced.call.arguments), strict=False))
    values = [value.double() if value.is_floating_point() else value for value in traced.call.values]

    gradients = gradients_of(traced)

    def products(v: Tensors) -> Gradients:
        found = gradients(values, [weight.detach().double() for weight in v])
        return [found[variables[leaf.name]] for leaf in function.leaves]

    return TracedDerivative(NAME, products, (), traced)


def _names(call: Call) -> list[str]:
    """What a check calls the tensors that a trace has as arguments, in the trace's order."""
    leaves = pytree.tree_leaves((call.inputs, dict(call.kwargs)))
    names = input_names(call.fn, call.inputs, call.kwargs)
    parameters = dict(call.fn.named_parameters()) if isinstance(call.fn, torch.nn.Module) else {}
    return [*(name for name, leaf in zip(names, leaves, strict=True) if torch.is_tensor(leaf)), *parameters]
