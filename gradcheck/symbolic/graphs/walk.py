"""Walks a graph: every node becomes a tensor in index notation."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import sympy as sp
import torch

from gradcheck.symbolic.graphs.deadline import Deadline
from gradcheck.symbolic.graphs.operators import operators
from gradcheck.symbolic.graphs.refusals import NotTraceable, building, demand_no_chance, refused_operator
from gradcheck.symbolic.graphs.tensors import GraphTensor
from gradcheck.symbolic.tracing.scalars import exact

SCALARS: dict[Any, Callable[..., Any]] = {
    operator.add: lambda a, b: a + b,
    operator.sub: lambda a, b: a - b,
    operator.mul: lambda a, b: a * b,
    operator.truediv: lambda a, b: a / b,
    operator.floordiv: lambda a, b: sp.floor(a / b),
    operator.mod: sp.Mod,
    operator.pow: lambda a, b: a**b,
    operator.neg: lambda a: -a,
    pow: lambda a, b: a**b,
    torch.sym_float: lambda a: a,
    torch.sym_int: lambda a: a,
    torch.sym_sqrt: sp.sqrt,
    torch.sym_min: sp.Min,
    torch.sym_max: sp.Max,
}
"""Arithmetic of sizes."""

SIZES: dict[str, Callable[..., Any]] = {
    "size": lambda x: x.shape,
    "sym_size": lambda x: x.shape,
    "sym_size.int": lambda x, axis: x.shape[axis],
    "sym_numel": lambda x: sp.Mul(*x.shape),
}
"""Questions for sizes."""


Naming = Callable[[torch.fx.Node, Any], Any]


def unnamed(_: torch.fx.Node, value: Any) -> Any:
    """Every node's value as it is."""
    return value


def walk(
    graph: torch.fx.GraphModule,
    inputs: Mapping[str, GraphTensor],
    constants: Callable[[str, Any], Any],
    size: Callable[[Any], sp.Expr],
    naming: Naming,
    *,
    deadline: Deadline,
) -> Any:
    """The value of the graph's output; `inputs` are its placeholders' by name, `constants` those of its own tensors.

    `size` says what torch's size is called. Shapes are those that torch found, which knows what sizes have to agree.

    `naming` may put a named tensor in the place of a node's value, for all nodes after it.
    Raises NotTraceable for an operator that is in no table.
    """
    known: dict[torch.fx.Node, Any] = {}

    def value(argument: Any) -> Any:
        return known[argument] if isinstance(argument, torch.fx.Node) else _plain(argument)

    nodes = _needed(graph)
    demand_no_chance(nodes)
    for node in nodes:
        args = torch.fx.map_arg(node.args, lambda n: n)
        if node.op == "placeholder":
            known[node] = inputs[node.name]
        elif node.op == "get_attr":
            known[node] = constants(node.target, getattr(graph, node.target))
        elif node.op == "output":
            return [known[each] for each in node.args[0]]
        else:
            mapped = _mapped(args, value), {k: _mapped(v, value) for k, v in node.kwargs.items()}
            known[node] = naming(
                node, _remembering(_shaped(_placed(node, *mapped), node.meta.get("val"), size), node, deadline)
            )
    raise AssertionError("a graph has an output")


def _shaped(value: Any, found: Any, size: Callable[[Any], sp.Expr]) -> Any:
    """The value with the shape that torch found."""
    if isinstance(value, tuple) and isinstance(found, tuple | list):
        return tuple(_shaped(each, one, size) for each, one in zip(value, found, strict=False))
    if not isinstance(value, GraphTensor) or not torch.is_tensor(found):
        return value
    return GraphTensor(tuple(map(size, found.shape)), value.entry)


def _needed(graph: torch.fx.GraphModule) -> list[Any]:
    """The nodes that the output is made of, in order."""
    needed: set[torch.fx.Node] = set()
    for node in reversed(graph.graph.nodes):
        if node.op == "output" or node in needed:
            needed |= {node, *node.all_input_nodes}
    return [node for node in graph.graph.nodes if node in needed]


def _mapped(argument: Any, value: Callable[[Any], Any]) -> Any:
    if isinstance(argument, list | tuple):
        return type(argument)(_mapped(each, value) for each in argument)
    return value(argument)


def _plain(argument: Any) -> Any:
    """A Python number as an exact one; anything else, and integers that count axes, as they are."""
    return exact(argument) if isinstance(argument, float) else argument


def _placed(node: torch.fx.Node, args: Any, kwargs: Any) -> Any:
    """What a node's operator makes of its arguments; a refusal names the user's line."""
    try:
        with building(operator_name(node.target)):
            return _applied(node, args, kwargs)
    except NotTraceable as error:
        raise error.at(node.stack_trace or "") from None


def _applied(node: torch.fx.Node, args: Any, kwargs: Any) -> Any:
    target: Any = node.target
    if target is operator.getitem:
        return args[0][args[1]]
    if target in SCALARS:
        return SCALARS[target](*map(exact, args))
    name = operator_name(target)
    if name in SIZES:
        return SIZES[name](*args)
    rule = operators().get(name)
    if rule is None:
        raise NotTraceable(*refused_operator(name, node))
    return rule(*args, **kwargs)


def operator_name(target: Any) -> str:
    """An operator's name and overload as the tables have it: `mean.dim`, `exp`."""
    return str(target).removeprefix("aten.").removesuffix(".default")


def _remembering(value: Any, node: torch.fx.Node, deadline: Deadline) -> Any:
    """The tensors with entries worked out once for the same indices, in time."""
    if not isinstance(value, GraphTensor):
        return tuple(_remembering(each, node, deadline) for each in value) if isinstance(value, tuple | list) else value

    @cache
    def entry(*indices: sp.Expr) -> Any:
        deadline.check()
        with building(operator_name(node.target)):
            return value.entry(*indices)

    return GraphTensor(value.shape, entry)
