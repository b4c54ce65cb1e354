"""Which of the libraries that take long to load a document's code imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from gradcheck.documents.sandbox.job import CodeBlock
from gradcheck.documents.sandbox.parsing import Unparsable, parsed
from gradcheck.documents.sandbox.preload import is_preloaded

LOADED_ON_USE = {"optim": "torch._dynamo"}
"""Attributes whose first use loads as much as an import does: every optimizer of torch its compiler."""


def imported_libraries(blocks: Sequence[CodeBlock]) -> list[str]:
    """The modules of those libraries that the blocks import, in their order.

    >>> imported_libraries([CodeBlock(1, "import os, torch.nn as nn\\nfrom numpy import pi", (1, 2))])
    ['torch.nn', 'numpy']
    """
    found = (name for block in blocks for name in _imported(block))
    return list(dict.fromkeys(name for name in found if is_preloaded(name)))


def _imported(block: CodeBlock) -> Iterator[str]:
    try:
        tree = parsed(block.source)
    except Unparsable:
        return
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module
            case ast.Attribute(attr=name) if name in LOADED_ON_USE:
                yield LOADED_ON_USE[name]
