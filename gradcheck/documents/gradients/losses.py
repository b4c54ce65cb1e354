"""Finds what a body of statements states as its loss."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradcheck.documents.gradients.flow import targets
from gradcheck.documents.gradients.names import is_loss
from gradcheck.documents.gradients.source import bodies
from gradcheck.documents.gradients.updates import dotted


@dataclass(frozen=True)
class Loss:
    """A loss: what it is called, the statements up to it, and the expression that is it after them."""

    name: str
    before: tuple[ast.stmt, ...]
    expression: ast.expr
    line: int


def losses_in(body: Sequence[ast.stmt]) -> list[Loss]:
    """The losses that `body` computes, in order, each expression once.

    Statements below `if` count as if the condition held; what an inner loop sums up is read after the loop.

    >>> [found.name for found in losses_in(ast.parse("J = f(w)\\nif t % 9 == 0:\\n    print(mse_loss(y, p))").body)]
    ['J', 'mse_loss(y, p)']
    """
    found: dict[str, Loss] = {}
    for before, statement in _with_what_precedes(body, ()):
        for loss in _losses_of(before, statement):
            if isinstance(loss.expression, ast.Name) or loss.name not in found:
                found[loss.name] = loss
    return list(found.values())


def _with_what_precedes(
    body: Sequence[ast.stmt], before: tuple[ast.stmt, ...]
) -> Iterator[tuple[tuple[ast.stmt, ...], ast.stmt]]:
    for statement in body:
        if isinstance(statement, ast.If | ast.With | ast.Try):
            for inner in bodies(statement):
                yield from _with_what_precedes(inner, before)
        else:
            yield before, statement
        before = (*before, statement)


def _losses_of(before: tuple[ast.stmt, ...], statement: ast.stmt) -> Iterator[Loss]:
    line = statement.lineno
    if isinstance(statement, ast.For | ast.While):
        for name in _loss_names(statement):
            yield Loss(name, (*before, statement), _name(name), line)
        return
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return
    whole = [*_loss_names(statement)]
    for name in whole:
        yield Loss(name, (*before, statement), _name(name), line)
    for expression in _loss_expressions(statement):
        if not (whole and isinstance(statement, ast.Assign) and expression is statement.value):
            yield Loss(ast.unparse(expression), before, expression, line)


def _loss_names(statement: ast.stmt) -> list[str]:
    found = [target for each in ast.walk(statement) if isinstance(each, ast.stmt) for target in targets(each)]
    return list(dict.fromkeys(each.id for each in found if isinstance(each, ast.Name) and is_loss(each.id)))


def _name(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _loss_expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """What is put into a list of losses, and calls of a loss function."""
    first = statement.targets[0] if isinstance(statement, ast.Assign) else None
    if (
        isinstance(statement, ast.Assign)
        and isinstance(first, ast.Subscript | ast.Attribute)
        and is_loss(dotted(first))
    ):
        yield statement.value
    for call in (each for each in ast.walk(statement) if isinstance(each, ast.Call) and each.args):
        if _appends_loss(call):
            yield call.args[0]
        elif is_loss(dotted(call.func)):
            yield call


def _appends_loss(call: ast.Call) -> bool:
    """Whether a call appends an expression to a list of losses."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "append":
        return False
    return is_loss(dotted(call.func.value)) and not isinstance(call.args[0], ast.Name | ast.Tuple | ast.List)
