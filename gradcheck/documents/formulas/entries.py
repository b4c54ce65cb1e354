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
