"""Which names a value may depend on, and whether code that failed would have changed one of them.

Names depend on each other where one statement has them both: `loss = f(w)` ties `w` to `loss`, so that `w.grad` after
`loss.backward()` is tied to all that `loss` was made of. That ties too much rather than too little.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gradcheck.documents.records import Failure
from gradcheck.documents.values.code import Code

_BUILTINS = frozenset(vars(builtins))


@dataclass(frozen=True)
class Use:
    """A statement's place and the names in it."""

    block: int
    line: int
    names: frozenset[str]


@dataclass(frozen=True)
class Lineage:
    """All uses of names in a document, the names of its modules, and what failed in it."""

    uses: tuple[Use, ...]
    modules: frozenset[str]
    failures: tuple[Failure, ...]

    def ancestors(self, names: Iterable[str], block: int, line: int) -> frozenset[str]:
        """The names tied to these by the statements up to a place, these included."""
        before = [use.names - self.modules for use in self.uses if (use.block, use.line) <= (block, line)]
        known = frozenset(names) - self.modules - _BUILTINS
        while True:
            grown = known.union(*(use for use in before if use & known))
            if grown == known:
                return known
            known = grown

    def tainting(self, names: Iterable[str], block: int, line: int) -> Failure | None:
        """The failure before a place that leaves a value of these names in doubt, if there is one."""
        spoiled = [each for each in self.failures if (each.block, each.line) <= (block, line) and each.names]
        if not spoiled:
            return None
        direct = frozenset(names)
        tied = self.ancestors(direct, block, line) | direct
        return next((failure for failure in spoiled if tied & frozenset(failure.names)), None)


def lineage(blocks: Iterable[Code], failures: Iterable[Failure]) -> Lineage:
    """The uses of names in all blocks; those of a function or a class count as one, under its name too.

    >>> from gradcheck.documents.document import Passage
    >>> passage = Passage("code", "y = x\\nz = y", (1, 2))
    >>> sorted(lineage([Code(0, passage.text, passage)], ()).ancestors({"z"}, 0, 2))
    ['x', 'y', 'z']
    """
    uses: list[Use] = []
    modules: set[str] = set()
    for code in blocks:
        try:
            tree = ast.parse(code.source)
        except (SyntaxError, ValueError):
            continue
        modules.update(_imported(tree))
        uses.extend(_uses(tree, code))
    return Lineage(tuple(uses), frozenset(modules), tuple(failures))


def names_in(source: str) -> frozenset[str]:
    """The names that a piece of Python reads or binds.

    >>> sorted(names_in("w.grad + f(x)"))
    ['f', 'w', 'x']
    """
    try:
        return _names(ast.parse(source))
    except (SyntaxError, ValueError):
        return frozenset()


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                yield (alias.asname or alias.name).partition(".")[0]


_WHOLE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _uses(tree: ast.AST, code: Code) -> Iterator[Use]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt):
            if isinstance(node, _WHOLE):
                yield Use(code.number, code.line(node.lineno), _names(node) | {node.name})
                continue
            yield Use(code.number, code.line(node.lineno), _own_names(node))
        if not isinstance(node, ast.expr):
            yield from _uses(node, code)


def _own_names(statement: ast.stmt) -> frozenset[str]:
    """The names of a statement's own expressions, those of the statements inside it left out."""
    found: frozenset[str] = frozenset()
    for node in ast.iter_child_nodes(statement):
        if not isinstance(node, (ast.stmt, ast.ExceptHandler, ast.match_case)):
            found |= _names(node)
    return found


def _names(tree: ast.AST) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name)) - _BUILTINS
