"""Sizes that are expressions of other sizes: an input that is as long as a convolution's output and kernel need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import sympy as sp
from sympy.printing.str import StrPrinter

Shape = tuple[sp.Expr, ...]


class Reading(NamedTuple):
    """How a dimension is read off a shape: variable's name, axis, and the size there, linear in the dimension."""

    dimension: sp.Symbol
    variable: str
    axis: int
    size: sp.Expr

    def solved(self, length: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        """Numerator and denominator of the dimension where the axis has this length."""
        rest = self.size.subs(self.dimension, 0)
        return length - rest, sp.diff(self.size, self.dimension)


def readings(shapes: Sequence[tuple[str, Shape]]) -> Iterator[Reading]:
    """How every dimension is read off the variables' shapes, in an order in which each needs earlier ones alone.

    Where a dimension is an axis of its own, the first such axis gives it.
    """
    axes = [(name, axis, sp.sympify(size)) for name, shape in shapes for axis, size in enumerate(shape)]
    known: set[sp.Symbol] = set()
    for name, axis, size in sorted(axes, key=lambda each: len(each[2].free_symbols) != 1 or not each[2].is_Symbol):
        unknown = size.free_symbols - known
        if len(unknown) == 1:
            (dimension,) = unknown
            if sp.diff(size, dimension).free_symbols <= known:
                known.add(dimension)
                yield Reading(dimension, name, axis, size)


def dimensions(shapes: Iterable[Shape]) -> tuple[sp.Symbol, ...]:
    """Every symbolic size, in order of first appearance; within one expression by name.

    >>> from gradcheck.symbolic.tensors import dimension
    >>> m, n = dimension("m n")
    >>> dimensions([(n,), (m + n - 1, 2)])
    (n, m)
    """
    sizes = (sp.sympify(size) for shape in shapes for size in shape)
    return tuple(dict.fromkeys(symbol for size in sizes for symbol in sorted(size.free_symbols, key=str)))


def value(size: sp.Expr, sizes: Mapping[str, int]) -> int:
    """The number that a size stands for, given the dimensions by name.

    >>> from gradcheck.symbolic.tensors import dimension
    >>> value(2 * dimension("n") + 1, {"n": 3})
    7
    """
    size = sp.sympify(size)
    if size.is_Symbol:
        return sizes[size.name]
    return int(size.subs({symbol: sizes[symbol.name] for symbol in size.free_symbols}))


def measured(shapes: Sequence[tuple[str, Shape]], lengths: Mapping[str, Sequence[int]]) -> dict[str, int]:
    """The dimensions by name, read off the shapes of actual arrays.

    >>> from gradcheck.symbolic.tensors import dimension
    >>> k, n = dimension("k n")
    >>> measured([("x", (n + k - 1,)), ("w", (k,))], {"x": (5,), "w": (2,)})
    {'k': 2, 'n': 4}
    """
    found: dict[str, int] = {}
    for reading in readings(shapes):
        numerator, denominator = reading.solved(sp.Integer(lengths[reading.variable][reading.axis]))
        found[reading.dimension.name] = value(sp.floor(numerator / denominator), found)
    return found


class _WholeNumbers(StrPrinter):
    """Python code in whole numbers."""

    def _print_floor(self, expression: sp.Expr) -> str:
        return f"({self.quotient(expression.args[0])})"

    def _print_Min(self, expression: sp.Expr) -> str:
        return f"min({', '.join(map(self.quotient, expression.args))})"

    def _print_Max(self, expression: sp.Expr) -> str:
        return f"max({', '.join(map(self.quotient, expression.args))})"

    def _print_Mod(self, expression: sp.Expr) -> str:
        return f"(({self.quotient(expression.args[0])})%({self.quotient(expression.args[1])}))"

    def quotient(self, expression: sp.Expr) -> str:
        """A quotient by floor division: under a floor, or where it leaves no remainder."""
        numerator, denominator = sp.fraction(sp.together(expression))
        if denominator == 1:
            return str(self.doprint(numerator))
        return f"({self.doprint(numerator)})//({self.doprint(denominator)})"


def size_code(size: sp.Expr) -> str:
    """Python code for a size.

    >>> from gradcheck.symbolic.tensors import dimension
    >>> n = dimension("n")
    >>> size_code(sp.floor((n - 3) / 2) + 1), size_code(n + 1)
    ('((n - 3)//(2)) + 1', 'n + 1')
    """
    return _WholeNumbers().quotient(sp.sympify(size))
