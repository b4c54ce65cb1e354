"""Matrix expressions as people write them, on one line of Unicode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import sympy as sp

from gradcheck.symbolic.matrices.algebra import has_minus
from gradcheck.symbolic.matrices.cases import Choice, Condition
from gradcheck.symbolic.matrices.nodes import (
    SCALAR,
    Apply,
    Call,
    Hadamard,
    Identity,
    Matrix,
    Named,
    Number,
    OneHot,
    Ones,
    Power,
    Product,
    Quotient,
    Scaled,
    Total,
)
from gradcheck.symbolic.printing import text

SUM, SCALED, ENTRYWISE, PRODUCT, POSTFIX, ATOM = range(6)
"""How tightly an expression holds together."""

LEVELS: dict[type[Matrix], int] = {
    Total: SUM,
    Scaled: SCALED,
    Quotient: SCALED,
    Hadamard: ENTRYWISE,
    Product: PRODUCT,
    Power: POSTFIX,
    Condition: SUM,
}

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


class Text:
    """One line of Unicode."""

    names: ClassVar[dict[str, str]] = {"sigmoid": "σ", "logsumexp": "logsumexp", "diagonal": "diag"}
    entrywise, divided, ones, identity = " ⊙ ", " ⊘ ", "𝟏", "I"
    brackets, norm, absolute = ("(", ")"), ("‖", "‖"), ("|", "|")
    comparisons: ClassVar[dict[str, str]] = {"<=": "≤", ">=": "≥", "==": "=", "!=": "≠"}
    marks: ClassVar[dict[str, str]] = {"transpose": "ᵀ", "inverse": "⁻¹", "inverse transpose": "⁻ᵀ"}

    def write(self, node: Matrix, level: int = SUM) -> str:
        """The expression, in brackets where it holds together less tightly than `level`."""
        written = self._write(node)
        return self.bracket(written) if self.level(node) < level else written

    def level(self, node: Matrix) -> int:
        """How tightly the expression, as written, holds together."""
        if isinstance(node, Number):
            return _number_level(node.number)
        if isinstance(node, Power) and node.exponent == sp.S.Half:
            return ATOM
        if isinstance(node, Call) and node.kind in ("transpose", "inverse"):
            return POSTFIX
        return LEVELS.get(type(node), ATOM)

    def bracket(self, inner: str) -> str:
        """The text in brackets."""
        return f"{self.brackets[0]}{inner}{self.brackets[1]}"

    def symbol(self, value: sp.Expr) -> str:
        """A number, size, scalar variable or function of them."""
        if isinstance(value, sp.Float):
            return f"{float(value):.10g}"
        return "e" if value is sp.E else text(value)

    def name(self, label: str) -> str:
        """A variable's name."""
        return label

    def _write(self, node: Matrix) -> str:
        return WRITERS[type(node)](self, node)

    def number(self, number: sp.Expr) -> str:
        """A number, size or scalar variable as it is put together."""
        if number.is_Add:
            return self.total(
                tuple(map(Number, sorted(number.args, key=lambda term: (has_minus(term), -term.count_ops()))))
            )
        if _number_level(number) == SCALED:
            return self.scaled(Scaled(number, (), (), None))
        return self.power(Power(Number(number.base), number.exp)) if number.is_Pow else self.symbol(number)

    def total(self, terms: Sequence[Matrix]) -> str:
        """a + b - c."""
        line = self.write(terms[0], SCALED)
        for term in terms[1:]:
            written = self.write(term, SCALED)
            line += f" - {written[1:]}" if written[0] == "-" else f" + {written}"
        return line

    def scaled(self, node: Scaled) -> str:
        """2 a x / m, with the sign in front."""
        sign, above, below = self.fraction(node)
        if node.coefficient == 0:
            return "0"
        if not below:
            return sign + (" ".join(above) or "1")
        return f"{sign}{' '.join(above) or 1} / {below[0] if len(below) == 1 else self.bracket(' '.join(below))}"

    def fraction(self, node: Scaled) -> tuple[str, list[str], list[str]]:
        """The sign, and what stands above and below the line."""
        sign = "-" if has_minus(node.coefficient) else ""
        numerator, denominator = sp.fraction(-node.coefficient if sign else node.coefficient)
        above = [*self._numbers(numerator), *node.scalars, *([node.body] if node.body else [])]
        below = [*self._numbers(denominator), *node.divisors]
        last = self.last_level(len(above), bool(below))
        return sign, self._factors(above, last), self._factors(below, self.last_level(len(below), True, POSTFIX))

    def last_level(self, count: int, divided: bool, usual: int = ENTRYWISE) -> int:
        """How tightly the last factor above or below the line holds together."""
        return SCALED if count == 1 and not divided else usual

    def _factors(self, factors: list[Matrix], last: int) -> list[str]:
        return [self.write(f, POSTFIX) for f in factors[:-1]] + [self.write(f, last) for f in factors[-1:]]

    def _numbers(self, number: sp.Expr) -> list[Matrix]:
        return [Number(factor) for factor in sp.Mul.make_args(number) if factor != 1]

    def product(self, factors: tuple[Matrix, ...]) -> str:
        """Single letters and brackets stand close, everything else apart."""
        pieces = [self.write(factor, POSTFIX) for factor in factors]
        line = pieces[0]
        for position, right in enumerate(pieces[1:]):
            outer = factors[position].shape[1] == 1
            close = not outer and _is_letter(pieces[position]) and (right[0] == "(" or _is_letter(right))
            line += right if close else f" {right}"
        return line

    def power(self, node: Power) -> str:
        """A base with its exponent."""
        if node.exponent == sp.S.Half:
            return self.function("sqrt", self.write(node.base))
        exponent = self.exponent(node)
        if isinstance(node.base, Apply) and node.exponent.is_Integer and node.exponent > 0:
            return self.apply(node.base, exponent)
        return self.write(node.base, ATOM) + exponent

    def exponent(self, node: Power) -> str:
        """The exponent as it stands behind the base."""
        entrywise = node.shape != SCALAR and not isinstance(node.base, Apply)
        if node.exponent.is_Integer and not entrywise:
            return str(node.exponent).translate(SUPERSCRIPTS)
        return f"^{'⊙' if entrywise else ''}{self.write(Number(node.exponent), ATOM)}"

    def apply(self, node: Apply, exponent: str = "") -> str:
        """A function of entries."""
        arguments = ", ".join(self.write(argument) for argument in node.arguments)
        if node.function.__name__ == "absolute":
            return self.absolute[0] + arguments + self.absolute[1] + exponent
        return self.function(node.function.__name__, arguments, exponent, node.function)

    def function(self, name: str, arguments: str, exponent: str = "", _: type | None = None) -> str:
        """A function's name and its arguments."""
        return f"{self.names.get(name, name)}{exponent}{self.bracket(arguments)}"

    def condition(self, node: Condition) -> str:
        """A comparison of entries, or two conditions together."""
        left, right = (
            self.bracket(self.write(side)) if _joined_by(side) not in ("", node.sign) else self.write(side)
            for side in (node.left, node.right)
        )
        return f"{left} {self.comparisons.get(node.sign, node.sign)} {right}"

    def cases(self, node: Choice) -> str:
        """The branches, each before its condition."""
        pairs = zip(node.branches, node.conditions, strict=True)
        listed = ", ".join(f"{self.write(branch)} where {self.write(condition)}" for branch, condition in pairs)
        return f"{{{listed}, else {self.write(node.otherwise)}}}"

    def call(self, node: Call) -> str:
        """A matrix function."""
        if node.kind == "norm":
            return self.norm[0] + self.write(node.argument) + self.norm[1]
        inverted = node.argument if isinstance(node.argument, Call) and node.argument.kind == "inverse" else None
        if node.kind == "transpose" and inverted:
            return self.write(inverted.argument, ATOM) + self.marks["inverse transpose"]
        if node.kind in self.marks:
            return self.write(node.argument, ATOM) + self.marks[node.kind]
        return self.function(node.kind, self.write(node.argument))


