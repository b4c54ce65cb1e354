"""What a document says its letters are: y = wx + b, f(x) = x², s_i = e^{z_i} / Σ_j e^{z_j}, and the same in code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gradcheck.documents.formulas.tree import Call, Derivative, Equation, Name, Negated, Node, Number

Place = tuple[int, int]
"""The number of a passage, and where in its text."""


@dataclass(frozen=True)
class Definition:
    """A name with its parameters (None where it has none) and its indices, and what it is; `text` as it is written.

    `body` is None where the document only says that it is an array of data, and where a function is not read;
    `arguments` are the parameters as they are written, with their indices, and `unclear` says why it can be read in two
    ways, if it can.
    """

    label: str
    parameters: tuple[str, ...] | None
    indices: tuple[str, ...]
    body: Node | None
    place: Place
    line: int
    text: str
    arguments: tuple[Name, ...] = ()
    unclear: str = ""

    @property
    def is_read(self) -> bool:
        """Whether it is known what a function is; an array of data is known as such."""
        return self.body is not None or self.parameters is None

    @property
    def of_entries(self) -> bool:
        """Whether the parameters are entries of an array: f(x_1, x_2)."""
        return any(each.indices for each in self.arguments)


def equation_definitions(equation: Equation, place: Place, line: int, text: str) -> Iterator[Definition]:
    """What an equation defines: u = f(x) = 3x² says both what u and what f is.

    A side defines where it is a name, alone or with its arguments; a name that stands on the other side too is none.
    """
    sides = [side.node for side in equation.sides]
    if any(isinstance(node, Derivative) for side in sides for node in side.walk()) or "≈" in equation.relations:
        return
    heads = [head(side) for side in sides]
    bodies = [place for place, found in enumerate(heads) if found is None]
    body = sides[bodies[0]] if bodies else sides[-1]
    for found, side in zip(heads[: bodies[0] if bodies else -1], sides, strict=False):
        if found is None or body is side or holds(body, found[0]):
            continue
        if not (_is_number(body) and found[1] is not None):
            names = tuple(each for each in side.arguments if isinstance(each, Name)) if isinstance(side, Call) else ()
            yield Definition(*found, body, place, line, text, names, equation.unclear)


def _is_number(node: Node) -> bool:
    return isinstance(node.operand if isinstance(node, Negated) else node, Number)


def unread_definitions(equation: Equation, place: Place, line: int, text: str) -> Iterator[Definition]:
    """What an equation defines of which not all is read: what it says of its names is not known."""
    if len(equation.sides) > 1:
        yield from equation_definitions(equation, place, line, text)
    elif (found := head(equation.sides[0].node)) is not None:
        yield Definition(*found, None, place, line, text)


def head(left: Node) -> tuple[str, tuple[str, ...] | None, tuple[str, ...]] | None:
    """What a side defines that is a name, alone or with arguments that are names: its name, parameters and indices."""
    match left:
        case Name(label, indices) if all(isinstance(each, Name) for each in indices):
            return label, None, tuple(each.label for each in indices if isinstance(each, Name))
        case Call(function, arguments, ()) if all(isinstance(each, Name) for each in arguments):
            return function, tuple(each.label for each in arguments if isinstance(each, Name)), ()
        case Call(function, arguments, indices) if all(isinstance(each, Name) for each in (*arguments, *indices)):
            below = tuple(each.label for each in indices if isinstance(each, Name))
            return function, tuple(each.label for each in arguments if isinstance(each, Name)), below
    return None


def holds(node: Node, label: str) -> bool:
    """Whether a name, or a call of it, stands anywhere in a tree."""
    return any(
        (isinstance(each, Name) and each.label == label) or (isinstance(each, Call) and each.function == label)
        for each in node.walk()
    )


class Definitions:
    """All definitions of a document, in order; `unread` are those that were not read to their end."""

    def __init__(self, found: Iterable[Definition], unread: Iterable[Definition] = ()) -> None:
        self.all = sorted(found, key=lambda each: each.place)
        self.unread = tuple(unread)

    def unread_between(self, used: Definition, place: Place) -> Definition | None:
        """What defines the same name anew, behind a definition and before a place, and was not read to its end."""
        named = (each for each in self.unread if each.label == used.label)
        return next((each for each in named if used.place < each.place < place), None)

    def of(self, label: str, place: Place) -> list[Definition]:
        """The definitions of a name: the nearest one before a place, those further up, then those after it."""
        named = [each for each in self.all if each.label == label]
        before = [each for each in named if each.place < place]
        after = [each for each in named if each.place >= place]
        return [*reversed(before), *after]

    def before(self, place: Place) -> Iterator[Definition]:
        """Every definition before a place, the nearest first."""
        return (each for each in reversed(self.all) if each.place < place)
