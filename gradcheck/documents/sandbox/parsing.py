"""A block's source as a syntax tree whose line numbers are the document's."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass

from gradcheck.documents.sandbox.job import CodeBlock


class Unparsable(Exception):
    """Source that is no Python: the reason, and the line of the block, from 0, that it stands on."""

    def __init__(self, reason: str, index: int) -> None:
        super().__init__(reason)
        self.reason, self.index = reason, index


def parsed(source: str) -> ast.Module:
    """The syntax tree of source, with no warnings about its style; raises `Unparsable`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source)
        except SyntaxError as error:
            raise Unparsable(error.msg, max((error.lineno or 1) - 1, 0)) from None
        except (ValueError, RecursionError, MemoryError) as error:
            raise Unparsable(str(error) or "nested too deeply to be read", 0) from None


@dataclass(frozen=True)
class Places:
    """Tells, of a block's nodes as they were parsed, the file's lines and the source.

    >>> block = CodeBlock(1, "a = (1,\\n  2)", (7, 9))
    >>> Places(block).source(parsed(block.source).body[0].value), Places(block).span(parsed(block.source).body[0])
    ('(1,\\n  2)', (7, 9))
    """

    block: CodeBlock

    def line(self, index: int) -> int:
        """The file's line of the block's line `index`, from 0."""
        return self.block.lines[min(index, len(self.block.lines) - 1)]

    def span(self, node: ast.stmt | ast.expr) -> tuple[int, int]:
        """The file's first and last line of a node."""
        first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))])
        return self.line(first - 1), self.line((node.end_lineno or node.lineno) - 1)

    def source(self, node: ast.expr) -> str:
        """A node as it is written; as Python would write it where its place is not told rightly (in an f-string)."""
        lines = self.block.source.split("\n")[node.lineno - 1 : node.end_lineno]
        if not lines:
            return ast.unparse(node)
        parts = [line.encode() for line in lines]
        parts[-1] = parts[-1][: node.end_col_offset]
        parts[0] = parts[0][node.col_offset :]
        text = b"\n".join(parts).decode(errors="replace")
        return text if _means(text, node) else ast.unparse(node)


def _means(text: str, node: ast.expr) -> bool:
    try:
        return ast.dump(ast.parse(f"({text}\n)", mode="eval").body) == ast.dump(node)
    except (SyntaxError, ValueError, RecursionError):
        return False


def move(tree: ast.AST, places: Places) -> None:
    """Gives every node the file's lines; several lines of text may stand on one line of the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt | ast.expr | ast.excepthandler | ast.arg | ast.keyword | ast.alias | ast.pattern):
            node.lineno = places.line(node.lineno - 1)
            node.end_lineno = max(places.line((node.end_lineno or 1) - 1), node.lineno)
            if node.end_lineno == node.lineno:
                node.end_col_offset = max(node.end_col_offset or 0, node.col_offset)
