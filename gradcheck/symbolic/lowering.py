"""Index notation to array code: every node becomes a value with named axes.

An entry `X[i, k]` is the array X with axes (i, k); a delta is an identity matrix; a sum of a product is an einsum;
everything else broadcasts over the union of its axes. Nodes that differ only in the names of their free indices are
computed once. The result is a list of assignments, which `compile.py` hands to SymPy's `lambdify`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits

from gradcheck.symbolic.functions import Elementary
from gradcheck.symbolic.piecewise import BY_CASES
from gradcheck.symbolic.sizes import size_code

Axes = tuple[sp.Symbol, ...]
COMPUTED = (Elementary, ExprWithLimits, *BY_CASES)
"""What is computed as it stands, even where it is a number."""


class Value(NamedTuple):
    """Code for an array and the index each of its axes runs over."""

    code: str
    axes: Axes


Lower = Callable[["Lowering", Any], Value]
"""How one kind of node is lowered."""


@dataclass
class Lowering:
    """Lowers expressions whose free indices range as `ranges` says; collects assignments in `lines`.

    `nodes` says, in order, how each kind of node is lowered; `like` names the argument whose dtype results take.
    """

    nodes: Sequence[tuple[type, Lower]]
    ranges: dict[sp.Symbol, sp.Expr]
    like: str
    lines: list[tuple[str, str]] = field(default_factory=list)
    known: dict[sp.Expr, Value] = field(default_factory=dict)
    free: dict[sp.Basic, Axes] = field(default_factory=dict)

    def assign(self, code: str, axes: Iterable[sp.Symbol]) -> Value:
        """Name the value of some code."""
        name = f"t{len(self.lines)}"
        self.lines.append((name, code))
        return Value(name, tuple(axes))

    def size(self, axis: sp.Symbol) -> str:
        """Code for the number of places that an index runs over."""
        return size_code(self.ranges[axis])

    def once(self, code: str) -> str:
        """The name of the value of some code, assigned at its first appearance."""
        key = sp.Symbol(code)
        if key not in self.known:
            self.known[key] = self.assign(code, ())
        return self.known[key].code

    def lower(self, expression: sp.Expr) -> Value:
        """The value of an expression, computed once for all namings of its free indices."""
        if isinstance(expression, sp.Number) or (isinstance(expression, sp.Indexed) and self._is_plain(expression)):
            return self._lower(expression)
        indices = self.indices_of(expression)
        anonymous = {
            index: sp.Symbol(f"_{position}_{self.ranges[index]}", integer=True, nonnegative=True)
            for position, index in enumerate(indices)
        }
        key = expression.xreplace(anonymous)
        named = {anonymous[index]: index for index in indices}
        # A condition that holds for every index may lose it in the key, whatever its range.
        if key not in self.known or not named.keys() >= set(self.known[key].axes):
            code, axes = self._lower(expression)
            self.known[key] = Value(code, tuple(anonymous[axis] for axis in axes))
        code, axes = self.known[key]
        return Value(code, tuple(named[axis] for axis in axes))

    def _is_plain(self, entry: sp.Indexed) -> bool:
        """Whether an entry is the whole array, so that there is nothing to compute."""
        return len(set(entry.indices)) == len(entry.indices) and self.runs_over_all(entry)

    def runs_over_all(self, entry: sp.Indexed) -> bool:
        """Whether each index runs over the whole axis that it stands at."""
        return all(self.ranges.get(index) == size for index, size in zip(entry.indices, entry.shape, strict=True))

    def indices_of(self, expression: sp.Expr) -> list[sp.Symbol]:
        """The free indices, in order of their first appearance."""
        return [symbol for symbol in self._free_symbols(expression) if symbol in self.ranges]

    def _free_symbols(self, expression: sp.Basic) -> Axes:
        """The free symbols in order of appearance, remembered: SymPy walks the whole expression at every question."""
        if isinstance(expression, sp.Symbol):
            return (expression,)
        if expression not in self.free:
            found = dict.fromkeys(symbol for part in expression.args for symbol in self._free_symbols(part))
            bound = expression.bound_symbols if isinstance(expression, ExprWithLimits) else ()
            self.free[expression] = tuple(symbol for symbol in found if symbol not in bound)
        return self.free[expression]

    def align(self, value: Value, axes: Sequence[sp.Symbol]) -> str:
        """Code for the value with exactly these axes, those it lacks of length one."""
        code, own = value
        if not own or own == tuple(axes):
            return code
        wanted = [axis for axis in axes if axis in own]
        if list(own) != wanted:
            code = f"permute({code}, {tuple(own.index(axis) for axis in wanted)})"
        if len(wanted) == len(axes):
            return code
        return f"{code}[{', '.join(':' if axis in own else 'None' for axis in axes)}]"

    def union(self, values: Iterable[Value]) -> Axes:
        """All axes of the values, in order of first appearance."""
        return tuple(dict.fromkeys(axis for value in values for axis in value.axes))

    def _lower(self, expression: sp.Expr) -> Value:
        if expression.is_number and not expression.is_Rational and not expression.has(*COMPUTED):
            code = repr(float(expression))
            return Value(code if expression.is_finite else f"float({code!r})", ())
        for kind, lower in self.nodes:
            if isinstance(expression, kind):
                return lower(self, expression)
        raise TypeError(f"no array code for {type(expression).__name__}: {expression}")
