"""One equation taken apart: which side is the derivative, which others are held against it, what is a mere name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gradcheck.documents.formulas.comparison import has_derivative
from gradcheck.documents.formulas.definitions import Definitions, Place
from gradcheck.documents.formulas.tree import (
    Derivative,
    Equation,
    Listed,
    Name,
    Negated,
    Node,
    Number,
    Over,
    Plus,
    Side,
    Times,
    Transposed,
)


@dataclass(frozen=True)
class Links:
    """`derivative` is the side that states one; `others` are held against it; `numbers` are sides without letters,
    where others have some: they hold at one point only."""

    derivative: Side
    others: tuple[Side, ...]
    numbers: tuple[Side, ...] = ()

    @property
    def variables(self) -> frozenset[str]:
        """What the derivative is taken by, as far as it is written."""
        return frozenset(
            by.label
            for node in self.derivative.node.walk()
            if isinstance(node, Derivative)
            for by in node.by[:1]
            if isinstance(by, Name)
        )


def links(equation: Equation, definitions: Definitions, place: Place) -> Links | None:
    """The links of an equation; None for one that claims nothing: it gives a derivative a name, or is to be solved."""
    derivative = next((side for side in equation.sides if is_derivative(side.node)), None)
    if derivative is None:
        return None
    others = [side for side in equation.sides if side is not derivative]
    claimed = [side for side in others if not _is_name(side.node, derivative.node, definitions, place)]
    if not claimed or _is_layout_only(derivative.node, claimed):
        return None
    plain = [side for side in claimed if is_number(side.node)]
    lettered = [side for side in claimed if not is_number(side.node)]
    if plain and lettered:
        return Links(derivative, tuple(lettered), tuple(plain))
    return Links(derivative, tuple(claimed))


def is_derivative(node: Node) -> bool:
    """Whether a side is a derivative, perhaps turned or transposed."""
    while isinstance(node, Negated | Transposed):
        node = node.operand
    return isinstance(node, Derivative)


def is_number(node: Node) -> bool:
    """Whether a side has no letters: 2·3."""
    return all(
        isinstance(each, Number | Negated | Times | Plus | Over) or type(each).__name__ == "Power"
        for each in node.walk()
    )


def _is_name(node: Node, derivative: Node, definitions: Definitions, place: Place) -> bool:
    """g = ∂L/∂w: a letter that nothing defines and that is none of the derivative's own."""
    if not isinstance(node, Name) or definitions.of(node.label, place) or node.label in ("e", "pi"):
        return False
    return not any(
        isinstance(each, Name) and each.label == node.label for each in derivative.walk()
    ) and _is_gradient_name(node, derivative)


def _is_gradient_name(node: Name, derivative: Node) -> bool:
    """Whether a lone letter is none of the variables: `x` in dy/dw = x says something, `g` says nothing."""
    return node.label in (
        "g",
        "G",
        "grad",
        "gradient",
        "delta",
        "Delta",
        "v",
        "J",
        "H",
        "J_x",
        "dw",
        "db",
    ) or node.label.startswith(("g_", "grad", "dL", "d_"))


def _is_layout_only(derivative: Node, claimed: Sequence[Side]) -> bool:
    return all(has_derivative(side.node) and not isinstance(side.node, Listed) for side in claimed) and False


def is_zero(node: Node) -> bool:
    """Whether a side is the number 0."""
    return isinstance(node, Number) and node.value == 0
