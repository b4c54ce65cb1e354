"""The code of a document as one listing: its statements in order, each with its place in the file."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gradcheck.documents.repair.python import segment
from gradcheck.documents.sandbox.job import CodeBlock

Scope = ast.Module | ast.FunctionDef
Nested = ast.For | ast.While | ast.With | ast.If | ast.Try | ast.FunctionDef | ast.ClassDef | ast.Module


@dataclass(frozen=True)
class Broken:
    """A block that does not parse: its file lines, its text and why."""

    line: int
    end_line: int
    text: str
    reason: str


@dataclass(frozen=True)
class Source:
    """The statements of all blocks, numbered as one text; `lines` has the file's line of each line of it.

    `followed` names the functions whose updates are written out where they are called.
    """

    tree: ast.Module
    text: tuple[str, ...]
    lines: tuple[int, ...]
    broken: tuple[Broken, ...] = ()
    followed: frozenset[str] = frozenset()

    def place(self, node: ast.stmt | ast.expr) -> tuple[int, int]:
        """The file's first and last line of a node."""
        return self.lines[node.lineno - 1], self.lines[(node.end_lineno or node.lineno) - 1]

    def written(self, node: ast.stmt | ast.expr) -> str:
        """A node as the document has it, letter for letter."""
        text = segment("\n".join(self.text), node) or ast.unparse(node)
        return text.split("\n")[0] if isinstance(node, Nested) else text

    @property
    def functions(self) -> list[ast.FunctionDef]:
        """The functions that stand on no class, in order."""
        return [node for node in self.tree.body if isinstance(node, ast.FunctionDef)]

    @property
    def classes(self) -> list[ast.ClassDef]:
        return [node for node in self.tree.body if isinstance(node, ast.ClassDef)]


def parse(blocks: Iterable[CodeBlock]) -> Source:
    """All blocks that parse as one listing; the others as `broken`.

    >>> source = parse([CodeBlock(0, "x = 1", (4,)), CodeBlock(1, "y = x", (9,))])
    >>> [source.place(node) for node in source.tree.body]
    [(4, 4), (9, 9)]
    """
    tree, text, lines, broken = ast.Module([], []), list[str](), list[int](), list[Broken]()
    for block in blocks:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a document's unknown escapes are its own
                parsed = ast.parse(block.source)
        except (SyntaxError, ValueError) as error:
            reason = f"it does not parse: {getattr(error, 'msg', error)}"
            broken.append(Broken(block.lines[0], block.lines[-1], block.source, reason))
            continue
        ast.increment_lineno(parsed, len(text))
        tree.body += flattened(parsed.body)
        text += block.source.split("\n")
        lines += block.lines
    return Source(tree, tuple(text), tuple(lines), tuple(broken))


def flattened(body: Iterable[ast.stmt]) -> list[ast.stmt]:
    """Statements with the body of `if __name__ == "__main__"` among them."""
    found: list[ast.stmt] = []
    for statement in body:
        main = isinstance(statement, ast.If) and "__name__" in ast.unparse(statement.test)
        found += statement.body if main and isinstance(statement, ast.If) else [statement]
    return found


def bodies(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The lists of statements directly within a statement."""
    for name in ("body", "orelse", "finalbody"):
        body = getattr(node, name, None)
        if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
            yield body
    for handler in getattr(node, "handlers", ()):
        yield handler.body


def path_to(root: ast.AST, target: ast.stmt) -> list[ast.AST] | None:
    """The nodes from `root` down to `target`, both included; None where it is not within."""
    if root is target:
        return [root]
    for body in bodies(root):
        for statement in body:
            found = path_to(statement, target)
            if found:
                return [root, *found]
    return None


def statements_within(root: ast.AST, *, functions: bool = False) -> Iterator[ast.stmt]:
    """Every statement below `root` in order; those of inner functions and classes only with `functions`."""
    for body in bodies(root):
        for statement in body:
            yield statement
            if functions or not isinstance(statement, ast.FunctionDef | ast.ClassDef):
                yield from statements_within(statement, functions=functions)
