"""One equation taken apart: which side is the derivative, which others are held against it, what is a mere name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from gradcheck.documents.formulas.computations import computation
from gradcheck.documents.formulas.definitions import Definitions, Place
from gradcheck.documents.formulas.resolved_calls import CUSTOMARY, KNOWN
from gradcheck.documents.formulas.tree import (
    INFINITY,
    At,
    Call,
    Derivative,
    Equation,
    Integral,
    Limit,
    Listed,
    Name,
    Negated,
    Node,
    Number,
    Over,
    Plus,
    Power,
    Series,
    Side,
    Times,
    Transposed,
)

Kind = Literal["derivative", "limit", "integral", "series", "value", "identity", "arithmetic", "algebra"]
OPERATORS: dict[type[Node], Kind] = {
    Derivative: "derivative",
    Limit: "limit",
    Integral: "integral",
    Series: "series",
    At: "value",
}
"""What is worked out where it stands alone on a side."""

GRADIENT_NAMES = frozenset(["g", "G", "grad", "gradient", "delta", "Delta", "J", "H", "dw", "db"])
GRADIENT_PREFIXES = ("g_", "grad", "dL", "d_")
"""How documents call a derivative that they give a name to."""


@dataclass(frozen=True)
class Links:
    """`derivative` is the side that is worked out, a derivative as a rule; `others` are held against it.

    `numbers` are sides without letters where others have some: they hold at one point only. `kind` says what the first
    side is: a derivative, a limit, an integral, the value of a function, an expression that holds one of these, or
    arithmetic with numbers.
    """

    derivative: Side
    others: tuple[Side, ...]
    numbers: tuple[Side, ...] = ()
    kind: Kind = "derivative"

    @property
    def variables(self) -> frozenset[str]:
        """What the derivative is taken by, as far as it is written."""
        nodes = (node for node in self.derivative.node.walk() if isinstance(node, Derivative))
        return frozenset(by.label for node in nodes for by in node.by[:1] if isinstance(by, Name))


def links(equation: Equation, definitions: Definitions, place: Place) -> Links | None:
    """The links of an equation; None for one that claims nothing: it gives a derivative a name, or is to be solved."""
    derivative = next((side for side in equation.sides if is_derivative(side.node)), None)
    if derivative is None:
        found = _of_value(equation, definitions, place) or _identity(equation, definitions, place)
        return found or _algebra(equation)
    if _is_mere_prime(derivative.node, definitions, place):
        return None
    kind = OPERATORS[type(_bare(derivative.node))]
    others = [side for side in equation.sides if side is not derivative]
    claimed = [side for side in others if not _names_it(side.node, derivative.node, definitions, place)]
    if kind != "derivative":
        claimed = [side for side in claimed if not _defines(side.node, definitions, place)]
    lettered = [side for side in claimed if not is_number(side.node)]
    if not lettered or kind != "derivative":
        return Links(derivative, tuple(claimed), kind=kind) if claimed else None
    numbers = (side for side in claimed if is_number(side.node) and not is_zero(side.node))
    return Links(derivative, tuple(lettered), tuple(numbers), kind)


def later_links(found: Links) -> Iterator[Links]:
    """The ends of a chain that begin with a later derivative."""
    for place, side in enumerate(found.others[:-1]):
        if is_derivative(side.node):
            yield replace(found, derivative=side, others=found.others[place + 1 :])


def is_derivative(node: Node) -> bool:
    """Whether a side is a derivative, a limit, an integral or a value at a point, perhaps turned or transposed.

    >>> is_derivative(Negated(Derivative(Name("f"), (Name("x"),), "d")))
    True
    """
    return isinstance(_bare(node), tuple(OPERATORS))


def _bare(node: Node) -> Node:
    while isinstance(node, Negated | Transposed):
        node = node.operand
    return node


def has_operator(node: Node) -> bool:
    """Whether a derivative, a limit, an integral or a value at a point stands anywhere in a tree."""
    return any(isinstance(each, tuple(OPERATORS)) for each in node.walk())


def free_letters(node: Node) -> frozenset[str]:
    """The letters that a side depends on: not the variable of a limit or an integral.

    >>> free_letters(Limit(Plus(Name("x"), Name("h")), Name("h"), Name("e")))
    frozenset({'x'})
    """
    if isinstance(node, Name):
        return frozenset() if is_closed(node) or node == INFINITY else frozenset((node.label,))
    inner = frozenset[str]().union(*map(free_letters, node.parts))
    return inner - {node.by.label} if isinstance(node, Limit | Integral | Series) else inner


def is_value(node: Node) -> bool:
    """Whether a side is a function of numbers alone: f(0, 0)."""
    return isinstance(node, Call) and not node.indices and all(map(is_closed, node.arguments))


def is_closed(node: Node) -> bool:
    """Whether a side has no letters but e and π, and no functions but known ones."""
    return all(
        is_constant(each) or (isinstance(each, Call) and each.function in KNOWN and not each.indices)
        for each in node.walk()
    )


def is_constant(node: Node) -> bool:
    """Whether a node is a number, e or π, or a sign between numbers."""
    if isinstance(node, Name):
        return node.label in ("e", "pi") and not node.indices
    return isinstance(node, Number | Negated | Times | Plus | Over | Power)


def operates(node: Node) -> bool:
    """Whether a side is arithmetic with numbers, and not one number alone."""
    return is_closed(node) and not isinstance(_bare(node), Number | Name)


NOUNS: dict[type[Node], str] = {
    Derivative: "the derivative",
    Limit: "the limit",
    Integral: "the integral",
    Series: "the series",
}


def noun(node: Node) -> str:
    """What a side is, in words.

    >>> noun(Negated(Derivative(Name("f"), (Name("x"),), "d"))), noun(Name("x"))
    ('the derivative', 'the value')
    """
    return NOUNS.get(type(_bare(node)), "the value")


def _of_value(equation: Equation, definitions: Definitions, place: Place) -> Links | None:
    """f(3) = 9 where the document says above what f is; 2·3 = 6."""
    for side in equation.sides:
        found = _defined_above(side.node, definitions, place) if is_value(side.node) else None
        if found is not None:
            others = tuple(each for each in equation.sides if each is not side and not _is_new(each.node, found))
            return Links(side, others, kind="value") if others else None
    closed = [side for side in equation.sides if is_closed(side.node)]
    first = next((side for side in closed if operates(side.node)), None)
    others = tuple(side for side in closed if side is not first)
    return Links(first, others, kind="arithmetic") if first is not None and others else None


def _defined_above(node: Node, definitions: Definitions, place: Place) -> Node | None:
    """What the document says above that the function of a call is."""
    if not isinstance(node, Call):
        return None
    found = next(iter(definitions.of(node.function, place)), None)
    return found.body if found is not None and found.parameters and found.place < place else None


def _is_new(node: Node, body: Node) -> bool:
    """Whether a side is a name that the function does not hold: the name of its value."""
    return isinstance(node, Name) and not is_closed(node) and all(each != node for each in body.walk())


def _algebra(equation: Equation) -> Links | None:
    """(a - 1)(a + 1) = a² - 1 at the end of a chain."""
    sides = computation(equation)
    return Links(sides[0], sides[1:], kind="algebra") if sides else None


def _identity(equation: Equation, definitions: Definitions, place: Place) -> Links | None:
    """Two expressions, one of which holds a derivative; none that defines a name, is to be solved, or updates."""
    nodes = [side.node for side in equation.sides]
    first = next((side for side in equation.sides if has_operator(side.node)), None)
    if first is None or any(is_zero(node) or _defines(node, definitions, place) for node in nodes):
        return None
    found = (each for node in nodes for each in node.walk() if isinstance(each, tuple(OPERATORS)))
    if all(_is_mere_prime(each, definitions, place) for each in found):
        return None
    return Links(first, tuple(side for side in equation.sides if side is not first), kind="identity")


def _defines(node: Node, definitions: Definitions, place: Place) -> bool:
    """Whether a side is a mere name, or a function with its arguments that nothing else in the document defines."""
    if isinstance(node, Name | Listed):
        return not is_closed(node) and node != INFINITY
    if not isinstance(node, Call) or node.function in KNOWN or node.function in CUSTOMARY:
        return False
    found = definitions.of(node.function, place)
    elsewhere = any(each.place != place for each in found) and len({each.body for each in found}) > 1
    return not elsewhere and all(isinstance(each, Name) for each in node.arguments)


def is_number(node: Node) -> bool:
    """Whether a side has no letters: 2·3."""
    return all(isinstance(each, Number | Negated | Times | Plus | Over | Power) for each in node.walk())


def is_zero(node: Node) -> bool:
    """Whether a side is the number 0."""
    return isinstance(node, Number) and node.value == 0


def _is_mere_prime(node: Node, definitions: Definitions, place: Place) -> bool:
    """h' = h + 1: a prime on a name that no definition makes a function is another name."""
    while isinstance(node, Negated | Transposed):
        node = node.operand
    if not isinstance(node, Derivative) or node.sign != "'" or node.at or not isinstance(node.of, Name):
        return False
    if node.order > 1 and not node.of.bold and not node.of.indices:
        return False
    defined = any(each.body is not None for each in definitions.of(node.of.label, place))
    return (
        node.of.bold or bool(node.of.indices) or not (defined or node.of.label in KNOWN or node.of.label in CUSTOMARY)
    )


def _names_it(node: Node, derivative: Node, definitions: Definitions, place: Place) -> bool:
    """g = ∂L/∂w: a letter for the gradient that nothing defines; `x` in dy/dw = x says something."""
    if not isinstance(node, Name) or definitions.of(node.label, place):
        return False
    own = any(isinstance(each, Name) and each.label == node.label for each in derivative.walk())
    return not own and (node.label in GRADIENT_NAMES or node.label.startswith(GRADIENT_PREFIXES))
