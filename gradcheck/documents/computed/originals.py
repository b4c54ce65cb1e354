"""Gives a document's functions the code back that the document wrote, without what reports on its run."""

from __future__ import annotations

import ast
import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from types import CodeType, FunctionType

from gradcheck.documents.sandbox.job import CodeBlock
from gradcheck.documents.sandbox.parsing import Places, Unparsable, move, parsed
from gradcheck.documents.sandbox.worker import FILE_NAME

Place = tuple[str, str, int]
"""Where code is defined: its file, its qualified name, its first line."""


def place_of(code: CodeType) -> Place:
    """Where code is defined."""
    return code.co_filename, code.co_qualname, code.co_firstlineno


def original_codes(blocks: Iterable[CodeBlock], flags: int) -> dict[Place, CodeType]:
    """The code of each function of the blocks as it is written; none where two stand in one place.

    >>> codes = original_codes([CodeBlock(0, "def f(x):\\n    return x", (3, 4))], 0)
    >>> [(place, code.co_varnames) for place, code in codes.items()]
    [(('<block 0>', 'f', 3), ('x',))]
    """
    found = [code for block in blocks for code in _functions(block, flags)]
    times = Counter(map(place_of, found))
    return {place_of(code): code for code in found if times[place_of(code)] == 1}


def _functions(block: CodeBlock, flags: int) -> Iterator[CodeType]:
    try:
        tree = parsed(block.source)
    except Unparsable:
        return
    move(tree, Places(block))
    tree.body = [each for each in tree.body if not _is_future(each)]
    with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        yield from _within(compile(tree, FILE_NAME.format(block.number), "exec", flags=flags, dont_inherit=True))


def _is_future(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _within(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _within(constant)


def restore(codes: Mapping[Place, CodeType]) -> None:
    """Every living function that was made of the blocks gets its original code."""
    for thing in gc.get_objects():
        if type(thing) is FunctionType and (code := codes.get(place_of(thing.__code__))) is not None:
            with suppress(ValueError):  # code with other free variables
                thing.__code__ = code
