"""Quantities told apart by a number: h_1 = sin(x) and h_2 = cos(h_1) are two, and no entries of an array h."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from gradcheck.documents.formulas.tree import Call, Derivative, Equation, Listed, Name, Node, Number, mapped


def with_own_names(equations: Sequence[Equation]) -> list[Equation]:
    """The equations of a document with names of their own for quantities that are defined one by one.

    >>> from gradcheck.documents.formulas.parse import parser
    >>> equation = parser("h_1 = sin(x)").equation()
    >>> with_own_names([equation])[0].sides[0].node
    Name(label='h_1', indices=(), bold=False)
    """
    letters = frozenset(_letters(equations))
    return [_renamed(each, letters) for each in equations] if letters else list(equations)


def _letters(equations: Iterable[Equation]) -> Iterator[str]:
    """The letters that are defined with a number below: by an expression, since a mere value may be an entry's."""
    for equation in equations:
        first, *others = (side.node for side in equation.sides)
        stated = any(isinstance(each, Derivative) for side in equation.sides for each in side.node.walk())
        if stated or not others or isinstance(others[-1], Number | Listed):
            continue
        if isinstance(first, Name) and _number(first):
            yield first.label


def _number(node: Name | Call) -> str:
    """The number below a name, where nothing else stands there."""
    match node.indices:
        case (Number(value),) if value.denominator == 1:
            return f"{value}"
    return ""


def _renamed(equation: Equation, letters: frozenset[str]) -> Equation:
    sides = tuple(replace(side, node=_with_names(side.node, letters)) for side in equation.sides)
    return replace(equation, sides=sides)


def _with_names(node: Node, letters: frozenset[str]) -> Node:
    inner = mapped(node, lambda part: _with_names(part, letters))
    match inner:
        case Name(label) if label in letters and (number := _number(inner)):
            return replace(inner, label=f"{label}_{number}", indices=())
        case Call(label) if label in letters and (number := _number(inner)):
            return replace(inner, function=f"{label}_{number}", indices=())
    return inner
