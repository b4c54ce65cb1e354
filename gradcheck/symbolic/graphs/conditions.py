"""For which sizes a traced formula holds: what the function asked about them, and which of them it fixed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy as sp
import torch

from gradcheck.symbolic.graphs.arguments import Call
from gradcheck.symbolic.graphs.capture import Capture
from gradcheck.symbolic.printing import text
from gradcheck.symbolic.tracing.errors import is_library, line_of


@dataclass(frozen=True)
class Condition:
    """What holds of the example's sizes, the line that asked for it, and whether that is a line of the user's own."""

    relation: Any
    place: str
    is_own: bool

    def holds(self, sizes: Mapping[str, int]) -> bool:
        """Whether it holds of sizes by name."""
        numbers = {symbol: sizes[symbol.name] for symbol in self.relation.free_symbols}
        return bool(self.relation.subs(numbers) == sp.true)

    def __str__(self) -> str:
        return f"it holds where {text(self.relation)}{_asked(self.place)}"


@dataclass
class Conditions:
    """Everything that the function, or torch, asked about sizes; `needed` are those without which it is another one."""

    asked: tuple[Condition, ...] = ()
    needed: dict[Condition, None] = field(default_factory=dict)
    agreed: tuple[str, ...] = ()
    """What was taken to be equal, in sentences."""

    def excuse(self, sizes: Mapping[str, int]) -> bool:
        """Whether the function may be another one at these sizes; notes why."""
        broken = [condition for condition in self.asked if not condition.holds(sizes)]
        self.needed |= dict.fromkeys(broken)
        return bool(broken)

    @property
    def notes(self) -> list[str]:
        """One sentence each."""
        own = (condition for condition in self.asked if condition.is_own)
        return [*self.agreed, *map(str, dict.fromkeys((*own, *self.needed)))]


def conditions(captured: Capture, named: Callable[[sp.Expr], sp.Expr]) -> Conditions:
    """The conditions on sizes; of two that only had to be equal nothing is left, they have become one."""
    found = []
    for guard, place, is_own in _guards(captured):
        relation = sp.sympify(named(captured.condition(guard)))
        if isinstance(relation, sp.core.relational.Relational):
            found.append(Condition(relation, place, is_own))
    return Conditions(tuple(found), agreed=tuple(dict.fromkeys(_agreed(captured, named))))


def fixed_sizes(call: Call, captured: Capture) -> Iterator[str]:
    """A sentence for each size of the arguments that is a number because the function made it one."""
    for argument, node in zip(call.arguments, captured.placeholders, strict=False):
        for axis, (size, actual) in enumerate(zip(captured.shape(node), argument.value.shape, strict=True)):
            raw = node.meta["val"].shape[axis]
            if not actual:
                yield f"axis {axis} of {argument.name} is empty in the example; the formula is of the empty one"
            if size.is_Integer and actual > 1 and not isinstance(raw, int) and not argument.is_held:
                place = _asked(_place_of_size(captured, raw))
                yield f"the size of axis {axis} of {argument.name} is fixed at {size}{place}"


def _agreed(captured: Capture, named: Callable[[sp.Expr], sp.Expr]) -> Iterator[str]:
    """A sentence for each product of sizes that has to equal another, the factors of which are taken to agree."""
    places = [_asked(place) for _, place, _ in _guards(captured)]
    for number, asked in captured.products.items():
        whole = text(named(captured.condition(asked.lhs)))
        yield f"axes that only have to hold {whole} entries together are taken to agree one by one{places[number]}"


def narrowed(made: torch.dtype | None, values: Sequence[torch.Tensor]) -> Iterator[str]:
    """A sentence where the function rounds more coarsely than its arguments do."""
    coarsest = max((torch.finfo(value.dtype).eps for value in values if value.is_floating_point()), default=0.0)
    if made is not None and torch.finfo(made).eps > coarsest:
        yield f"the function rounds to {str(made).removeprefix('torch.')} on its way, the formula does not"


def _place_of_size(captured: Capture, size: Any) -> str:
    """The line that turned a size into a number."""
    symbols = size.node._expr.free_symbols
    return next((place for guard, place, _ in _guards(captured) if symbols & guard.free_symbols), "")


def _guards(captured: Capture) -> Iterator[tuple[Any, str, bool]]:
    """What was asked about sizes, with the line, and whether the user's own code asked it."""
    for number, guard in enumerate(captured.environment.guards):
        frame = getattr(getattr(guard, "sloc", None), "framework_loc", None)
        filename, line = getattr(frame, "filename", ""), getattr(frame, "lineno", 0)
        is_own = bool(filename) and not is_library(filename)
        yield guard.expr, line_of(filename, line) if is_own else captured.places.get(number, ""), is_own


def _asked(place: str) -> str:
    return f", by {place}" if place else ""