WRITERS: dict[type[Matrix], Callable[[Text, Any], str]] = {
    Named: lambda style, node: style.name(node.label),
    Number: lambda style, node: style.number(node.number),
    Ones: lambda style, _: style.ones,
    Identity: lambda style, _: style.identity,
    OneHot: lambda style, node: style.function("onehot", style.name(node.label)),
    Total: lambda style, node: style.total(node.terms),
    Scaled: lambda style, node: style.scaled(node),
    Product: lambda style, node: style.product(node.factors),
    Hadamard: lambda style, node: style.entrywise.join(style.write(factor, POSTFIX) for factor in node.factors),
    Quotient: lambda style, node: style.divided.join(
        style.write(part, POSTFIX) for part in (node.numerator, node.denominator)
    ),
    Power: lambda style, node: style.power(node),
    Apply: lambda style, node: style.apply(node),
    Call: lambda style, node: style.call(node),
    Condition: lambda style, node: style.condition(node),
    Choice: lambda style, node: style.cases(node),
}
"""How each kind of node is written."""


def _joined_by(node: Matrix) -> str:
    """By which word two conditions are joined, or nothing."""
    return node.sign if isinstance(node, Condition) and node.sign in ("and", "or") else ""


def _reading_order(term: sp.Expr) -> tuple[bool, int]:
    return has_minus(term), -term.count_ops()


def _is_letter(piece: str) -> bool:
    """One letter or the column of ones, with or without a mark."""
    plain = piece.rstrip("ᵀ⁻¹")
    return len(plain) == 1 and (plain.isalpha() or plain == Text.ones)


def _number_level(number: sp.Expr) -> int:
    if number.is_Add:
        return SUM
    if number.is_Mul or sp.fraction(number)[1] != 1 or has_minus(number):
        return SCALED
    return POSTFIX if number.is_Pow else ATOM
