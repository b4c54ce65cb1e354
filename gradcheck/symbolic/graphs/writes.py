"""A graph without operators that write to their arguments: each becomes the one that returns what it would write."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import torch

from gradcheck.symbolic.graphs.operators import operators
from gradcheck.symbolic.graphs.walk import operator_name


def writing_nodes(graph: torch.fx.GraphModule) -> Iterator[torch.fx.Node]:
    """The nodes that write to an argument, apart from those that a table holds as they are."""
    return (
        node for node in graph.graph.nodes if _writes(node.target) and operator_name(node.target) not in operators()
    )


def without_writes(graph: torch.fx.GraphModule) -> bool:
    """Replaces every such node, in place; False, and nothing done, where a view might see what is written."""
    writing = list(writing_nodes(graph))
    if not all(_counterpart(node) is not None and _is_alone(node.args[0]) for node in writing):
        return False
    for node in writing:
        written: Any = node.args[0]
        node.target = _counterpart(node)
        written.replace_all_uses_with(node, delete_user_cb=partial(_is_none_of, _before(node)))
    return True


def _writes(target: Any) -> bool:
    return isinstance(target, torch._ops.OpOverload) and bool(target._schema.is_mutable)


def _is_none_of(nodes: set[torch.fx.Node], node: torch.fx.Node) -> bool:
    return node not in nodes


def _counterpart(node: torch.fx.Node) -> Any:
    """The operator that returns what this one writes: `clamp_min` for `clamp_min_`."""
    target: Any = node.target
    name = target._schema.name.removeprefix("aten::")
    packet = getattr(torch.ops.aten, name[:-1], None) if name.endswith("_") else None
    return getattr(packet, target._overloadname, None)


def _is_alone(written: Any) -> bool:
    """Whether the value's storage is its own: it is made by no view, and no view is made of it."""
    return not _makes_view(written) and not any(map(_makes_view, written.users))


def _makes_view(node: torch.fx.Node) -> bool:
    target = node.target
    if node.op == "placeholder" or not isinstance(target, torch._ops.OpOverload):
        return node.op == "placeholder"
    aliases = [returned.alias_info for returned in target._schema.returns]
    return any(alias is not None and not alias.is_write for alias in aliases)


def _before(node: torch.fx.Node) -> set[torch.fx.Node]:
    """The node itself and all that stand before it."""
    found: set[torch.fx.Node] = set()
    for each in node.graph.nodes:
        found.add(each)
        if each is node:
            break
    return found
