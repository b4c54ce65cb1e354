"""The largest value and the product over one or several indices, with derivatives that hold at ties and at zeros."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from gradcheck.symbolic.piecewise import cases
from gradcheck.symbolic.tensors import BindsIndices, Extremum, Sum, fresh_index


class SharedMax(Extremum):
    """The largest value of a body over all bound indices; entries that tie share the slope evenly, as in torch.amax."""

    symbol = "max"
    is_real = True

    def _eval_derivative(self, wrt: sp.Expr) -> sp.Expr:
        body, limits = refreshed(self)
        chosen = cases((body.diff(wrt), sp.Eq(body, self, evaluate=False)), otherwise=sp.S.Zero)
        return Sum(chosen, *limits) / self.ties

    @property
    def ties(self) -> sp.Expr:
        """How many entries are as large as the largest."""
        body, limits = refreshed(self)
        return Sum(cases((sp.S.One, sp.Eq(body, self, evaluate=False)), otherwise=sp.S.Zero), *limits)

    def _latex(self, printer: Any) -> str:
        return rf"\max_{{{_bound(self, printer)}}}\left({printer._print(self.function)}\right)"

    def _sympystr(self, printer: Any) -> str:
        return f"max_{_bound(self, printer)}({printer._print(self.function)})"


class ProductOver(BindsIndices):
    """The product of a body over all bound indices; its derivative divides by nothing, so that it holds at zeros."""

    is_commutative = True
    is_real = True

    def _eval_derivative(self, wrt: sp.Expr) -> sp.Expr:
        body, limits = refreshed(self)
        slope = body.diff(wrt)
        return Sum(self.without([place for place, *_ in limits]) * slope, *limits) if slope != 0 else sp.S.Zero

    def without(self, place: Sequence[sp.Expr]) -> sp.Expr:
        """The product of all factors but the one at a place."""
        body, limits = refreshed(self)
        there = sp.And(*(sp.Eq(bound, at) for (bound, *_), at in zip(limits, place, strict=True)))
        return ProductOver(cases((sp.S.One, there), otherwise=body), *limits)

    def _latex(self, printer: Any) -> str:
        return rf"\prod_{{{_bound(self, printer)}}} \left({printer._print(self.function)}\right)"

    def _sympystr(self, printer: Any) -> str:
        return f"prod_{_bound(self, printer)}({printer._print(self.function)})"


def refreshed(whole: BindsIndices) -> tuple[sp.Expr, tuple[tuple[sp.Expr, ...], ...]]:
    """The body and the limits with indices that no other expression holds.

    >>> from gradcheck.symbolic.tensors import dimension, tensor
    >>> n = dimension("n")
    >>> k, x = sp.Symbol("k", integer=True), tensor("x", n)
    >>> body, ((place, _, _),) = refreshed(ProductOver(x[k], (k, 0, n - 1)))
    >>> body == x[place] != x[k]
    True
    """
    fresh = {bound: fresh_index() for bound in whole.bound_symbols}
    limits = tuple((fresh[bound], lower, upper) for bound, lower, upper in whole.limits)
    return whole.function.xreplace(fresh), limits


def _bound(whole: BindsIndices, printer: Any) -> str:
    return ",".join(map(printer._print, whole.bound_symbols))
