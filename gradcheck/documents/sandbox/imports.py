"""Which of the libraries that take long to load a document's code imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from gradcheck.documents.sandbox.job import CodeBlock
from gradcheck.documents.sandbox.parsing import Unparsable, parsed
from gradcheck.documents.sandbox.preload import LIBRARIES


def imported_libraries(blocks: Sequence[CodeBlock]) -> list[str]:
    """The modules of those libraries that the blocks import, in their order.

    >>> imported_libraries([CodeBlock(1, "import os, torch.nn as nn\\nfrom numpy import pi", (1, 2))])
    ['torch.nn', 'numpy']
    """
    found = (name for block in blocks for name in _imported(block))
    return list(dict.fromkeys(name for name in found if name.partition(".")[0] in LIBRARIES))


def _imported(block: CodeBlock) -> Iterator[str]:
    try:
        tree = parsed(block.source)
    except Unparsable:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
