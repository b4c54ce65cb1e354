"""A derivative that is still to be worked out, as a node of an expression."""

from __future__ import annotations

from typing import Any

import sympy as sp


class Pending(sp.Expr):
    """∂f/∂x, kept as it is: no rule has been applied to it yet.

    SymPy's own `Derivative` rewrites itself when it is made, and would take steps that nobody named.

    >>> x = sp.Symbol("x", real=True)
    >>> Pending(x**2, x)
    d/dx(x**2)
    """

    is_commutative = True
    is_real = True

    def __new__(cls, function: sp.Expr, entry: sp.Expr) -> Pending:
        return sp.Expr.__new__(cls, sp.sympify(function), entry)

    @property
    def function(self) -> sp.Expr:
        """What is differentiated."""
        return self.args[0]

    @property
    def entry(self) -> sp.Expr:
        """The scalar or the tensor's entry that it is differentiated by."""
        return self.args[1]

    @property
    def sign(self) -> tuple[str, str]:
        """The sign of the derivative, as a letter and in LaTeX: d by a scalar, ∂ by an entry."""
        return ("∂", r"\partial") if isinstance(self.entry, sp.Indexed) else ("d", "d")

    def _latex(self, printer: Any) -> str:
        sign = self.sign[1]
        inner = rf"\left({printer._print(self.function)}\right)"
        return rf"\frac{{{sign}}}{{{sign} {printer._print(self.entry)}}}{inner}"

    def _sympystr(self, printer: Any) -> str:
        sign = self.sign[0]
        return f"{sign}/{sign}{printer._print(self.entry)}({printer._print(self.function)})"

    _sympyrepr = _sympystr


def pending_in(expression: sp.Basic) -> list[Pending]:
    """Every derivative still to be worked out, outermost first."""
    if isinstance(expression, Pending):
        return [expression]
    found = (each for argument in expression.args for each in pending_in(argument)) if expression.args else ()
    return list(dict.fromkeys(found))
