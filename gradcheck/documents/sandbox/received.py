"""What a function has received, as expressions that stand within it."""

from __future__ import annotations

import ast


def received(node: ast.FunctionDef) -> tuple[ast.Tuple, ast.Dict]:
    """The arguments by position, and those that have to be named.

    >>> [ast.unparse(each) for each in received(ast.parse("def f(a, *rest, b=1, **more): pass").body[0])]
    ['(a, *rest)', "{'b': b, **more}"]
    """
    given = node.args
    positional: list[ast.expr] = [ast.Name(each.arg, ast.Load()) for each in (*given.posonlyargs, *given.args)]
    positional += [ast.Starred(ast.Name(given.vararg.arg, ast.Load()), ast.Load())] if given.vararg else []
    named: list[tuple[ast.expr | None, ast.expr]] = [
        (ast.Constant(each.arg), ast.Name(each.arg, ast.Load())) for each in given.kwonlyargs
    ]
    named += [(None, ast.Name(given.kwarg.arg, ast.Load()))] if given.kwarg else []
    keywords = ast.Dict([name for name, _ in named], [value for _, value in named])
    return ast.Tuple(positional, ast.Load()), keywords


def is_generator(node: ast.FunctionDef) -> bool:
    """Whether a call of the function runs nothing of it yet."""
    return any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in ast.walk(node))
