"""Whether text is Python, asked without a word on standard error, and the text of its parts."""

from __future__ import annotations

import ast
import warnings
from functools import lru_cache


@lru_cache(maxsize=512)
def tree(source: str) -> ast.Module | None:
    """The syntax tree of Python source, or None where it is none.

    >>> tree("x = 1") is not None, tree("x = = 1") is None
    (True, True)
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def parses(source: str) -> bool:
    """Whether text is Python that parses.

    >>> parses("if x: pass"), parses("if x:")
    (True, False)
    """
    return tree(source) is not None


def segment(source: str, node: ast.AST) -> str:
    """The text of a node in the source that it was parsed from; `ast.get_source_segment` splits the whole each time.

    >>> segment("x = é + y", ast.parse("x = é + y").body[0].value)
    'é + y'
    """
    match node:
        case ast.expr() | ast.stmt():
            first, last = node.lineno - 1, node.end_lineno or node.lineno
            lines = list(_encoded_lines(source)[first:last])
            lines[-1] = lines[-1][: node.end_col_offset]
            lines[0] = lines[0][node.col_offset :]
            return b"\n".join(lines).decode()
    return ""


@lru_cache(maxsize=64)
def _encoded_lines(source: str) -> tuple[bytes, ...]:
    """The lines as the syntax tree counts their columns, in bytes."""
    return tuple(line.encode() for line in source.split("\n"))


def without_magics(source: str) -> str:
    """Python with `pass` in the place of a notebook's commands: those are no damage.

    >>> without_magics("%matplotlib inline\\nx = 1")
    'pass\\nx = 1'
    """
    if "%" not in source and "!" not in source:
        return source
    return "\n".join(
        f"{line[: len(line) - len(line.lstrip())]}pass" if line.lstrip().startswith(("%", "!")) else line
        for line in source.split("\n")
    )
