"""Chains of equalities in letters, and expected values: what a text works out without any derivative."""

from __future__ import annotations

from collections.abc import Sequence

from gradcheck.documents.formulas.resolved_calls import CUSTOMARY, FUNCTION_LETTERS, KNOWN
from gradcheck.documents.formulas.tree import (
    Call,
    Equation,
    Integral,
    Name,
    Negated,
    Node,
    Number,
    Over,
    Plus,
    Power,
    Side,
    SumOver,
    Times,
)

FEWEST_SIDES = 3
"""An equation with fewer sides defines something, or is to be solved; a chain works something out."""
MOMENTS = frozenset(("E", "Var", "Cov", "var", "cov", "Variance"))
"""How documents write expected values, variances and covariances."""
PLAIN = (Number, Name, Negated, Plus, Times, Over, Power, Call)


def computation(equation: Equation) -> tuple[Side, ...]:
    """The sides at the end of a chain of which each is worked out from the one before, in scalar letters alone.

    >>> from gradcheck.documents.formulas.parse import parser
    >>> len(computation(parser("m = (a-2)p + a(1-2p) + (a+2)p = a").equation()))
    2
    """
    found: list[Side] = []
    if len(equation.sides) < FEWEST_SIDES or set(equation.relations) - {"=", "=="}:
        return ()
    for side in reversed(equation.sides):
        if not _is_plain(side.node) or (found and not _letters(found[0].node) <= _letters(side.node)):
            break
        found.insert(0, side)
    while found and not _operates(found[0].node):
        found.pop(0)
    return tuple(found) if len(found) > 1 and _letters(found[0].node) else ()


def states_moment(equation: Equation) -> bool:
    """Whether an expected value or a variance is stated: as a number, or at the end of a chain that works it out.

    One that is 0 and no more is an assumption, and one that is a sum a definition.
    """
    nodes = [side.node for side in equation.sides]
    if not any(is_moment(node) for node in nodes) or any(_leaves_open(each) for each in nodes[-1].walk()):
        return False
    return len(nodes) >= FEWEST_SIDES or (isinstance(nodes[-1], Number) and nodes[-1].value != 0)


def _leaves_open(node: Node) -> bool:
    return is_moment(node) or isinstance(node, SumOver | Integral)


def is_moment(node: Node) -> bool:
    """Whether a side begins with an expected value, a variance or a covariance: E[x], Var(x).

    >>> is_moment(Call("Var", (Name("x"),))), is_moment(Times(Name("E"), Name("x")))
    (True, True)
    """
    while isinstance(node, Times | Plus | Power | Over | Negated):
        if isinstance(node, Times) and isinstance(node.left, Name) and node.left.label in MOMENTS:
            return True
        node = node.parts[0]
    return isinstance(node, Call) and node.function in MOMENTS - {"E"}


def _is_plain(node: Node) -> bool:
    """Whether a side is made of numbers, scalar letters and known functions."""
    return all(isinstance(each, PLAIN) and _is_scalar(each) and not is_moment(each) for each in node.walk())


def _is_scalar(node: Node) -> bool:
    if isinstance(node, Name):
        return not node.bold and all(isinstance(each, Number) for each in node.indices)
    if isinstance(node, Call):
        product = len(node.arguments) == 1 and len(node.function) == 1 and node.function not in FUNCTION_LETTERS
        return not node.indices and (node.function in KNOWN or (product and node.function not in CUSTOMARY))
    return True


def _letters(node: Node) -> frozenset[str]:
    names = {each.label for each in node.walk() if isinstance(each, Name)}
    called = {each.function for each in node.walk() if isinstance(each, Call) and each.function not in KNOWN}
    return frozenset(names | called) - {"e", "pi"}


def _operates(node: Node) -> bool:
    """Whether a side is more than a name, a number, or what a chain defines."""
    return isinstance(node, Plus | Times | Over | Power | Negated | Call)


def all_letters(sides: Sequence[Side]) -> frozenset[str]:
    """Every letter of several sides."""
    return frozenset[str]().union(*(_letters(side.node) for side in sides))
