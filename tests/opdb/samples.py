"""PyTorch's own operator database as plain functions: each sample's tensors that require grad are the arguments."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from torch.utils import _pytree as pytree

Function = Callable[..., Any]


@dataclass(frozen=True)
class Sample:
    """One call of one operator: a function of the tensors that require grad, and those tensors."""

    operator: str
    number: int
    fn: Function
    inputs: tuple[torch.Tensor, ...]


@cache
def operators() -> dict[str, Any]:
    """The operators with a gradient in float64 on the CPU, by name and variant."""
    from torch.testing._internal.common_methods_invocations import op_db

    chosen = [op for op in op_db if op.supports_autograd and op.supports_dtype(torch.float64, "cpu")]
    return {f"{op.name}.{op.variant_test_name}".rstrip("."): op for op in chosen}


def samples(operator: str) -> Iterator[Sample]:
    """The operator's samples, the same ones in every run."""
    for number, sample in drawn(operator):
        function, inputs = _function(operators()[operator], sample)
        if inputs:
            yield Sample(operator, number, function, inputs)


def drawn(operator: str) -> list[tuple[int, Any]]:
    """The database's own samples, numbered."""
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)
    return list(enumerate(operators()[operator].sample_inputs("cpu", torch.float64, requires_grad=True)))


def _function(op: Any, sample: Any) -> tuple[Function, tuple[torch.Tensor, ...]]:
    """The call with its differentiable tensors taken out, and those tensors."""
    flat, spec = pytree.tree_flatten((sample.input, sample.args, sample.kwargs))
    places = [i for i, x in enumerate(flat) if torch.is_tensor(x) and x.requires_grad]

    def call(*tensors: torch.Tensor) -> Any:
        arguments = list(flat)
        for place, tensor in zip(places, tensors, strict=True):
            arguments[place] = tensor
        first, args, kwargs = pytree.tree_unflatten(arguments, spec)
        output = op.gradcheck_wrapper(op.get_op(), first, *args, **kwargs)
        return sample.output_process_fn_grad(output)

    return call, tuple(flat[i] for i in places)
