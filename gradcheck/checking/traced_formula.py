"""The formula of a function's own code as one more way to its derivative: traced, differentiated by SymPy, compiled."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.utils import _pytree as pytree

from gradcheck.checking.expected import Call, Expected
from gradcheck.checking.graph import Gradients
from gradcheck.checking.torch_function import Tensors, TorchFunction, input_names
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.graphs.refusals import NotTraceable
from gradcheck.symbolic.graphs.trace import Trace, trace
from gradcheck.symbolic.pullback import pullback

NAME = "the formula of its code"
SECONDS = 5.0
"""How long the formula of a function is looked for."""


def traced_derivative(call: Call, function: TorchFunction, outputs: Tensors) -> Expected:
    """v·J of `function`, which returned `outputs`, by the derivatives of its formulas.

    Raises NotTraceable where the code has no formula that gives the values of the function itself.
    """
    traced = trace(call.fn, *call.inputs, kwargs=call.kwargs, seconds=SECONDS)
    if [tuple(value.shape) for value in traced.returned] != [tuple(out.shape) for out in outputs]:
        raise NotTraceable("it returns other tensors when it is traced", "return the same tensors at every call")
    variables = dict(zip(_names(call), (argument.name for argument in traced.call.arguments), strict=False))
    derivative = _Derivative(traced, tuple(variables[leaf.name] for leaf in function.leaves))
    return Expected(NAME, derivative.products, ())


def _names(call: Call) -> list[str]:
    """What a check calls the tensors that a trace has as arguments, in the trace's order."""
    leaves = pytree.tree_leaves((call.inputs, dict(call.kwargs)))
    names = input_names(call.fn, call.inputs, call.kwargs)
    parameters = dict(call.fn.named_parameters()) if isinstance(call.fn, torch.nn.Module) else {}
    return [*(name for name, leaf in zip(names, leaves, strict=True) if torch.is_tensor(leaf)), *parameters]


@dataclass(frozen=True)
class _Derivative:
    """The derivative of a trace by some of its variables."""

    traced: Trace
    variables: tuple[str, ...]

    def products(self, v: Tensors) -> Gradients:
        """The sum over the outputs of v·J, for each variable."""
        return [self._product(variable, v) for variable in self.variables]

    def _product(self, variable: str, v: Tensors) -> torch.Tensor:
        parts = [self._part(formula, variable, weight) for formula, weight in zip(self.traced.formulas, v, strict=True)]
        return torch.stack(parts).sum(0)

    def _part(self, formula: Formula, variable: str, weight: torch.Tensor) -> torch.Tensor:
        values = [value.double() if value.is_floating_point() else value for value in self.traced.call.values]
        made: torch.Tensor = pullback(formula, variable, "torch")(*values, weight.detach().double())
        return made
