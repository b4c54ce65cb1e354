"""What a function cuts from its derivative: what it detaches, or computes under no_grad(), and rows of padding."""

from __future__ import annotations

from collections.abc import Iterator

import torch

aten = torch.ops.aten
PADDING = 2
"""Where an embedding is told which row is its padding."""


def cuts(graph: torch.fx.Graph) -> Iterator[torch.fx.Node]:
    """The nodes that cut something that depends on an argument, and that something is made of."""
    depending: set[torch.fx.Node] = set()
    for node in graph.nodes:
        if node.op == "placeholder" or not depending.isdisjoint(node.all_input_nodes):
            depending.add(node)
            if node.users and (_detaches(node) or _pads(node)):
                yield node


def without_cuts(graph: torch.fx.Graph) -> None:
    """Mends them, in place: the derivative is then that of what is computed."""
    for node in list(graph.nodes):
        if _detaches(node):
            node.replace_all_uses_with(node.args[0])
        elif _pads(node):
            node.update_arg(PADDING, -1)


def sentences(graph: torch.fx.Graph) -> list[str]:
    """What is held constant, one sentence for each of the user's lines."""
    kinds = ((_pads, "a row of padding"), (_detaches, "what is detached"))
    found = [
        f"{what} is held constant in derivatives{f', by {node.stack_trace}' if node.stack_trace else ''}"
        for node in cuts(graph)
        for is_kind, what in kinds
        if is_kind(node)
    ]
    return list(dict.fromkeys(found))


def _detaches(node: torch.fx.Node) -> bool:
    return node.target is aten.detach.default and node.meta["val"].is_floating_point()


def _pads(node: torch.fx.Node) -> bool:
    row = node.args[PADDING] if node.target is aten.embedding.default and len(node.args) > PADDING else -1
    return isinstance(row, int) and row >= 0
