"""A call as a graph of torch's operators, with a symbol for every size.

torch's own shape propagation says which sizes have to agree: a product unifies its inner axes, broadcasting and
reductions theirs. Two sizes of an example that merely happen to be equal stay apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sympy as sp
import torch
from torch._dynamo.source import ConstantSource
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx.experimental.proxy_tensor import make_fx
from torch.fx.experimental.symbolic_shapes import DimDynamic, ShapeEnv, StatelessSymbolicContext
from torch.fx.traceback import preserve_node_meta
from torch.utils import _pytree as pytree

from gradcheck.symbolic.graphs.arguments import Argument, Call
from gradcheck.symbolic.graphs.decompositions import decompositions
from gradcheck.symbolic.graphs.python_numbers import symbolic_sizes
from gradcheck.symbolic.graphs.refusals import CALL_FIRST, NeedsSizes, demand_no_values, refusal
from gradcheck.symbolic.graphs.size_expressions import is_product, matched, multiples, plain
from gradcheck.symbolic.graphs.torch_log import without_raised_errors
from gradcheck.symbolic.graphs.watch import Watch
from gradcheck.symbolic.graphs.writes import without_writes

EQUAL = "it asks for sizes to be equal that are worked out from others"
PRODUCTS = "it asks for two products of sizes to be equal"


@dataclass(frozen=True)
class Capture:
    """A graph of ATen operators; the sizes in it are torch's symbols, of which `sizes` holds the example's values."""

    graph: torch.fx.GraphModule
    environment: ShapeEnv
    places: Mapping[int, str] = field(default_factory=dict)
    """The user's line for the number of a condition on sizes, where one of torch's own lines asked for it."""

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
        return self.condition(size.node.expr)

    def condition(self, asked: Any) -> sp.Expr:
        """What torch asks of sizes, or a size, with one symbol for those that have to agree."""
        return plain(self._simplified(asked).xreplace(self.pairs))

    def _simplified(self, asked: Any) -> sp.Expr:
        return plain(plain(self.environment.simplify(asked)).xreplace(self._multiples))

    @property
    def narrowest(self) -> torch.dtype | None:
        """The floats of the least precision that the function converts to on its way; None where it converts none."""
        made = [node.meta["val"].dtype for node in self.graph.graph.nodes if "_to_copy" in str(node.target)]
        floats = [dtype for dtype in made if dtype.is_floating_point]
        return max(floats, key=lambda dtype: torch.finfo(dtype).eps, default=None)

    @cached_property
    def products(self) -> dict[int, sp.Eq]:
        """What asks for two products of sizes to be equal, by the condition's number."""
        return self._equal(is_product)

    def _equal(self, kind: Callable[[sp.Expr], bool]) -> dict[int, sp.Eq]:
        asked = ((number, self._simplified(guard.expr)) for number, guard in enumerate(self.environment.guards))
        return {number: each for number, each in asked if isinstance(each, sp.Eq) and all(map(kind, each.args))}

    @cached_property
    def pairs(self) -> dict[sp.Symbol, sp.Expr]:
        """The factors of such products, one by one, by those of the other that they equal in the example.

        So too parts of sizes, and what they equal. Raises NeedsSizes where they do not pair up.
        """
        found: dict[sp.Symbol, sp.Expr] = {}
        for number, asked in {**self._equal(_is_symbol), **self.products}.items():
            product, other = (each.xreplace(found) for each in asked.args)
            further = matched(product, other, self._example)
            if further is None:
                raise NeedsSizes(PRODUCTS, CALL_FIRST, self.places.get(number, ""))
            found = {**{old: new.xreplace(further) for old, new in found.items()}, **further}
        return found

    def demand_free_sizes(self) -> None:
        """Raises NeedsSizes where sizes have to be equal that no choice of symbols makes equal."""
        for number, guard in enumerate(self.environment.guards):
            asked = self.condition(guard.expr)
            apart = {frozenset(side.free_symbols) for side in asked.args} if isinstance(asked, sp.Eq) else set()
            if len(apart) > 1 and all(apart):
                raise NeedsSizes(EQUAL, CALL_FIRST, self.places.get(number, ""))

    @property
    def _example(self) -> dict[sp.Symbol, int]:
        """The example's sizes, and the parts of them."""
        sizes = [size for node in self.placeholders for size in node.meta["val"].shape if not isinstance(size, int)]
        whole = {size.node._expr: size.node.hint for size in sizes}
        parts = ((*each.as_coeff_Mul(), whole.get(size)) for size, each in self._multiples.items())
        return {**whole, **{part: size // int(divisor) for divisor, part, size in parts if part.is_Symbol and size}}

    @cached_property
    def _multiples(self) -> dict[sp.Symbol, sp.Expr]:
        """The sizes that the function divides without a remainder."""
        return multiples(self.environment.divisible)


def _is_symbol(size: sp.Expr) -> bool:
    return bool(size.is_Symbol)


def capture(call: Call, symbolic: bool = True) -> Capture:
    """Run the call on tensors without values, recording every operator; unless `symbolic`, its sizes are plain numbers.

    An operator that is in no table is recorded as those that it is made of, where torch says of which. Raises
    NotTraceable, which names the operator or the line, where the call looks at values, calls NumPy or draws random
    numbers.
    """
    environment = ShapeEnv(duck_shape=False)
    mode = FakeTensorMode(shape_env=environment, allow_non_fake_inputs=True)
    fakes = [_fake(mode, argument, symbolic) for argument in call.arguments]
    places: dict[int, str] = {}

    def flat(*values: Any) -> list[Any]:
        own = [value for value, argument in zip(values, call.arguments, strict=True) if not argument.is_held]
        watch = Watch(own, environment)
        with torch.enable_grad(), symbolic_sizes(), without_raised_errors(), watch:
            leaves = pytree.tree_leaves(call.function(*values))
        places.update(watch.places)
        return [leaf for leaf in leaves if torch.is_tensor(leaf) and leaf.is_floating_point()]

    with refusal(symbolic), torch.no_grad(), mode, preserve_node_meta():
        graph = _recorded(flat, fakes)
        demand_no_values(graph.graph.nodes)
    captured = Capture(graph, environment, places)
    captured.demand_free_sizes()
    return captured


def _recorded(flat: Callable[..., Any], fakes: Sequence[torch.Tensor]) -> torch.fx.GraphModule:
    """The graph, without operators that write to their arguments.

    Kernels of some losses take symbolic sizes only where torch itself removes the writing, which takes others apart.
    """
    try:
        graph = _made(flat, fakes)
    except RuntimeError:
        graph = _made(torch.func.functionalize(flat), fakes)
    return graph if without_writes(graph) else _made(torch.func.functionalize(torch.fx.Interpreter(graph).run), fakes)


def _made(function: Callable[..., Any], fakes: Sequence[torch.Tensor]) -> torch.fx.GraphModule:
    made: torch.fx.GraphModule = make_fx(function, decomposition_table=decompositions())(*fakes)
    return made


def _fake(mode: FakeTensorMode, argument: Argument, symbolic: bool) -> torch.Tensor:
    value = argument.value.contiguous()
    kind = DimDynamic.DYNAMIC if symbolic else DimDynamic.STATIC
    context: Any = StatelessSymbolicContext(dynamic_sizes=[kind] * value.ndim)
    return mode.from_tensor(value, symbolic_context=context, source=ConstantSource(argument.name))
