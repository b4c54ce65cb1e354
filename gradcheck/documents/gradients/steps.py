"""Where a parameter moves: the loop or function around an update, and the statements that belong to one step."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradcheck.documents.gradients.flow import base, binds, reads, slice_for
from gradcheck.documents.gradients.names import AUTOGRAD
from gradcheck.documents.gradients.source import Scope, path_to
from gradcheck.documents.gradients.updates import Update, updates_in


@dataclass(frozen=True)
class Step:
    """One step of an iteration: `body[start:]` up to `body[top]`, which holds the `update`.

    `path` leads from `scope`, a module, function or method of `owner`, to the loop whose body it is.
    """

    update: Update
    scope: Scope
    path: tuple[ast.AST, ...]
    body: tuple[ast.stmt, ...]
    start: int
    top: int
    owner: ast.ClassDef | None = None

    @property
    def before(self) -> tuple[ast.stmt, ...]:
        """The statements of the step before its update."""
        return self.body[self.start : self.top]

    @property
    def moved(self) -> list[ast.stmt]:
        """The statements of the body that update a parameter."""
        return [each.statement for each in updates_in(ast.Module(list(self.body), []))]

    @property
    def parameter(self) -> str:
        return ast.unparse(self.update.parameter)

    @property
    def base(self) -> str:
        return base(self.update.parameter)


def step_of(update: Update, scope: Scope, owner: ast.ClassDef | None = None) -> Step:
    """The innermost loop, or else the scope, whose body computes the gradient of `update` from its parameter."""
    path = path_to(scope, update.statement) or [scope]
    rounds = [place for place, node in enumerate(path) if isinstance(node, ast.For | ast.While) or node is scope]
    for place in reversed(rounds):
        step = _step(update, scope, tuple(path[: place + 1]), owner)
        if place == rounds[0] or _computes_gradient(step):
            return step
    raise AssertionError("the scope is the last round")


def _step(update: Update, scope: Scope, path: tuple[ast.AST, ...], owner: ast.ClassDef | None) -> Step:
    body = tuple(unwrapped(next(each for each in _bodies_with(path[-1], update.statement))))
    top = next(place for place, each in enumerate(body) if any(node is update.statement for node in ast.walk(each)))
    name, moved = base(update.parameter), {id(each.statement) for each in updates_in(ast.Module(list(body), []))}
    bound = [place for place in range(top) if name in binds(body[place]) and id(body[place]) not in moved]
    return Step(update, scope, path, body, bound[-1] + 1 if bound else 0, top, owner)


def _bodies_with(node: ast.AST, target: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse"):
        body = getattr(node, name, [])
        if any(each is target for statement in body for each in ast.walk(statement)):
            yield body


def unwrapped(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements with the bodies of `with` and `try` among them, where those bind no name."""
    for statement in body:
        plain = isinstance(statement, ast.With) and not any(item.optional_vars for item in statement.items)
        if isinstance(statement, ast.Try | ast.With) and (plain or isinstance(statement, ast.Try)):
            yield from unwrapped(statement.body)
        else:
            yield statement


def _computes_gradient(step: Step) -> bool:
    """Whether the parameter is read where the gradient comes from, and not only where it moves."""
    chosen, _ = slice_for(step.before, reads(step.update.expression))
    if step.base == "self":  # its methods read the parameter out of sight
        return bool(chosen)
    if not isinstance(step.update.parameter, ast.Name) and any(step.base in reads(node) for node in chosen):
        return True  # a function that is handed the whole reads it out of sight, too
    return any(mentions(node, step.parameter) for node in (*chosen, step.update.expression))


def mentions(node: ast.AST, parameter: str) -> bool:
    """Whether the parameter is read in a node, under its full name."""
    readable = (ast.Name, ast.Attribute, ast.Subscript)
    return any(
        isinstance(each, readable) and not isinstance(each.ctx, ast.Store) and ast.unparse(each) == parameter
        for each in ast.walk(node)
    )


def by_hand(statements: Sequence[ast.AST]) -> bool:
    """Whether no gradient in these statements comes from automatic differentiation.

    >>> by_hand(ast.parse("dw = 2 * x").body), by_hand(ast.parse("loss.backward(); dw = w.grad").body)
    (True, False)
    """
    nodes = [each for statement in statements for each in ast.walk(statement)]
    called = {id(each.func) for each in nodes if isinstance(each, ast.Call)}
    attributes = [each for each in nodes if isinstance(each, ast.Attribute)]
    names = {each.attr for each in attributes} | {each.id for each in nodes if isinstance(each, ast.Name)}
    return not AUTOGRAD & names and not any(each.attr == "grad" and id(each) not in called for each in attributes)
