"""Names for sizes: as the user declares them, or letters in order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import sympy as sp

from gradcheck.errors import UnknownName, UsageError
from gradcheck.symbolic.graphs.tensors import Shape
from gradcheck.symbolic.tensors import dimension

LETTERS = ("m", "n", "p", "q", "r", "s", "t", "u", "v", "w", "c", "d", "e", "g", "h")
"""Letters for sizes that have no name, in order; one size alone is n."""
INTEGER = "int"
Declared = Mapping[str, str]
"""Sizes by variable, such as `{"X": "m n", "w": "n"}`."""


def parse_sizes(text: str) -> dict[str, str]:
    """The declared sizes in a line; the word `int`, which says that a tensor holds whole numbers, is no size.

    >>> parse_sizes("X: m n, w: n, c:, y: m int")
    {'X': 'm n', 'w': 'n', 'c': '', 'y': 'm'}
    """
    declared: dict[str, str] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        name, colon, sizes = map(str.strip, part.partition(":"))
        if not colon or not name.isidentifier() or not re.fullmatch(r"[\w\s]*", sizes):
            raise UsageError(f'sizes: {part!r} is not of the form "name: sizes", as in "X: m n, w: n"')
        declared[name] = " ".join(size for size in sizes.split() if size != INTEGER)
    return declared


def whole_numbers(text: str) -> set[str]:
    """The tensors of whole numbers among the declared.

    >>> whole_numbers("X: m n, y: m int")
    {'y'}
    """
    return {part.partition(":")[0].strip() for part in text.split(",") if INTEGER in part.partition(":")[2].split()}


def named_sizes(shapes: Mapping[str, Shape], declared: Declared, taken: Iterable[str]) -> dict[sp.Symbol, sp.Expr]:
    """What each of torch's symbols is called: as declared, or by a letter that nothing bears.

    `shapes` are the variables' as torch found them. Raises UsageError where a declaration does not fit.
    """
    named: dict[sp.Symbol, sp.Expr] = {}
    for name, sizes in declared.items():
        if name not in shapes:
            raise UnknownName("input or parameter", name, shapes)
        for size, called in zip(shapes[name], _words(name, sizes, shapes[name]), strict=True):
            _declare(named, name, size, called)
    symbols = list(dict.fromkeys(s for shape in shapes.values() for size in shape for s in _symbols(size)))
    rest = [symbol for symbol in symbols if symbol not in named]
    free = _free_letters({*taken, *map(str, named.values())}, len(symbols))
    return {**named, **{symbol: dimension(next(free)) for symbol in rest}}


def _words(name: str, sizes: str, shape: Shape) -> Sequence[str]:
    words = sizes.split()
    if len(words) != len(shape):
        raise UsageError(f"sizes: {name} has {len(shape)} axes in the example, {sizes!r} names {len(words)}")
    return words


def _declare(named: dict[sp.Symbol, sp.Expr], variable: str, size: sp.Expr, called: str) -> None:
    """Take over one declared size, where nothing speaks against it; one that the function fixes stays a number."""
    wanted = sp.Integer(called) if called.isdigit() else dimension(called)
    if isinstance(size, sp.Symbol):
        if named.setdefault(size, wanted) != wanted:
            raise UsageError(f"sizes: {named[size]} and {wanted} have to be the same size, the function demands it")
    elif size.is_number and wanted != size and (size == 1 or wanted.is_number):
        reason = "size 1 in the example is broadcast" if size == 1 else "the function makes it a plain number"
        raise UsageError(f"sizes: {called} of {variable} is fixed at {size}: {reason}")


def _symbols(size: sp.Expr) -> list[sp.Symbol]:
    return sorted(size.free_symbols, key=str)


def _free_letters(taken: set[str], count: int) -> Iterator[str]:
    letters = [letter for letter in LETTERS if letter not in taken]
    if count == 1 and "n" in letters:
        letters.remove("n")
        letters.insert(0, "n")
    yield from letters
    yield from (name for number in range(1, 1000) if (name := f"n{number}") not in taken)
