"""Sizes of rows and columns: unknown until the formula holds two of them equal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from gradcheck.documents.formulas.tree import Name, Node

Shape: TypeAlias = tuple[()] | tuple["Size", "Size"]


class ShapeClash(Exception):
    """Shapes that do not fit."""


@dataclass(eq=False)
class Size:
    """A size: a number, or unknown; `same` leads to one that it was found equal to."""

    value: int | None = None
    same: Size | None = None

    def root(self) -> Size:
        """The size that stands for all that are equal to this one."""
        size = self
        while size.same is not None:
            size = size.same
        return size


ONE = Size(1)


def unify(a: Size, b: Size) -> None:
    """Hold two sizes equal; raises ShapeClash where they cannot be. An unknown size is never 1."""
    a, b = a.root(), b.root()
    if a is b:
        return
    if a.value is not None and b.value is not None:
        if a.value != b.value:
            raise ShapeClash("sizes differ")
        return
    if ONE in (a, b):
        raise ShapeClash("a vector where a scalar is needed")
    (a if a.value is None else b).same = b if a.value is None else a


def same(a: Size, b: Size) -> bool:
    """Whether two sizes are known to be equal."""
    a, b = a.root(), b.root()
    return a is b or (a.value is not None and a.value == b.value)


@dataclass
class Reading:
    """One way to read the names of a formula: each with its shape; sizes that are named; indices with their size.

    `counted` is the name of how many numbers a mean is of, if a name stands for that.
    """

    shapes: dict[str, Shape] = field(default_factory=dict)
    sizes: dict[str, Size] = field(default_factory=dict)
    indices: dict[str, Size] = field(default_factory=dict)
    counted: str = ""

    def index(self, node: Node) -> Size:
        """The size over which an index runs."""
        if isinstance(node, Name) and not node.indices:
            return self.indices.setdefault(node.label, Size())
        return Size()

    @property
    def is_scalar(self) -> bool:
        """Whether no name is an array."""
        return not any(self.shapes.values())
