"""A call as a graph of torch's operators, with a symbol for every size.

torch's own shape propagation says which sizes have to agree: a product unifies its inner axes, broadcasting and
reductions theirs. Two sizes of an example that merely happen to be equal stay apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp
import torch
from torch._dynamo.source import ConstantSource
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx.experimental.proxy_tensor import make_fx
from torch.fx.experimental.symbolic_shapes import DimDynamic, ShapeEnv, StatelessSymbolicContext
from torch.utils import _pytree as pytree

from gradcheck.symbolic.graphs.arguments import Argument, Call
from gradcheck.symbolic.graphs.refusals import refusal


@dataclass(frozen=True)
class Capture:
    """A graph of ATen operators; the sizes in it are torch's symbols, of which `sizes` holds the example's values."""

    graph: torch.fx.GraphModule
    environment: ShapeEnv

    @property
    def placeholders(self) -> list[torch.fx.Node]:
        """The nodes of the call's tensors, in order."""
        return [node for node in self.graph.graph.nodes if node.op == "placeholder"]

    def shape(self, node: torch.fx.Node) -> tuple[sp.Expr, ...]:
        """The sizes of a node's value, those that have to agree by one symbol."""
        return tuple(map(self.size, node.meta["val"].shape))

    def size(self, size: Any) -> sp.Expr:
        """A size as an expression of torch's symbols."""
        if isinstance(size, int):
            return sp.Integer(size)
        return sp.sympify(self.environment.simplify(size.node.expr))


def capture(call: Call, decompositions: dict[Any, Any] | None = None) -> Capture:
    """Run the call on tensors without values, recording every operator.

    Raises NotTraceable, which names the operator or the line, where the call looks at values, calls NumPy or draws
    random numbers.
    """
    environment = ShapeEnv(duck_shape=False)
    mode = FakeTensorMode(shape_env=environment, allow_non_fake_inputs=True)
    fakes = [_fake(mode, argument) for argument in call.arguments]

    def flat(*values: Any) -> list[Any]:
        leaves = pytree.tree_leaves(call.function(*values))
        return [leaf for leaf in leaves if torch.is_tensor(leaf) and leaf.is_floating_point()]

    with refusal(), torch.no_grad():
        graph = make_fx(torch.func.functionalize(flat), decomposition_table=decompositions or {})(*fakes)
    return Capture(graph, environment)


def _fake(mode: FakeTensorMode, argument: Argument) -> torch.Tensor:
    value = argument.value.contiguous()
    context: Any = StatelessSymbolicContext(dynamic_sizes=[DimDynamic.DYNAMIC] * value.ndim)
    return mode.from_tensor(value, symbolic_context=context, source=ConstantSource(argument.name))
