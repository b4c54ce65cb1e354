"""The formula of a function's own code as one more way to its derivative: traced, differentiated by SymPy, compiled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch.utils import _pytree as pytree

from gradcheck.checking.expected import Call, Expected
from gradcheck.checking.graph import Gradients
from gradcheck.checking.torch_function import Tensors, TorchFunction, input_names
from gradcheck.errors import UsageError
from gradcheck.symbolic.backward.source import backward_of, compiled_pullback
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
        if self._pullback is None:
            return [self._product(variable, v) for variable in self.variables]
        found = self._pullback(*self._values, *(weight.detach().double() for weight in v))
        gradients = dict(zip((argument.name for argument in self.traced.call.arguments), found, strict=True))
        return [gradients[variable] for variable in self.variables]

    @cached_property
    def _pullback(self) -> Callable[..., Any] | None:
        """Reverse mode on the formulas, or None where torch has no word for something in it."""
        try:
            return compiled_pullback(backward_of(self.traced))
        except UsageError:
            return None

    @cached_property
    def _values(self) -> Tensors:
        return [value.double() if value.is_floating_point() else value for value in self.traced.call.values]

    def _product(self, variable: str, v: Tensors) -> torch.Tensor:
        parts = [self._part(formula, variable, weight) for formula, weight in zip(self.traced.formulas, v, strict=True)]
        return torch.stack(parts).sum(0)

    def _part(self, formula: Formula, variable: str, weight: torch.Tensor) -> torch.Tensor:
        made: torch.Tensor = pullback(formula, variable, "torch")(*self._values, weight.detach().double())
        return made
