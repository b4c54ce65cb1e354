"""Exponents, transposes and primes."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from gradcheck.documents.formulas.names import NameReader
from gradcheck.documents.formulas.tree import (
    Call,
    Derivative,
    Entry,
    Name,
    Negated,
    Node,
    Number,
    Plus,
    Power,
    Transposed,
)

LETTER_FUNCTIONS = frozenset(("sigma", "phi", "psi", "f", "g", "h", "F", "G", "u", "v"))
"""Letters whose square, in front of a bracket, is the square of a function's value."""


class PowerReader(NameReader):
    """Reads what stands behind a base."""

    def power(self, base: Node) -> Node:
        """What stands behind ^: an exponent, a transpose or a prime."""
        token = self.peek()
        if token is None:
            raise self.stop("an exponent is missing")
        if token.kind == "power":
            return self.raised(base, self.take().text)
        if self.at("'") or (self.at("{") and self.at("'", ahead=1)):
            return self._primed_in_exponent(base)
        if token.text == "{" and self.at("}", ahead=2) and self.kind(1) == "power":
            self.place += 1
            raised = self.raised(base, self.take().text)
            self.expect("}")
            return raised
        if token.text == "{" or (token.text == "(" and not self.latex):
            exponent = self.bracketed()
        else:
            exponent = self.short_exponent()
        if isinstance(exponent, Name) and exponent.label == "T" and not exponent.indices:
            return Transposed(base)
        if exponent == Negated(Name("T")):
            return Transposed(Power(base, _signed_number(-1)))
        return self._labelled(base, exponent, token.text)

    def _labelled(self, base: Node, exponent: Node, opening: str) -> Node:
        """A power; a name with (l) above is a name of its own."""
        token = self.tokens[self.place - 2] if self.place > 1 else None
        if opening == "{" and token is not None and token.text == ")" and isinstance(base, Name):
            inner = exponent
            if mark := _mark(inner):
                return Name(f"{base.label}^({mark})", base.indices, base.bold)
        return Power(base, exponent)

    def short_exponent(self) -> Node:
        """An exponent without brackets: in LaTeX one sign alone."""
        if self.latex:
            token = self.take()
            if token.kind == "name":
                return Name(token.text, (), token.bold)
            self.place -= 1
            return self.atom()
        return self.signed(self._atom_with_power)

    def _atom_with_power(self) -> Node:
        node = self.atom()
        if self.at("^"):
            self.place += 1
            return self.power(node)
        return node

    def raised(self, base: Node, text: str) -> Node:
        """The base with a raised sign such as ² or ᵀ."""
        if text in ("T", "t"):
            return Transposed(base)
        if text == "n":
            return Power(base, Name("n"))
        if not text.lstrip("+-").isdigit():
            raise self.stop(f"{text!r} is no exponent")
        return Power(base, _signed_number(int(text)))

    def _primed_in_exponent(self, base: Node) -> Node:
        braces = self.accept("{")
        node = self.primed(base)
        if braces:
            self.expect("}")
            if isinstance(node, Derivative) and self.at("(") and not self.is_spaced():
                node = replace(node, at=self.arguments())
        return node

    def primed(self, node: Node) -> Node:
        """f'(x): the derivative of f at x."""
        order = 0
        while self.at("'", "''"):
            order += len(self.take().text)
        if order > 3 or not isinstance(node, Name | Call):
            raise self.stop("a prime stands behind the name of a function")
        at = self.arguments() if self.at("(") and not self.is_spaced() else ()
        return Derivative(node, (), "'", order, at)

    def called(self, node: Node) -> Node:
        """g²(x) is the square of g(x)."""
        if not isinstance(node, Power) or not isinstance(node.base, Name) or self.is_spaced() or not self.at("("):
            return node
        if node.base.label not in LETTER_FUNCTIONS or node.base.indices:
            return node
        return Power(Call(node.base.label, self.arguments()), node.exponent)

    def entry_of(self, node: Node) -> Node:
        """An entry of what stands before its indices."""
        indices = self.indices()
        if isinstance(node, Call):
            return Call(node.function, node.arguments, node.indices + indices)
        return Entry(node, indices)


def _signed_number(value: int) -> Node:
    return Negated(Number(Fraction(-value))) if value < 0 else Number(Fraction(value))


def _mark(node: Node) -> str:
    """The letter, number or k+1 that stands in brackets above a name."""
    match node:
        case Name(label, ()):
            return label
        case Number(value):
            return str(value)
        case Plus(left, Negated(Number(value))):
            return f"{_mark(left)}-{value}" if _mark(left) else ""
        case Plus(left, Number(value)):
            return f"{_mark(left)}+{value}" if _mark(left) else ""
    return ""
