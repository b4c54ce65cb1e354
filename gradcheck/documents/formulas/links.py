"""One equation taken apart: which side is the derivative, which others are held against it, what is a mere name."""

from __future__ import annotations

from dataclasses import dataclass

from gradcheck.documents.formulas.definitions import Definitions, Place
from gradcheck.documents.formulas.resolved_calls import CUSTOMARY, KNOWN
from gradcheck.documents.formulas.tree import (
    Derivative,
    Equation,
    Name,
    Negated,
    Node,
    Number,
    Over,
    Plus,
    Power,
    Side,
    Times,
    Transposed,
)

GRADIENT_NAMES = frozenset(["g", "G", "grad", "gradient", "delta", "Delta", "J", "H", "dw", "db"])
GRADIENT_PREFIXES = ("g_", "grad", "dL", "d_")
"""How documents call a derivative that they give a name to."""


@dataclass(frozen=True)
class Links:
    """`derivative` is the side that states one, `others` are held against it.

    `numbers` are sides without letters where others have some: they hold at one point only.
    """

    derivative: Side
    others: tuple[Side, ...]
    numbers: tuple[Side, ...] = ()

    @property
    def variables(self) -> frozenset[str]:
        """What the derivative is taken by, as far as it is written."""
        nodes = (node for node in self.derivative.node.walk() if isinstance(node, Derivative))
        return frozenset(by.label for node in nodes for by in node.by[:1] if isinstance(by, Name))


def links(equation: Equation, definitions: Definitions, place: Place) -> Links | None:
    """The links of an equation; None for one that claims nothing: it gives a derivative a name, or is to be solved."""
    derivative = next((side for side in equation.sides if is_derivative(side.node)), None)
    if derivative is None or _is_mere_prime(derivative.node, definitions, place):
        return None
    others = [side for side in equation.sides if side is not derivative]
    claimed = [side for side in others if not _names_it(side.node, derivative.node, definitions, place)]
    lettered = [side for side in claimed if not is_number(side.node)]
    if not lettered:
        return Links(derivative, tuple(claimed)) if claimed else None
    numbers = (side for side in claimed if is_number(side.node) and not is_zero(side.node))
    return Links(derivative, tuple(lettered), tuple(numbers))


def is_derivative(node: Node) -> bool:
    """Whether a side is a derivative, perhaps turned or transposed.

    >>> is_derivative(Negated(Derivative(Name("f"), (Name("x"),), "d")))
    True
    """
    while isinstance(node, Negated | Transposed):
        node = node.operand
    return isinstance(node, Derivative)


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
