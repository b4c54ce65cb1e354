"""The names that code binds and those that it needs."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable

BUILTINS = frozenset(dir(builtins))


def bound(module: ast.AST) -> frozenset[str]:
    """The names that code binds anywhere in it, arguments of functions and their own names too.

    >>> sorted(bound(ast.parse("import a.b as c\\ndef f(x): y = x")))
    ['c', 'f', 'x', 'y']
    """
    return frozenset(name for node in ast.walk(module) for name in _binds(node))


def _binds(node: ast.AST) -> Iterable[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store()):
            return (name,)
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return tuple((alias.asname or alias.name).partition(".")[0] for alias in names)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return (name,)
        case ast.arg(arg=name):
            return (name,)
        case ast.ExceptHandler(name=str(name)):
            return (name,)
    return ()


def needed(module: ast.AST) -> frozenset[str]:
    """The names that code reads, or changes in place, anywhere in it.

    >>> sorted(needed(ast.parse("w -= rate * g(1)")))
    ['g', 'rate', 'w']
    """
    read = {node.id for node in ast.walk(module) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    for node in ast.walk(module):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            read.add(node.target.id)
    return frozenset(read)
