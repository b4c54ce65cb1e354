"""The variables of a traced formula: what each tensor of a call is in index notation, and where its values live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import sympy as sp
import torch

from gradcheck.symbolic.compile import Variable
from gradcheck.symbolic.domains import Domain
from gradcheck.symbolic.graphs.arguments import Argument
from gradcheck.symbolic.graphs.example_domains import example_domain, integers_below, integers_like
from gradcheck.symbolic.graphs.refusals import RANDOM, NotTraceable
from gradcheck.symbolic.graphs.tensors import GraphTensor, elementwise, variable_tensor
from gradcheck.symbolic.tensors import integer_tensor, scalar, tensor


def variable_of(argument: Argument, shape: Sequence[Any]) -> Variable:
    """The argument as a symbol, or as a tensor of that shape."""
    if not shape:
        return scalar(argument.name) if not argument.is_integer else sp.Symbol(argument.name, integer=True)
    return (integer_tensor if argument.is_integer else tensor)(argument.name, *map(sp.sympify, shape))


def input_tensor(argument: Argument, variable: Variable) -> GraphTensor:
    """The variable's entries; those of a mask are conditions."""
    entries = variable_tensor(variable)
    is_mask = argument.value.dtype == torch.bool
    return elementwise(lambda entry: sp.Ne(entry, 0), entries) if is_mask else entries


def domain_of(argument: Argument, bound: sp.Expr | None) -> Domain:
    """Where the example's values live; whole numbers that are used as indices lie below a size."""
    values = argument.value.double().numpy()
    if bound is not None and values.size and values.min() < 0:
        raise NotTraceable(f"{argument.name} holds an index below 0", "count it from the start")
    if argument.is_constant:
        fixed = argument.value.numpy() if argument.is_integer else values
        return Domain("the values that the function holds", lambda *_: np.array(fixed), decimals=None)
    if bound is not None:
        return integers_below(bound)
    return integers_like(values) if argument.is_integer else example_domain(values)


def constant(value: Any) -> GraphTensor:
    """A number that a graph holds."""
    if not torch.is_tensor(value):
        raise NotTraceable(*RANDOM)
    number = sp.sympify(value.item())
    return GraphTensor((), lambda: number)
