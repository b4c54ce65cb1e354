"""A point at which many expressions are evaluated: it remembers the value of every part of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count, product
from typing import Any

import mpmath as mp
import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits

Definitions = Mapping[str, tuple[tuple[sp.Symbol, ...], sp.Expr]]
MAX_NUMBERED = 200_000
"""How many expressions are remembered by number before all are forgotten."""


class ExactPoint(Mapping[Any, Any]):
    """An environment that remembers the value of every subexpression, so that the lines of a derivation cost little.

    `definitions` gives named intermediates: name -> (indices, expression). A derivative still to be worked out is the
    central difference of its function, at this point moved by ± 1e-13.
    """

    def __init__(
        self,
        values: Mapping[Any, Any],
        definitions: Definitions | None = None,
        shifts: tuple[tuple[str, tuple[int, ...], Any], ...] = (),
    ) -> None:
        self.values_given, self.definitions, self.shifts = values, definitions or {}, shifts
        self.indices: dict[Any, Any] = {}
        self._known: dict[Any, Any] = {}
        self._moved: dict[Any, ExactPoint] = {}
        self._origin: ExactPoint | None = None

    def __getitem__(self, key: Any) -> Any:
        return self.indices[key] if key in self.indices else self.values_given[key]

    def __iter__(self) -> Iterator[Any]:
        return iter({**self.values_given, **self.indices})

    def __len__(self) -> int:
        return len({**self.values_given, **self.indices})

    def within(self, indices: Mapping[Any, Any]) -> ExactPoint:
        """The same point, sharing what it remembers, with more indices bound."""
        inner = ExactPoint(self.values_given, self.definitions, self.shifts)
        inner.indices, inner._known, inner._moved = {**self.indices, **indices}, self._known, self._moved
        inner._origin = self._origin
        return inner

    def naming(self, name: str, expression: sp.Expr) -> ExactPoint:
        """The point with one more named intermediate, remembering nothing yet."""
        point = ExactPoint(self.values_given, {**self.definitions, name: ((), expression)}, self.shifts)
        return point.within(self.indices)

    def moved(self, variable: str, position: tuple[int, ...], by: Any) -> ExactPoint:
        """The point with one entry of a variable, or of a named intermediate, moved."""
        key = (variable, position, by)
        if key not in self._moved:
            self._moved[key] = ExactPoint(self.values_given, self.definitions, (*self.shifts, key))
        return self._moved[key].within(self.indices)

    def unmoved(self) -> ExactPoint:
        """The point as it was before anything was moved."""
        if not self.shifts:
            return self
        if self._origin is None:
            self._origin = ExactPoint(self.values_given, self.definitions)
        return self._origin.within(self.indices)

    def recall(self, e: sp.Expr, compute: Callable[[], Any]) -> Any:
        """The value of e under the indices now bound, computed once."""
        number, indices = _numbered(e)
        key = (number, *map(self.indices.get, indices))
        if key not in self._known:
            self._known[key] = compute()
        return self._known[key]

    def entry(self, name: str, position: tuple[int, ...], evaluate: Callable[[sp.Expr, ExactPoint], Any]) -> Any:
        """The value of a variable's entry, or of a named intermediate's, with what it is moved by."""
        if name in self.definitions:
            indices, expression = self.definitions[name]
            value = evaluate(expression, self.within(dict(zip(indices, position, strict=True))))
        else:
            value = entries(self.values_given[name])[position]
        return value + sum(by for moved, at, by in self.shifts if (moved, at) == (name, position))


def entries(values: Any) -> dict[tuple[int, ...], Any]:
    """A tensor as a mapping from index tuples to exact numbers."""
    if isinstance(values, dict):
        return values
    shape = getattr(values, "shape", (len(values),) if isinstance(values, list) else ())
    at = values.__getitem__ if len(shape) != 1 else (lambda position: values[position[0]])
    return {position: mp.mpf(float(at(position) if shape else values)) for position in product(*map(range, shape))}


_Numbered = tuple[int, tuple[sp.Symbol, ...]]
_by_identity: dict[int, tuple[sp.Expr, _Numbered]] = {}
_by_value: dict[sp.Expr, _Numbered] = {}
_numbers = count()


def _numbered(e: sp.Expr) -> _Numbered:
    """A number for the expression, equal ones having the same, and the index symbols that its value depends on.

    SymPy compares expressions part by part; a number is looked up by identity, and by value only the first time.
    """
    known = _by_identity.get(id(e))
    if known is not None:
        return known[1]
    if len(_by_identity) > MAX_NUMBERED:
        _by_identity.clear()
        _by_value.clear()
    if e not in _by_value:
        _by_value[e] = next(_numbers), _index_symbols(e)
    _by_identity[id(e)] = e, _by_value[e]
    return _by_value[e]


def _index_symbols(e: sp.Basic) -> tuple[sp.Symbol, ...]:
    """The free symbols that are integers, found from those of the parts."""
    if isinstance(e, sp.Symbol):
        return (e,) if e.is_integer else ()
    if isinstance(e, sp.IndexedBase):
        return ()
    bound = e.bound_symbols if isinstance(e, ExprWithLimits) else ()
    found = dict.fromkeys(symbol for part in e.args for symbol in _numbered(part)[1])
    return tuple(symbol for symbol in found if symbol not in bound)
