"""From a torch function and an example to its formula, for symbolic sizes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp
import torch

from gradcheck.symbolic.compile import Variable
from gradcheck.symbolic.domains import Domain
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.graphs.arguments import Argument, Call, call_of
from gradcheck.symbolic.graphs.capture import Capture, capture
from gradcheck.symbolic.graphs.deadline import Deadline
from gradcheck.symbolic.graphs.dimension_names import named_sizes, parse_sizes
from gradcheck.symbolic.graphs.example_domains import example_domain, integers_like
from gradcheck.symbolic.graphs.refusals import NotTraceable
from gradcheck.symbolic.graphs.reproduction import demand_same_values
from gradcheck.symbolic.graphs.tensors import GraphTensor, Shape, free_indices, number, variable_tensor
from gradcheck.symbolic.graphs.walk import walk
from gradcheck.symbolic.tensors import integer_tensor, scalar, tensor

OUTPUT_INDICES = ("i", "j", "k", "l", "u", "v", "o", "z")
"""What the indices of an output are called, in order, unless a variable or a size bears the letter."""


@dataclass(frozen=True)
class Trace:
    """A torch function in index notation: a formula for each tensor that it returns, of the same variables."""

    call: Call
    formulas: tuple[Formula, ...]
    returned: tuple[torch.Tensor, ...]
    """What the function returns at the example, those of its outputs that have a derivative."""


def trace(
    fn: Any,
    *example: Any,
    sizes: str | Mapping[str, str] = "",
    kwargs: Mapping[str, Any] | None = None,
    seconds: float = math.inf,
) -> Trace:
    """What `fn` computes, for symbolic sizes.

    `example` are arguments that `fn` can be called with. `sizes` names the sizes, as in `"X: m n, w: n"`; other sizes
    have letters. Sizes are equal where the function's operators demand it. Raises NotTraceable where the function has
    no formula that is known here, or none is found in so many `seconds`; UsageError for other bad input.

    >>> import torch
    >>> loss = trace(lambda x, y: ((x - y) ** 2).mean(), torch.zeros(3), torch.ones(3)).formulas[0]
    >>> loss.derive("x").result
    2*(x[j] - y[j])/n
    """
    call = call_of(fn, example, kwargs or {})
    captured = capture(call)
    declared = parse_sizes(sizes) if isinstance(sizes, str) else dict(sizes)
    variables = _variables(call, captured, declared)
    inputs = {
        node.name: variable_tensor(variable) for node, variable in zip(captured.placeholders, variables, strict=True)
    }
    outputs = walk(captured.graph, inputs, _constant, Deadline.after(seconds))
    formulas = tuple(_formula(call, variables, output) for output in outputs)
    returned = [demand_same_values(call, formula, place) for place, formula in enumerate(formulas)]
    return Trace(call, formulas, tuple(returned))


def _variables(call: Call, captured: Capture, declared: Mapping[str, str]) -> list[Variable]:
    shapes = {a.name: captured.shape(node) for a, node in zip(call.arguments, captured.placeholders, strict=True)}
    names = named_sizes(shapes, declared, shapes)
    return [_variable(argument, tuple(s.xreplace(names) for s in shapes[argument.name])) for argument in call.arguments]


def _variable(argument: Argument, shape: Shape) -> Variable:
    if not shape:
        return scalar(argument.name) if not argument.is_integer else sp.Symbol(argument.name, integer=True)
    return (integer_tensor if argument.is_integer else tensor)(argument.name, *shape)


def _domain(argument: Argument) -> Domain:
    values = argument.value.double().numpy()
    return integers_like(values) if argument.is_integer else example_domain(values)


def _constant(name: str, value: Any) -> GraphTensor:
    if value.ndim == 0:
        return GraphTensor((), lambda: sp.sympify(value.item()))
    raise NotTraceable(f"it holds a tensor of its own, {name}", "pass it as an argument")


def _formula(call: Call, variables: Sequence[Variable], output: GraphTensor) -> Formula:
    axes = free_indices(output.shape)
    taken = {argument.name for argument in call.arguments} | {
        str(s) for size in output.shape for s in size.free_symbols
    }
    letters = (letter for letter in OUTPUT_INDICES if letter not in taken)
    named = {axis: sp.Symbol(next(letters), integer=True, nonnegative=True) for axis in axes}
    return Formula(
        name=call.title,
        title=f"{call.title}({', '.join(argument.name for argument in call.arguments)})",
        topic="traced",
        definition=sp.sympify(number(output.entry(*axes))).xreplace(named),
        variables=tuple(variables),
        torch=call.function,
        source="",
        domains={argument.name: _domain(argument) for argument in call.arguments},
        output={named[axis]: size for axis, size in zip(axes, output.shape, strict=True)},
    )
