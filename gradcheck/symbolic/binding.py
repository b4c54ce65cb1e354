"""Bound indices: substitution that respects them, and canonical names for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits

from gradcheck.symbolic.tensors import Sum, fresh_index

NAMES = ("k", "l", "m", "p", "q", "r", "s", "t", "u", "v")
"""Names for bound indices, innermost first."""


def substitute(expression: sp.Expr, old: sp.Symbol, new: sp.Expr) -> sp.Expr:
    """Replace the free index `old` by `new`, renaming any bound index that `new` would be captured by.

    >>> from gradcheck.symbolic.tensors import dimension, index, sum_over, tensor
    >>> n, i, j = dimension("n"), *index("i j")
    >>> a, b = tensor("a", n), tensor("b", n)
    >>> substitute(a[i] * b[j], i, j)
    a[j]*b[j]
    """
    if old not in expression.free_symbols:
        return expression
    if expression == old:
        return new
    if isinstance(expression, ExprWithLimits):
        expression = _rename_captured(expression, new)
    return expression.func(*(substitute(argument, old, new) for argument in expression.args))


def _rename_captured(expression: ExprWithLimits, new: sp.Expr) -> ExprWithLimits:
    for bound in expression.bound_symbols:
        if bound in new.free_symbols:
            expression = expression.xreplace({bound: fresh_index()})
    return expression


def canonical(expression: sp.Expr) -> sp.Expr:
    """Rename bound indices by their height, so that equal sums compare equal, and drop sums of nothing but 0.

    >>> from gradcheck.symbolic.tensors import dimension, sum_over, tensor
    >>> n = dimension("n")
    >>> x = tensor("x", n)
    >>> canonical(sum_over(n, lambda k: x[k])) == canonical(sum_over(n, lambda k: x[k]))
    True
    """
    taken = {symbol.name for symbol in expression.free_symbols if isinstance(symbol, sp.Symbol)}
    return _Renaming([name for name in _names() if name not in taken]).of(expression)


def has_unnamed_indices(expression: sp.Expr) -> bool:
    """Whether a bound index is a dummy, which has no name of its own to print."""
    return any(isinstance(k, sp.Dummy) for each in expression.atoms(ExprWithLimits) for k in each.bound_symbols)


def with_fresh_indices(expression: sp.Expr) -> sp.Expr:
    """Each sum with dummies of its own, so that renaming one captures no other's index."""
    if not expression.has(ExprWithLimits):
        return expression
    made = expression.func(*map(with_fresh_indices, expression.args))
    if not isinstance(made, ExprWithLimits):
        return made
    named = [bound for bound in made.bound_symbols if not isinstance(bound, sp.Dummy)]
    return made.xreplace({bound: fresh_index() for bound in named}) if named else made


def _names() -> Iterator[str]:
    yield from NAMES
    yield from (f"{name}_{number}" for number in range(1, 4) for name in NAMES)


class _Renaming:
    """Renames bound indices from outside in, so that each part is built once however deep the sums are nested."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self._heights: dict[sp.Basic, int] = {}
        self._emptied = False

    def of(self, expression: sp.Expr) -> sp.Expr:
        """The renamed expression; once more where a sum turned out empty, which leaves others less high."""
        renamed = self._renamed(expression, {}, {})
        return _Renaming(self.names).of(renamed) if self._emptied else renamed

    def _height(self, e: sp.Basic) -> int:
        """How many indices are bound in each other in it."""
        if e not in self._heights:
            own = len(e.bound_symbols) if isinstance(e, ExprWithLimits) else 0
            self._heights[e] = own + max(map(self._height, e.args), default=0)
        return self._heights[e]

    def _renamed(self, e: sp.Basic, new: Mapping[sp.Symbol, sp.Symbol], known: dict[sp.Basic, sp.Basic]) -> Any:
        """The part under the new names of the indices bound around it; `known` holds the parts already renamed."""
        if not self._height(e):
            return e.xreplace(new) if new else e
        if e not in known:
            known[e] = self._binding(e, new) if isinstance(e, ExprWithLimits) else self._rebuilt(e, new, known)
        return known[e]

    def _binding(self, e: ExprWithLimits, new: Mapping[sp.Symbol, sp.Symbol]) -> sp.Expr:
        below = self._height(e) - len(e.bound_symbols)
        own = {bound: self._index(below + place) for place, bound in enumerate(e.bound_symbols)}
        renamed = self._rebuilt(e, {**new, **own}, {})
        if isinstance(renamed, sp.Sum) and renamed.function == 0:
            self._emptied = True
            return sp.S.Zero
        return renamed

    def _rebuilt(self, e: sp.Basic, new: Mapping[sp.Symbol, sp.Symbol], known: dict[sp.Basic, sp.Basic]) -> sp.Basic:
        parts = [self._renamed(part, new, known) for part in e.args]
        if type(e) is sp.Sum:
            return Sum(*parts)
        return e.func(*parts) if any(a is not b for a, b in zip(parts, e.args, strict=True)) else e

    def _index(self, height: int) -> sp.Symbol:
        return sp.Symbol(self.names[height], integer=True, nonnegative=True)
