"""Functions defined by cases: the larger and smaller of two, and derivatives whose Kronecker deltas stand in front."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import Add, KroneckerDelta, Mul
from sympy.functions.elementary.piecewise import ExprCondPair


class Cases(sp.Expr):
    """The first expression whose condition holds; the last condition is True.

    SymPy's own `Piecewise` is no substitute: a `Sum` that is made of one is folded, which moves factors into the cases
    and, where sums are nested, a condition out of the sum that binds its index.
    """

    is_commutative = True
    is_real = True

    def __new__(cls, *pairs: Any) -> Any:
        chosen: list[ExprCondPair] = []
        for branch, condition in pairs:
            if condition not in (False, sp.false):
                chosen.append(ExprCondPair(branch, condition))
            if condition in (True, sp.true):
                break
        branches = {pair.expr for pair in chosen}
        return branches.pop() if len(branches) == 1 else sp.Expr.__new__(cls, *chosen)

    def _eval_derivative(self, wrt: sp.Expr) -> sp.Expr:
        return with_deltas_in_front(Cases(*((branch.diff(wrt), condition) for branch, condition in self.args)))

    def _numpycode(self, printer: Any) -> str:
        """As NumPy code, where an expression is compiled by SymPy's own printer."""
        return str(printer._print(sp.Piecewise(*self.args)))


BY_CASES = (sp.Piecewise, Cases)
"""Every node that chooses between cases; all hold pairs of an expression and a condition."""


def cases(*pairs: tuple[sp.Expr, sp.Basic | bool], otherwise: sp.Expr) -> sp.Expr:
    """The first expression whose condition holds, else `otherwise`; its slope is that of the expression chosen.

    >>> x = sp.Symbol("x", real=True)
    >>> sp.diff(cases((x, x > 0), otherwise=2 * x), x)
    Cases((1, x > 0), (2, True))
    """
    return Cases(*pairs, (otherwise, True))


def larger(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    """max(a, b); where the two tie they share the slope evenly, as in torch."""
    return cases((a, a > b), (b, a < b), otherwise=(a + b) / 2)


def smaller(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    """min(a, b); where the two tie they share the slope evenly, as in torch."""
    return cases((a, a < b), (b, a > b), otherwise=(a + b) / 2)


def with_deltas_in_front(expression: sp.Expr) -> sp.Expr:
    """Cases with the deltas that every branch but 0 has as factors pulled out, so that a sum can be sifted by them.

    >>> i, j, x = sp.Symbol("i"), sp.Symbol("j"), sp.Symbol("x")
    >>> with_deltas_in_front(cases((x * KroneckerDelta(i, j), x > 0), otherwise=sp.S.Zero))
    KroneckerDelta(i, j)*Cases((x, x > 0), (0, True))
    """
    if not isinstance(expression, BY_CASES):
        return expression
    found = [_deltas(branch) for branch, _ in expression.args if branch != 0]
    common = set.intersection(*found) if found else set()
    if not common:
        return expression
    ones = dict.fromkeys(common, sp.S.One)
    branches = ((branch.xreplace(ones), condition) for branch, condition in expression.args)
    return Mul(*sorted(common, key=sp.default_sort_key)) * expression.func(*branches)


def _deltas(branch: sp.Expr) -> set[sp.Expr]:
    """The deltas that the whole branch vanishes with."""
    if isinstance(branch, KroneckerDelta):
        return {branch}
    parts = [_deltas(part) for part in branch.args] if isinstance(branch, Add | Mul) else []
    combine = set.intersection if isinstance(branch, Add) else set.union
    return combine(*parts) if parts else set()
