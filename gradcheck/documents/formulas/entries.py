"""Entries that stand for themselves: c₁₁ and c₁₂ of an array that is nowhere spoken of as a whole are two numbers."""

from __future__ import annotations

from gradcheck.documents.formulas.tree import Derivative, Name, Node, Number, mapped


def named_entries(sides: tuple[Node, ...]) -> tuple[Node, ...]:
    """The sides with names of their own for the entries of arrays that have no other indices than numbers.

    >>> from fractions import Fraction
    >>> named_entries((Name("c", (Number(Fraction(11)),)),))
    (Name(label='c_11', indices=(), bold=False),)
    """
    names = [each for side in sides for each in side.walk() if isinstance(each, Name)]
    whole = {each.label for each in names if not _is_entry(each)}
    whole |= {
        label for side in sides for each in side.walk() if isinstance(each, Derivative) for label, _ in each.where
    }

    def renamed(node: Node) -> Node:
        if isinstance(node, Name) and node.label not in whole:
            return Name("_".join([node.label, *map(_digits, node.indices)]), (), node.bold)
        return mapped(node, renamed)

    return tuple(map(renamed, sides))


def _is_entry(name: Name) -> bool:
    return bool(name.indices) and all(isinstance(each, Number) for each in name.indices)


def _digits(index: Node) -> str:
    assert isinstance(index, Number)
    return str(index.value)


def entries_of_matrices(sides: tuple[Node, ...]) -> tuple[Node, ...]:
    """The sides with A_ij in place of the a_ij of a matrix A that they hold too.

    >>> i, j = Name("i"), Name("j")
    >>> entries_of_matrices((Name("A"), Name("a", (i, j))))[1].label
    'A'
    """
    names = [each for side in sides for each in side.walk() if isinstance(each, Name)]
    labels = {each.label for each in names}
    small = {each.label for each in names if len(each.indices) == 2 and each.label.upper() in labels}
    small -= {each.label for each in names if len(each.indices) != 2}

    def renamed(node: Node) -> Node:
        if isinstance(node, Name) and node.label in small and len(node.label) == 1 and node.label.islower():
            return Name(node.label.upper(), node.indices, True)
        return mapped(node, renamed)

    return tuple(map(renamed, sides))
