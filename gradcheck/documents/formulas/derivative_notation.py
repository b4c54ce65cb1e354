"""How derivatives are written: dy/dx, ∂/∂x (…), \\frac{\\partial^2 f}{\\partial x \\partial y}, ∇_w L, ∂_x f."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gradcheck.documents.formulas.tree import Call, Derivative, Name, Node, Number, Plus, Power, Times

if TYPE_CHECKING:
    from gradcheck.documents.formulas.grammar import Parser

MAX_ORDER = 4


def read(parser: Parser) -> Node:
    """A derivative in one line: dy/dx, d/dx (…), ∂_x f or ∇_x f."""
    if parser.kind() == "d":
        return _stroke(parser)
    if parser.accept("∇"):
        return _subscripted(parser, "∇")
    parser.expect("∂")
    return _subscripted(parser, "∂") if parser.at("_") or parser.lowered() else _slanted(parser)


def _slanted(parser: Parser) -> Node:
    """∂L/∂w in one line of LaTeX, behind its first ∂."""
    order = _order(parser)
    of = None if parser.at("/") else parser.factor()
    if not parser.at("/") or not parser.at("∂", ahead=1):
        raise parser.stop("a ∂ without what it is taken by")
    parser.take()
    by: list[Node] = []
    while parser.accept("∂"):
        by += _variable(parser)
    return _completed(parser, of, tuple(by), "∂", order)


def _stroke(parser: Parser) -> Node:
    sign = parser.take().text
    order = _order(parser)
    of = None if parser.at("/") else parser.factor()
    of, order = _order_of(of, order)
    parser.expect("/")
    by = _below(parser)
    return _completed(parser, of, by, sign, order)


def fraction(parser: Parser) -> Node | None:
    """What stands behind \\frac where its upper half begins with a d or ∂; None for any other fraction."""
    if not parser.accept("{") or not _is_d(parser):
        return None
    sign = "∂" if parser.take().text == "∂" else "d"
    order = _order(parser)
    of: Node | None = None
    if not parser.at("}"):
        of = parser.product()
    parser.expect("}")
    if not parser.accept("{") or not _is_d(parser):
        return None
    by: list[Node] = []
    while _is_d(parser):
        parser.take()
        by += _variable(parser)
    parser.expect("}")
    if not by:
        return None
    return _completed(parser, of, tuple(by), sign, order)


def _is_d(parser: Parser) -> bool:
    token = parser.peek()
    return token is not None and (
        token.kind == "d" or token.text == "∂" or (token.kind == "name" and token.text == "d")
    )


def _order(parser: Parser) -> int:
    if parser.kind() == "power":
        raised = parser.take().text
        return int(raised) if raised.isdigit() else 1
    if parser.accept("^"):
        node = parser.group()
        if isinstance(node, Number) and node.value.denominator == 1 and 1 <= node.value <= MAX_ORDER:
            return int(node.value)
        raise parser.stop("the order of a derivative is a small number")
    return 1


def _order_of(of: Node | None, order: int) -> tuple[Node | None, int]:
    return of, order


def _below(parser: Parser) -> tuple[Node, ...]:
    by: list[Node] = []
    while parser.kind() == "d":
        parser.take()
        by += _variable(parser)
    if not by:
        raise parser.stop("what is differentiated by is missing")
    return tuple(by)


def _variable(parser: Parser) -> list[Node]:
    """The variable below the stroke, as often as its power says."""
    token = parser.peek()
    if token is not None and token.kind in ("name", "word"):
        parser.take()
        indices = parser.indices() if parser.at("_") or parser.lowered() else ()
        node: Node = Name(token.text, indices, token.bold)
        if parser.at("^") and not parser.at("(", ahead=2):
            pass
        elif parser.at("^"):
            parser.take()
            node = parser.power(node)
    else:
        node = parser.bracketed() if parser.kind() == "open" else parser.atom()
    times = 1
    if parser.kind() == "power" or parser.at("^"):
        times = _order(parser)
    if isinstance(node, Power | Times) or not 1 <= times <= MAX_ORDER:
        raise parser.stop("a derivative is taken by a variable")
    return [node] * times


def _completed(parser: Parser, of: Node | None, by: tuple[Node, ...], sign: str, order: int) -> Node:
    """With what stands behind: the operand of d/dx, or the arguments at which it is taken."""
    if order != len(by):
        raise parser.stop("the order above is not that below")
    if of is None:
        return Derivative(_operand(parser), by, sign)
    called = isinstance(of, Name) and parser.at("(") and not parser.is_spaced()
    return Derivative(of, by, sign, 1, _taken_at(parser) if called else ())


def _taken_at(parser: Parser) -> tuple[Node, ...]:
    """The arguments at which a derivative is taken; none where the brackets hold a factor that follows it."""
    back = parser.place, parser.depth
    at = parser.arguments()
    if any(isinstance(each, Derivative) for node in at for each in node.walk()):
        parser.place, parser.depth = back
        return ()
    if len(at) == 1 and isinstance(at[0], Plus | Times):
        parser.unclear = parser.unclear or "brackets behind a derivative may hold a factor, or where it is taken"
    return at


def _operand(parser: Parser) -> Node:
    """What d/dx is applied to: brackets that follow it, or the rest of the product."""
    if parser.at("·", "*"):
        raise parser.stop("an operator without operand")
    if parser.at("(", "["):
        inner = parser.factor()
        if parser.begins_factor():
            parser.unclear = parser.unclear or "it is not clear how far the derivative's operand reaches"
        return inner
    return parser.signed(parser.product)


def _subscripted(parser: Parser, sign: str) -> Node:
    """∇_w L and ∂_w L; a ∇ may stand alone."""
    by: tuple[Node, ...] = ()
    order = 1
    if parser.at("_") or parser.lowered():
        by = _subscript(parser)
    if parser.at("^") or parser.kind() == "power":
        order = _order(parser)
    if not _begins_operand(parser):
        return Derivative(None, by, sign, order)
    of = _operand(parser)
    if sign == "∇" and isinstance(of, Call) and not any(isinstance(each, Name) for each in of.arguments):
        return Derivative(Name(of.function), by, sign, order, of.arguments)
    return Derivative(of, by * order if by else (), sign, order)


def value_at_bar(parser: Parser) -> tuple[Node, Node]:
    """|_{x = 3}: what has a value there, and the value."""
    parser.expect("|")
    parser.expect("_")
    parser.expect("{")
    name = parser.factor()
    parser.expect("=")
    value = parser.sum()
    parser.expect("}")
    return name, value


def evaluated(parser: Parser, node: Derivative) -> Node:
    """dy/dx |_{x = 3}: the derivative where its variable has a value."""
    name, value = value_at_bar(parser)
    if node.at or set(node.by) != {name}:
        raise parser.stop("a value is given for something else than what the derivative is taken by")
    return replace(node, at=(value,))


def _subscript(parser: Parser) -> tuple[Node, ...]:
    if parser.lowered():
        return parser.indices()
    parser.expect("_")
    if not parser.accept("{"):
        token = parser.take()
        if token.kind not in ("name", "word"):
            raise parser.stop("a derivative is taken by a variable")
        return (Name(token.text, (), token.bold),)
    found = [parser.factor()]
    while parser.accept(","):
        found.append(parser.factor())
    parser.expect("}")
    return tuple(found)


def _begins_operand(parser: Parser) -> bool:
    token = parser.peek()
    if token is None or token.kind in ("close", "break", "power"):
        return False
    if token.kind == "sign":
        return token.text in ("‖", "|", "∑", "√", "∇", "∂")
    return not (token.kind == "command" and token.text in ("\\\\", "end"))
