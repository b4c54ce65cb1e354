"""A listing in which each parameter is moved by a statement of its own, whatever loop or function of it does that."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from gradcheck.documents.gradients.handed import moves_handed
from gradcheck.documents.gradients.members import Holdings, holdings_in
from gradcheck.documents.gradients.source import Source
from gradcheck.documents.gradients.unrolling import unrolled, unrolled_comprehension


def written_out(source: Source) -> Source:
    """The listing with loops over parameters, and calls that hand gradients over, written out as single updates.

    >>> tree = ast.parse("params, grads = [W, b], [dW, db]\\nparams = [p - lr * g for p, g in zip(params, grads)]")
    >>> print(ast.unparse(written_out(Source(tree, (), ())).tree))
    params, grads = ([W, b], [dW, db])
    W = W - lr * dW
    b = b - lr * db
    """
    followed: set[str] = set()
    body = [_definition(each, source, followed) for each in source.tree.body]
    tree = ast.Module(_body(body, replace(holdings_in(source), followed=followed)), [])
    return replace(source, tree=tree, followed=frozenset(followed))


def _definition(statement: ast.stmt, source: Source, followed: set[str]) -> ast.stmt:
    """A function or class with the bodies of its functions written out; any other statement as it is."""
    if isinstance(statement, ast.FunctionDef):
        found = copy.copy(statement)
        found.body = _body(statement.body, replace(holdings_in(source, statement.body), followed=followed))
        return found
    if isinstance(statement, ast.ClassDef):
        owner = copy.copy(statement)
        owner.body = [_definition(each, source, followed) for each in statement.body]
        return owner
    return statement


def _body(body: list[ast.stmt], holdings: Holdings, follow: bool = True) -> list[ast.stmt]:
    return [each for statement in body for each in _statements(statement, holdings, follow)]


def _statements(statement: ast.stmt, holdings: Holdings, follow: bool) -> Iterator[ast.stmt]:
    """A statement, or the single updates that it stands for; those of what it calls only with `follow`."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        yield statement
        return
    found = unrolled(statement, holdings) if isinstance(statement, ast.For) else None
    if found is None and isinstance(statement, ast.Assign | ast.Return) and statement.value is not None:
        found = unrolled_comprehension(statement.value, holdings, statement)
    if found is None and follow:
        found = moves_handed(statement, holdings, partial(_body, follow=False))
    if found is not None:
        yield from found
        return
    yield _with_inner(statement, holdings, follow)


def _with_inner(statement: ast.stmt, holdings: Holdings, follow: bool) -> ast.stmt:
    found = statement
    for name in ("body", "orelse", "finalbody"):
        inner = getattr(statement, name, None)
        if isinstance(inner, list) and inner and isinstance(inner[0], ast.stmt):
            found = copy.copy(statement) if found is statement else found
            setattr(found, name, _body(inner, holdings, follow))
    return found
