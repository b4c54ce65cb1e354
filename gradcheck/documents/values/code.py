"""The Python of a document, block by block, with the file's line of each row: listings and the input of sessions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gradcheck.documents.document import Document, Passage

PYTHON = frozenset({"", "python"})
"""What a block names that holds Python; many name nothing."""


@dataclass(frozen=True)
class Code:
    """One block: `number` is its passage's, `source` its Python, row by row as the passage has it."""

    number: int
    source: str
    passage: Passage

    def line(self, row: int) -> int:
        """The file's line of a row, from 1."""
        return self.passage.lines[row - 1]


def code_blocks(document: Document) -> Iterator[Code]:
    """Every block of Python, in order; a row that is no Python (`!pip install`, `%matplotlib`) is left blank."""
    for number, passage in enumerate(document.passages):
        if passage.kind in {"code", "session"} and passage.language in PYTHON:
            rows = [_python(row) for row in passage.text.split("\n")]
            yield Code(number, "\n".join(rows), passage)


def _python(row: str) -> str:
    return "" if row.lstrip().startswith(("!", "%")) else row
