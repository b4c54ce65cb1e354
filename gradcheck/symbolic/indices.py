"""Whole numbers made of indices: the parts of an index over a merged axis, and a shifted index kept within its axis."""

from __future__ import annotations

from typing import Any

import sympy as sp


class IndexFunction(sp.Function):
    """A whole number made of an index; it is constant but for jumps."""

    is_integer = True
    is_nonnegative = True
    is_real = True
    is_commutative = True

    def _eval_derivative(self, _: sp.Expr) -> sp.Expr:
        return sp.S.Zero


class Quotient(IndexFunction):
    """⌊k/n⌋."""

    def _latex(self, printer: Any) -> str:
        return rf"\left\lfloor {printer._print(self.args[0])} / {printer._print(self.args[1])} \right\rfloor"

    def _sympystr(self, printer: Any) -> str:
        return f"⌊{printer._print(self.args[0] / self.args[1])}⌋"


class Remainder(IndexFunction):
    """k mod n."""

    def _latex(self, printer: Any) -> str:
        return rf"\left({printer._print(self.args[0])} \bmod {printer._print(self.args[1])}\right)"

    def _sympystr(self, printer: Any) -> str:
        return f"({printer._print(self.args[0])} mod {printer._print(self.args[1])})"


class Within(IndexFunction):
    """The index moved to the nearest place of an axis of size n: min(max(k, 0), n - 1)."""

    def _latex(self, printer: Any) -> str:
        index, size = map(printer._print, self.args)
        return rf"\left[{index}\right]_{{0}}^{{{size}-1}}"

    def _sympystr(self, printer: Any) -> str:
        index, size = map(printer._print, self.args)
        return f"within({index}, {size})"


INDEX_FUNCTIONS: tuple[type[IndexFunction], ...] = (Quotient, Remainder, Within)
"""Every function of indices."""
