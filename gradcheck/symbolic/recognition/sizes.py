"""Sizes of two formulas set equal, axis by axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy as sp

Bound = Mapping[sp.Symbol, sp.Expr]
"""What sizes stand for, by symbol; the two formulas share none."""


def unified(left: Sequence[sp.Expr], right: Sequence[sp.Expr], bound: Bound) -> Bound | None:
    """`bound` with what makes both shapes the same, or None where nothing does.

    >>> m, n, k = sp.symbols("m n k", integer=True, positive=True)
    >>> unified((m, n), (k, sp.Integer(3)), {})
    {m: k, n: 3}
    >>> unified((sp.Integer(2),), (sp.Integer(3),), {}) is None
    True
    """
    if len(left) != len(right):
        return None
    found: Bound | None = bound
    for a, b in zip(left, right, strict=True):
        found = None if found is None else _equated(meaning(a, found), meaning(b, found), found)
    return found


def meaning(size: sp.Expr, bound: Bound) -> sp.Expr:
    """The size with what is known put in."""
    written = size if isinstance(size, sp.Expr) else sp.sympify(size)
    if isinstance(written, sp.Symbol):
        return bound.get(written, written)
    return written.xreplace(bound) if bound and not written.is_Integer else written


def _equated(a: sp.Expr, b: sp.Expr, bound: Bound) -> Bound | None:
    """With a symbol that the equation is linear in put for its rest."""
    if a == b:
        return bound
    if a.is_Integer and b.is_Integer:
        return None
    if a.is_Symbol and a not in b.free_symbols:
        return _with(bound, a, b)
    difference = sp.expand(a - b)
    symbols = [s for side in (a, b) for s in sorted(side.free_symbols, key=str)]
    slopes = {symbol: difference.coeff(symbol) for symbol in symbols}
    linear = [
        s for s in symbols if slopes[s].is_Integer and slopes[s] and s not in (difference - slopes[s] * s).free_symbols
    ]
    if not linear:
        return None
    symbol = min(linear, key=lambda s: abs(slopes[s]))
    return _with(bound, symbol, sp.expand(symbol - difference / slopes[symbol]))


def _with(bound: Bound, symbol: sp.Symbol, value: sp.Expr) -> Bound:
    return {**{each: size.xreplace({symbol: value}) for each, size in bound.items()}, symbol: value}
