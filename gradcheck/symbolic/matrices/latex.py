"""Matrix expressions in LaTeX."""

from __future__ import annotations

from typing import ClassVar

import sympy as sp

from gradcheck.symbolic.functions import Elementary
from gradcheck.symbolic.matrices.cases import Choice
from gradcheck.symbolic.matrices.nodes import SCALAR, Apply, Matrix, Power, Scaled
from gradcheck.symbolic.matrices.printing import ENTRYWISE, POSTFIX, SCALED, SUM, Text
from gradcheck.symbolic.printing import latex


class Latex(Text):
    """LaTeX without delimiters."""

    entrywise, divided, ones, identity = r" \odot ", r" \oslash ", r"\mathbf{1}", "I"
    brackets, absolute = (r"\left(", r"\right)"), (r"\left|", r"\right|")
    norm = (r"\left\lVert ", r" \right\rVert")
    comparisons: ClassVar[dict[str, str]] = {
        "<=": r"\le",
        ">=": r"\ge",
        "==": "=",
        "!=": r"\ne",
        "and": r"\text{ and }",
        "or": r"\text{ or }",
    }
    marks: ClassVar[dict[str, str]] = {
        "transpose": r"^{\top}",
        "inverse": "^{-1}",
        "inverse transpose": r"^{-\top}",
    }
    names: ClassVar[dict[str, str]] = {
        **{name: rf"\{name}" for name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "det")},
        "diagonal": r"\operatorname{diag}",
    }

    def symbol(self, value: sp.Expr) -> str:
        return latex(value)

    def name(self, label: str) -> str:
        return str(sp.latex(sp.Symbol(label)))

    def product(self, factors: tuple[Matrix, ...]) -> str:
        return " ".join(self.write(factor, POSTFIX) for factor in factors)

    def scaled(self, node: Scaled) -> str:
        if node.coefficient == 0:
            return "0"
        if node.body is None:
            return self._fraction(node)
        outside = self._fraction(Scaled(node.coefficient, node.scalars, node.divisors, None))
        if outside in ("1", "-1"):
            return outside[:-1] + self.write(node.body, SCALED)
        return f"{outside} {self.write(node.body, ENTRYWISE)}"

    def cases(self, node: Choice) -> str:
        pairs = zip(node.branches, node.conditions, strict=True)
        rows = [rf"{self.write(branch)} & {self.write(condition)}" for branch, condition in pairs]
        rows.append(rf"{self.write(node.otherwise)} & \text{{otherwise}}")
        lines = r" \\ ".join(rows)
        return rf"\begin{{cases}} {lines} \end{{cases}}"

    def last_level(self, count: int, divided: bool, usual: int = ENTRYWISE) -> int:
        """A fraction's line brackets what stands alone above or below it."""
        return SUM if count == 1 and divided else super().last_level(count, divided, usual)

    def _fraction(self, node: Scaled) -> str:
        sign, above, below = self.fraction(node)
        line = " ".join(above) or "1"
        return sign + (rf"\frac{{{line}}}{{{' '.join(below)}}}" if below else line)

    def exponent(self, node: Power) -> str:
        entrywise = node.shape != SCALAR and not isinstance(node.base, Apply)
        mark = r"\odot " if entrywise else ""
        return f"^{{{mark}{latex(node.exponent)}}}"

    def function(self, name: str, arguments: str, exponent: str = "", kind: type | None = None) -> str:
        if name == "sqrt":
            return rf"\sqrt{{{arguments}}}"
        own = kind.symbol if kind is not None and issubclass(kind, Elementary) else ""
        written = own or self.names.get(name) or rf"\operatorname{{{name}}}"
        return f"{written}{exponent}{self.bracket(arguments)}"
