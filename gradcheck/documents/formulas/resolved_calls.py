"""What a call of a name stands for: a function, a quantity with its arguments written out, or a product."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import ClassVar

from gradcheck.documents.formulas.definitions import holds
from gradcheck.documents.formulas.signs import FUNCTIONS, GREEK_NAMES
from gradcheck.documents.formulas.tree import Call, Derivative, Name, Node, Number, Over, Plus, SumOver, mapped

KNOWN = frozenset(FUNCTIONS.values()) | {"log_softmax", "square", "log2", "log10"}
CUSTOMARY = {"sigma": "sigmoid", "S": "sigmoid", "sigmoid": "sigmoid"}
"""Names that stand for a function without being said to."""
FUNCTION_LETTERS = frozenset(
    ["f", "g", "h", "F", "G", "H", "phi", "psi", "u", "v", "J", "L", "C", "E", "R", "Phi", "l"]
)
LOSSES = frozenset(
    ["L", "loss", "J", "E", "C", "cost", "Loss", "MSE", "mse", "l", "error", "f", "y", "Q", "z", "out", "o", "g", "h"]
)


def is_letter(label: str) -> bool:
    """Whether a name is one letter, perhaps with a number: in front of a bracket it may be a factor.

    >>> is_letter("omega_2"), is_letter("w"), is_letter("loss")
    (True, True, False)
    """
    base = label.rstrip("0123456789").removesuffix("_")
    return len(base) == 1 or base in GREEK_NAMES


def normal_distribution(argument: Node) -> Node:
    """Φ: the probability that a standard normal number is at most the argument."""
    one, two = Number(Fraction(1)), Number(Fraction(2))
    return Over(Plus(one, Call("erf", (Over(argument, Call("sqrt", (two,))),))), two)


class Unresolved(Exception):
    """A name that cannot be tied to anything that the document says; the message names it.

    `function` is the name of a function that is left open, and `arguments` how many it takes.
    """

    FUNCTION: ClassVar[str] = "no definition is given of the function "

    def __init__(self, reason: str, function: str = "", arguments: int = 0) -> None:
        self.function, self.arguments = function, arguments
        super().__init__(f"{self.FUNCTION}`{function}`" if function else reason)


def substituted(node: Node, names: Mapping[str, Node], indices: Mapping[str, Node]) -> Node:
    """The tree with names replaced by trees, and indices by other indices; what is bound stays.

    >>> substituted(Name("x", (Name("i"),)), {}, {"i": Name("k")})
    Name(label='x', indices=(Name(label='k', indices=(), bold=False),), bold=False)
    """
    match node:
        case Name(label, ()) if label in names:
            return names[label]
        case Name(label, found):
            replaced = names.get(label)
            kept = replaced.label if isinstance(replaced, Name) and not replaced.indices else label
            return replace(node, label=kept, indices=tuple(_index(each, indices) for each in found))
        case Call(function, arguments, found):
            inner = tuple(substituted(each, names, indices) for each in arguments)
            return Call(function, inner, tuple(_index(each, indices) for each in found))
        case SumOver(index=index):
            inside = {name: value for name, value in indices.items() if name != index}
            return mapped(node, lambda part: substituted(part, names, inside))
    if type(node).__name__ == "Delta":
        return mapped(node, lambda part: _index(part, indices))
    return mapped(node, lambda part: substituted(part, names, indices))


def check_depends(inner: Node, labels: frozenset[str], of: Node) -> None:
    """Raise Unresolved where a variable does not occur in what is differentiated by it."""
    missing = [label for label in sorted(labels) if not holds(inner, label)]
    if missing and not isinstance(of, Number):
        label = of.label if isinstance(of, Name) else of.function if isinstance(of, Call) else ""
        where = f"what the document says of `{label}`" if label else "what is differentiated"
        raise Unresolved(f"`{missing[0]}` does not occur in {where}")


def with_entries(node: Node, values: Mapping[Name, Node]) -> Node:
    """The tree with values in place of names with just these indices; raises Unresolved where others are meant too.

    >>> with_entries(Name("x", (Name("i"),)), {Name("x", (Name("i"),)): Name("u")})
    Name(label='u', indices=(), bold=False)
    """
    labels = {name.label for name in values}
    for name, value in values.items():
        if isinstance(node, Name) and (node.label, node.indices) == (name.label, name.indices):
            return value
    if isinstance(node, Name) and node.label in labels:
        raise Unresolved(f"`{node.label}` stands with other indices, or without")
    return mapped(node, lambda part: with_entries(part, values))


def with_own_indices(node: Node, written: Sequence[Name], given: Sequence[Node]) -> Node:
    """A function's body with other entries for those that it is written with: P(w_o) may hold u_o, too.

    >>> body = Plus(Name("w", (Name("o"),)), Name("u", (Name("o"),)))
    >>> with_own_indices(body, [Name("w", (Name("o"),))], [Name("w", (Name("j"),))]).right.indices[0].label
    'j'
    """
    pairs = list(zip(written, given, strict=True))
    alike = all(isinstance(new, Name) and len(new.indices) == len(old.indices) for old, new in pairs)
    others: dict[str, Node] = {}
    for old, new in pairs if alike else ():
        for letter, index in zip(old.indices, new.parts, strict=True):
            if isinstance(letter, Name) and others.setdefault(letter.label, index) != index:
                raise Unresolved(f"the index `{letter.label}` would stand for two others")
    moved = [substituted(name, {}, others) for name in written]
    found = with_entries(
        substituted(node, {}, others),
        {name: new for name, new in zip(moved, given, strict=True) if isinstance(name, Name)},
    )
    left = {each.label for name in written for each in name.indices if isinstance(each, Name)}
    entries = {name.label for name in written}
    if not alike and any(
        isinstance(each, Name) and each.label not in entries and left & _letters(each) for each in found.walk()
    ):
        raise Unresolved("it is defined by the indices of its arguments")
    return found


def _letters(node: Name) -> set[str]:
    return {each.label for each in node.indices if isinstance(each, Name)}


def _index(node: Node, indices: Mapping[str, Node]) -> Node:
    return indices.get(node.label, node) if isinstance(node, Name) and not node.indices else node


def values_of_variables(
    node: Derivative, by: tuple[Node, ...], parameters: tuple[str, ...]
) -> Iterator[tuple[str, Node]]:
    """f'(3) and σ'(z): the values that the variables take, as they are written; `parameters` are the function's."""
    names = [each for each in dict.fromkeys(by) if isinstance(each, Name)]
    if not node.at or (len(names) != len(node.at) and all(isinstance(each, Name) for each in node.at)):
        return
    names = names if len(names) == len(node.at) else [Name(each) for each in parameters]
    if len(names) != len(node.at):
        raise Unresolved("the derivative is taken at another number of values than it has variables")
    yield from ((name.label, value) for name, value in zip(names, node.at, strict=True) if value != name)
