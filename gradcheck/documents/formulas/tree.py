"""The tree that LaTeX, Unicode formulas and Python code are all read into: what is written, before any meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any


@dataclass(frozen=True)
class Node:
    """Any expression."""

    @property
    def parts(self) -> tuple[Node, ...]:
        """The expressions it is built from, in the order written."""
        values = (getattr(self, field.name) for field in fields(self))
        return tuple(part for value in values for part in _nodes(value))

    def walk(self) -> Iterator[Node]:
        """This node and all below it.

        >>> [type(node).__name__ for node in Negated(Name("x")).walk()]
        ['Negated', 'Name']
        """
        pending: list[Node] = [self]
        while pending:
            node = pending.pop()
            yield node
            pending.extend(reversed(node.parts))


def mapped(node: Node, change: Callable[[Node], Node]) -> Node:
    """The node with `change` made to each of the expressions it is built from.

    >>> mapped(Negated(Name("x")), lambda part: Name("y"))
    Negated(operand=Name(label='y', indices=(), bold=False))
    """
    changed: dict[str, Any] = {}
    for each in fields(node):
        value = getattr(node, each.name)
        if isinstance(value, Node | tuple):
            changed[each.name] = _changed(value, change)
    return replace(node, **changed)


def _changed(value: Any, change: Callable[[Node], Node]) -> Any:
    if isinstance(value, Node):
        return change(value)
    return tuple(_changed(each, change) for each in value) if isinstance(value, tuple) else value


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _nodes(each)


@dataclass(frozen=True)
class Number(Node):
    """A number, exactly as its digits say."""

    value: Fraction


@dataclass(frozen=True)
class Name(Node):
    """A letter or a word, perhaps with indices; Greek letters stand under their English names, a hat as `_hat`.

    `bold` says that it is printed as a vector or a matrix.
    """

    label: str
    indices: tuple[Node, ...] = ()
    bold: bool = False


@dataclass(frozen=True)
class Call(Node):
    """`function(arguments)`, or a product in front of a bracket; `indices` pick an entry of the result."""

    function: str
    arguments: tuple[Node, ...]
    indices: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Plus(Node):
    """A sum of two."""

    left: Node
    right: Node


@dataclass(frozen=True)
class Negated(Node):
    """Minus an expression."""

    operand: Node


@dataclass(frozen=True)
class Times(Node):
    """A product of two; `sign` is empty where nothing is written, else `·`, `*`, `@` or `⊙`."""

    left: Node
    right: Node
    sign: str = ""


@dataclass(frozen=True)
class Over(Node):
    """A quotient."""

    left: Node
    right: Node


@dataclass(frozen=True)
class Power(Node):
    """A power; of a matrix with exponent -1 its inverse."""

    base: Node
    exponent: Node


@dataclass(frozen=True)
class Transposed(Node):
    """A transpose."""

    operand: Node


@dataclass(frozen=True)
class Norm(Node):
    """A Euclidean or Frobenius norm, or with `order` 1 the sum of absolute values."""

    operand: Node
    order: int = 2


@dataclass(frozen=True)
class Entry(Node):
    """An entry of an expression in brackets, such as (Ax)_i."""

    operand: Node
    indices: tuple[Node, ...]


@dataclass(frozen=True)
class SumOver(Node):
    """A sum of `body` over one index from 1 (or `lower`) to `upper`, over all its values where that is None."""

    body: Node
    index: str
    lower: Node | None = None
    upper: Node | None = None


@dataclass(frozen=True)
class Delta(Node):
    """Kronecker's delta."""

    row: Node
    column: Node


@dataclass(frozen=True)
class Condition(Node):
    """A comparison; `relation` is one of < <= > >=."""

    left: Node
    relation: str
    right: Node


@dataclass(frozen=True)
class Cases(Node):
    """The first of the values whose condition holds; a condition None stands for `otherwise`."""

    values: tuple[Node, ...]
    conditions: tuple[Condition | None, ...]


@dataclass(frozen=True)
class Listed(Node):
    """Entries in brackets: a vector given by its components."""

    entries: tuple[Node, ...]


@dataclass(frozen=True)
class Dots(Node):
    """Entries left out: …"""


@dataclass(frozen=True)
class Derivative(Node):
    """The derivative of `of` by each of `by` in turn; `sign` is d, ∂, ' or ∇.

    A prime or a nabla may leave out what is differentiated by: `by` is then empty, and `order` counts the primes.
    `of` is None where only "the gradient" is spoken of. `at` holds what is written as the arguments of a derivative,
    `where` what the variables are at which it is taken.
    """

    of: Node | None
    by: tuple[Node, ...]
    sign: str
    order: int = 1
    at: tuple[Node, ...] = ()
    where: tuple[tuple[str, Node], ...] = ()

    @property
    def parts(self) -> tuple[Node, ...]:
        """What is differentiated, by what, and where."""
        values = tuple(value for _, value in self.where)
        return (*(() if self.of is None else (self.of,)), *self.by, *self.at, *values)


@dataclass(frozen=True)
class Limit(Node):
    """The limit of `body` where the variable `by` approaches `toward`; `side` is + or - where it does from one side."""

    body: Node
    by: Name
    toward: Node
    side: str = ""


@dataclass(frozen=True)
class Integral(Node):
    """The integral of `body` over the variable `by` between two limits."""

    body: Node
    by: Name
    lower: Node
    upper: Node


@dataclass(frozen=True)
class Series(Node):
    """The sum of `body` over all whole numbers `by` from `lower` to `upper`, without end where that is None."""

    body: Node
    by: Name
    lower: Node
    upper: Node | None = None


@dataclass(frozen=True)
class At(Node):
    """An expression where one of its names has a value."""

    operand: Node
    name: Name
    value: Node


INFINITY = Name("infinity")
BOUND = "′"
"""Stands in a name that no document wrote: the variable of a limit or an integral, apart from all others."""


@dataclass(frozen=True)
class Side:
    """One side of an equation, and where it stands in the text."""

    node: Node
    start: int
    end: int


@dataclass(frozen=True)
class Equation:
    """Sides held equal, from left to right; `unclear` says why the text can be read in two ways, if it can."""

    sides: tuple[Side, ...]
    relations: tuple[str, ...]
    unclear: str = ""

    @property
    def start(self) -> int:
        """Where it begins in the text."""
        return self.sides[0].start

    @property
    def end(self) -> int:
        """Where it ends in the text."""
        return self.sides[-1].end
