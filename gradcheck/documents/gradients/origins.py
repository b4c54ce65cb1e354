"""Where a gradient is written that a list, a dictionary or a function hands on."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from gradcheck.documents.gradients.flow import targets
from gradcheck.documents.gradients.functions import resolved
from gradcheck.documents.gradients.members import Key, called, members_written
from gradcheck.documents.gradients.source import Source, statements_within


def origin(source: Source, gradient: ast.expr, before: Sequence[ast.stmt]) -> ast.stmt | None:
    """The statement that computes a member of a collection: in the step, or in the function that returns it.

    >>> tree = ast.parse("def f(x):\\n    dW = 2 * x\\n    return {'W': dW}\\ngrads = f(x)")
    >>> member = ast.parse("grads['W']", mode="eval").body
    >>> ast.unparse(origin(Source(tree, (), ()), member, tree.body))
    'dW = 2 * x'
    """
    if not isinstance(gradient, ast.Subscript) or not isinstance(gradient.slice, ast.Constant):
        return None
    within = [inner for each in before for inner in (each, *statements_within(each))]
    stored = _last(within, ast.unparse(gradient))
    making = stored or _last(before, ast.unparse(gradient.value))
    if stored or not isinstance(making, ast.Assign):
        return making
    function = called(source, making.value) if isinstance(making.value, ast.Call) else None
    key = gradient.slice.value
    return (_within(function, key) if function and isinstance(key, int | str) else None) or making


def _last(statements: Sequence[ast.stmt], text: str) -> ast.stmt | None:
    """The last statement that assigns to just this."""
    return next((each for each in reversed(statements) if text in map(ast.unparse, targets(each))), None)


def _within(function: ast.FunctionDef, key: Key) -> ast.stmt | None:
    """The statement of a function that computes what it returns under a key."""
    statements = list(statements_within(function))
    returns = [each for each in statements if isinstance(each, ast.Return) and each.value is not None]
    if not returns or returns[-1].value is None:
        return None
    stored = _last(statements, f"{ast.unparse(returns[-1].value)}[{key!r}]")
    value = (members_written(resolved(returns[-1].value, function)) or {}).get(key) if not stored else None
    return stored or (_last(statements, ast.unparse(value)) if value else None) or returns[-1]
