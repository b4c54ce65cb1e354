"""Declarations of shapes, such as "X: m n, w: n, λ:": each variable with the names of its sizes, none for a scalar."""

from __future__ import annotations

import keyword
import re
from unicodedata import normalize

import sympy as sp

from gradcheck.symbolic import tensors
from gradcheck.symbolic.compile import Variable
from gradcheck.symbolic.kernels import NUMPY
from gradcheck.symbolic.parser import CONSTANTS, ParseError
from gradcheck.symbolic.points import SIZES

EXAMPLE = 'write "X: m n, w: n" for a matrix X and a vector w, "c:" for a scalar c'
MOST_SIZES = len(SIZES[0])
INTERMEDIATE = re.compile(r"t\d+")
"""What compiled code calls its intermediate results."""


def read_shapes(text: str) -> dict[str, Variable]:
    """The variables by name, in order, as tensors of symbolic sizes.

    Raises ParseError, which points at the column.

    >>> read_shapes("X: m n, c:")["X"].shape
    (m, n)
    """
    text = normalize("NFKC", text)
    declared: dict[str, tuple[str, ...]] = {}
    position = 0
    for part in text.split(","):
        name, sizes = _declaration(part, text, position)
        if name in declared:
            raise _error(f"{name} is declared twice", text, position, part)
        declared[name] = sizes
        position += len(part) + 1
    _check_sizes(declared, text)
    return {name: _variable(name, sizes) for name, sizes in declared.items()}


def _declaration(part: str, text: str, position: int) -> tuple[str, tuple[str, ...]]:
    words = [(match.group(), match.start()) for match in re.finditer(r"[^\s:]+|:", part)]
    if len(words) < 2 or words[1][0] != ":":
        missing = f"{words[0][0]!r} has no colon; " if words else ""
        raise _error(f"{missing}{EXAMPLE}", text, position, part)
    (name, _), _, *sizes = words
    for each, offset in (words[0], *sizes):
        if problem := _problem(each):
            raise ParseError(f"{each!r} {problem}; {EXAMPLE}", text, position + offset + 1)
    if len(sizes) > 2:
        raise _error(f"{name} has {len(sizes)} sizes; at most two are allowed", text, position, part)
    return name, tuple(size for size, _ in sizes)


def _problem(name: str) -> str:
    """What keeps a name from being one, or nothing."""
    if not name.isidentifier() or name.startswith("_"):
        return "is no name" + (", and sizes are names" if name.isdigit() else "")
    if keyword.iskeyword(name):
        return "is a word of Python's"
    if name in CONSTANTS:
        return f"is the number {float(CONSTANTS[name]):.4g}"
    return "is the name of a function" if name in NUMPY or INTERMEDIATE.fullmatch(name) else ""


def _check_sizes(declared: dict[str, tuple[str, ...]], text: str) -> None:
    sizes = dict.fromkeys(size for names in declared.values() for size in names)
    if both := next((size for size in sizes if size in declared), None):
        raise ParseError(f"{both} is both a variable and a size", text, _place(both, text))
    if len(sizes) > MOST_SIZES:
        raise ParseError(f"{len(sizes)} different sizes; at most {MOST_SIZES} are allowed", text, 1)


def _place(name: str, text: str) -> int:
    """The column where the name first stands as a word."""
    return next(match.start() for match in re.finditer(r"\w+", text) if match.group() == name) + 1


def _variable(name: str, sizes: tuple[str, ...]) -> Variable:
    return tensors.tensor(name, *map(_size, sizes)) if sizes else tensors.scalar(name)


def _size(name: str) -> sp.Symbol:
    return tensors.dimension(name)


def _error(message: str, text: str, position: int, part: str) -> ParseError:
    """An error that points at where a part of the text begins."""
    return ParseError(message, text, position + len(part) - len(part.lstrip()) + 1)
