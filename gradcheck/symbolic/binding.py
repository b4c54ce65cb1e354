"""Bound indices: substitution that respects them, and canonical names for them."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits

from gradcheck.symbolic.tensors import fresh_index

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
    names = [name for name in _names() if name not in taken]
    return _rename(with_fresh_indices(expression), names)[0]


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


def _rename(expression: sp.Expr, names: list[str]) -> tuple[sp.Expr, int]:
    """The renamed expression, and how many sums are nested in it."""
    if not expression.has(ExprWithLimits):
        return expression, 0
    parts = [_rename(argument, names) for argument in expression.args]
    height = max((part[1] for part in parts), default=0)
    renamed = expression.func(*(part[0] for part in parts))
    if not isinstance(renamed, ExprWithLimits):
        return renamed, height
    if isinstance(renamed, sp.Sum) and renamed.function == 0:
        return sp.S.Zero, 0
    for bound in renamed.bound_symbols:
        name = sp.Symbol(names[height], integer=True, nonnegative=True)
        renamed = renamed.xreplace({bound: name})
        height += 1
    return renamed, height
