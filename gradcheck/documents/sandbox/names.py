"""Which names a piece of code binds or changes, as far as its text tells."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator


def bound_names(nodes: Iterable[ast.AST]) -> set[str]:
    """The names that code binds in the scope it stands in.

    >>> sorted(bound_names(ast.parse("import torch.nn\\nfor i, (a, *b) in c: d = e\\ndef f(x): y = 1").body))
    ['a', 'b', 'd', 'f', 'i', 'torch']
    """
    return {name for node in nodes for inner in _same_scope(node) for name in _bound_by(inner)}


def changed_names(nodes: Iterable[ast.AST]) -> set[str]:
    """The names that code binds, and those whose objects it may change: by an attribute, an entry, a method, a call.

    >>> sorted(changed_names(ast.parse("w.grad = g\\na[0] += 1\\nloss.backward()\\ntrain(model, 3)").body))
    ['a', 'loss', 'model', 'w']
    """
    nodes = tuple(nodes)
    touched = {name for node in nodes for inner in _same_scope(node) for name in _touched_by(inner)}
    return bound_names(nodes) | touched


def _same_scope(node: ast.AST) -> Iterator[ast.AST]:
    """A node and those below it, without the bodies of functions and classes."""
    yield node
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
        return
    for child in ast.iter_child_nodes(node):
        yield from _same_scope(child)


def _bound_by(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            yield from ((alias.asname or alias.name.partition(".")[0]) for alias in names)
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
        case ast.MatchMapping(rest=str(name)):
            yield name


def _touched_by(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del()):
            yield from root_name(node)
        case ast.Expr(value=ast.Call(func=function, args=arguments)):
            if isinstance(function, ast.Attribute):
                yield from root_name(function)
            if not (isinstance(function, ast.Name) and function.id == "print"):
                for argument in arguments:
                    yield from root_name(argument)
        case ast.Call(func=ast.Attribute(attr=method) as function) if method.endswith("_"):
            yield from root_name(function)


def root_name(node: ast.AST) -> Iterator[str]:
    """The name at the root of attributes, entries and calls, where there is one."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Name):
        yield node.id


def names_in_text(text: str) -> set[str]:
    """The names that code which does not parse seems to bind, read line by line.

    >>> sorted(names_in_text("def f(x:\\nimport numpy as np\\na, b = 1, 2\\nc += 3\\nif d == 4"))
    ['a', 'b', 'c', 'f', 'np']
    """
    return {name for line in text.split("\n") for name in _names_in_line(line.strip()) if name.isidentifier()}


def _names_in_line(line: str) -> Iterator[str]:
    words = line.replace("(", " ").replace(":", " ").split()
    if words[:1] in (["def"], ["class"]) and len(words) > 1:
        yield words[1]
    elif words[:1] in (["import"], ["from"]):
        yield from (word.strip(",") for word in words[-1:])
    elif "=" in line:
        left, _, right = line.partition("=")
        if not right.startswith("="):
            yield from (name.strip(" ()[]*") for name in left.rstrip("+-*/@%&|^<>!").split(","))
