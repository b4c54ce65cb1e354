"""Whether text is Python, asked without a word on standard error."""

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
