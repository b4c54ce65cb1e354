"""Mathematics in both of its spellings."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from gradcheck.symbolic.printing import latex, text


@dataclass(frozen=True)
class Maths:
    """The same mathematics as one line of Unicode and as LaTeX without delimiters."""

    text: str
    latex: str

    @classmethod
    def of(cls, expression: sp.Expr) -> Maths:
        """An expression."""
        return cls(text(expression), latex(expression))

    def equals(self, other: Maths) -> Maths:
        """The equation of two."""
        return Maths(f"{self.text} = {other.text}", f"{self.latex} = {other.latex}")
