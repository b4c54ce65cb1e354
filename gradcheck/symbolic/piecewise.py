"""Functions defined by cases: the larger and smaller of two, and derivatives whose Kronecker deltas stand in front."""

from __future__ import annotations

import sympy as sp
from sympy import Add, KroneckerDelta, Mul, Piecewise


def cases(*pairs: tuple[sp.Expr, sp.Basic | bool], otherwise: sp.Expr) -> sp.Expr:
    """The first expression whose condition holds, else `otherwise`; its slope is that of the expression chosen.

    >>> x = sp.Symbol("x", real=True)
    >>> sp.diff(cases((x, x > 0), otherwise=2 * x), x)
    Piecewise((1, x > 0), (2, True))
    """
    return Piecewise(*pairs, (otherwise, True))


def larger(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    """max(a, b); where the two tie they share the slope evenly, as in torch."""
    return cases((a, a > b), (b, a < b), otherwise=(a + b) / 2)


def smaller(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    """min(a, b); where the two tie they share the slope evenly, as in torch."""
    return cases((a, a < b), (b, a > b), otherwise=(a + b) / 2)


def with_deltas_in_front(expression: sp.Piecewise) -> sp.Expr:
    """The same with the deltas that every branch but 0 has as factors pulled out, so that a sum can be sifted by them.

    >>> i, j, x = sp.Symbol("i"), sp.Symbol("j"), sp.Symbol("x")
    >>> with_deltas_in_front(Piecewise((x * KroneckerDelta(i, j), x > 0), (0, True)))
    Piecewise((x, x > 0), (0, True))*KroneckerDelta(i, j)
    """
    found = [_deltas(branch) for branch, _ in expression.args if branch != 0]
    common = set.intersection(*found) if found else set()
    if not common:
        return expression
    ones = dict.fromkeys(common, sp.S.One)
    branches = ((branch.xreplace(ones), condition) for branch, condition in expression.args)
    return Mul(*sorted(common, key=sp.default_sort_key)) * Piecewise(*branches)


def _deltas(branch: sp.Expr) -> set[sp.Expr]:
    """The deltas that the whole branch vanishes with."""
    if isinstance(branch, KroneckerDelta):
        return {branch}
    parts = [_deltas(part) for part in branch.args] if isinstance(branch, Add | Mul) else []
    combine = set.intersection if isinstance(branch, Add) else set.union
    return combine(*parts) if parts else set()
