"""How limits, integrals and values at a point are written: \\lim_{h \\to 0}, \\int_a^b … dx, z|_{x = 1}."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from gradcheck.documents.formulas.derivative_notation import value_at_bar
from gradcheck.documents.formulas.tree import At, Dots, Integral, Limit, Name, Node, Number

if TYPE_CHECKING:
    from gradcheck.documents.formulas.grammar import Parser


def limit(parser: Parser) -> Node:
    """A limit of the product that follows."""
    parser.expect("lim")
    parser.expect("_")
    braces = parser.accept("{")
    by = _variable(parser)
    parser.expect("→")
    toward = parser.signed(parser.atom)
    side = _side(parser)
    if braces:
        parser.expect("}")
    return Limit(parser.signed(parser.product), by, toward, side)


def _side(parser: Parser) -> str:
    """The raised sign of 0⁺, from which side it is approached."""
    if parser.kind() == "power" and parser.peek() is not None and parser.at("+", "-"):
        return parser.take().text
    if not parser.accept("^"):
        return ""
    braces = parser.accept("{")
    if not parser.at("+", "-"):
        raise parser.stop("a limit from which side is not understood")
    side = parser.take().text
    if braces:
        parser.expect("}")
    return side


def integral(parser: Parser) -> Node:
    """An integral between two limits, to its dx."""
    parser.expect("∫")
    lower, upper = _limits(parser)
    parser.integrals += 1
    try:
        body: Node = Number(Fraction(1)) if parser.is_differential() else parser.sum()
        if not parser.is_differential():
            raise parser.stop("an integral without its dx")
        token = parser.take()
        by = Name(token.text[1:]) if len(token.text) == 2 else _variable(parser)
    finally:
        parser.integrals -= 1
    return Integral(body, by, lower, upper)


def _limits(parser: Parser) -> tuple[Node, Node]:
    """The limits below and above the sign, in either order; dots for those that are not written."""
    found: dict[str, Node] = {}
    while len(found) < 2:
        if parser.lowered():
            found["_"] = parser.indices()[0]
        elif parser.kind() == "power":
            found["^"] = Number(Fraction(parser.take().text))
        elif parser.at("_", "^"):
            sign = parser.take().text
            found[sign] = parser.bracketed() if parser.at("{") else parser.signed(parser.atom)
        else:
            break
    return found.get("_", Dots()), found.get("^", Dots())


def evaluated(parser: Parser, node: Node) -> Node:
    """z|_{x = 3}: what stands before the bar, where one of its names has a value."""
    name, value = value_at_bar(parser)
    if not isinstance(name, Name):
        raise parser.stop("a value is given for something that is no name")
    return At(node, name, value)


def _variable(parser: Parser) -> Name:
    token = parser.take()
    if token.kind != "name" or token.bold:
        raise parser.stop("what it is taken over is no variable")
    return Name(token.text)
