"""How a function of a document is entered: with the arguments that the document calls it with, or with made-up ones."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gradcheck.documents.gradients.flow import reads
from gradcheck.documents.gradients.source import Scope, Source


@dataclass(frozen=True)
class Setting:
    """What stands before a scope is entered, and its arguments.

    `before` are the module's statements that count; `expressions` give each of the `arguments` where the document
    calls the function. `first` are statements in front of the scope's own.
    """

    before: Sequence[ast.stmt]
    arguments: tuple[str, ...] = ()
    expressions: Mapping[str, ast.expr] = field(default_factory=dict)
    first: tuple[ast.stmt, ...] = ()
    given: bool = True

    @property
    def needed(self) -> frozenset[str]:
        """The names that the arguments are made of."""
        return frozenset[str]().union(*(reads(each) for each in self.expressions.values()))


def settings(source: Source, scope: Scope, owner: ast.ClassDef | None, before: Sequence[ast.stmt]) -> Iterator[Setting]:
    """The ways to enter a scope, the document's own first."""
    if isinstance(scope, ast.Module):
        yield Setting(before)
        yield Setting(before, given=False)
        return
    for place, statement in enumerate(source.tree.body):
        for call in calls_in(statement, scope.name, method=owner is not None):
            expressions = bound_arguments(scope, call, method=owner is not None)
            if expressions is not None:
                made = {"self": call.func.value} if owner and isinstance(call.func, ast.Attribute) else {}
                yield Setting(source.tree.body[:place], tuple({**made, **expressions}), {**made, **expressions})
                break
    yield _made_up(source, scope, owner)


def _made_up(source: Source, scope: ast.FunctionDef, owner: ast.ClassDef | None) -> Setting:
    names, first = _split(scope, skip_first=owner is not None)
    if owner is not None:
        constructor = next((each for each in owner.body if _is_init(each)), None)
        own, set_first = _split(constructor, skip_first=True) if isinstance(constructor, ast.FunctionDef) else ([], [])
        del set_first  # the constructor keeps its own defaults
        made = ast.Call(
            ast.Name(owner.name, ast.Load()), [], [ast.keyword(each, ast.Name(each, ast.Load())) for each in own]
        )
        first = [ast.Assign([ast.Name("self", ast.Store())], made), *first]
        names = list(dict.fromkeys([*own, *names]))
    statements = [ast.fix_missing_locations(each) for each in first]
    for each in statements:
        each.lineno = 1
    return Setting(source.tree.body, tuple(names), first=tuple(statements), given=False)


def _is_init(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == "__init__"


def _split(scope: ast.FunctionDef, *, skip_first: bool) -> tuple[list[str], list[ast.stmt]]:
    """The arguments without a default, and assignments of those with one."""
    arguments = [*scope.args.posonlyargs, *scope.args.args][1 if skip_first else 0 :]
    defaults = scope.args.defaults
    required = arguments[: len(arguments) - len(defaults)]
    optional = zip(arguments[len(required) :], defaults, strict=True)
    keywords = zip(scope.args.kwonlyargs, scope.args.kw_defaults, strict=True)
    first: list[ast.stmt] = [
        ast.Assign([ast.Name(each.arg, ast.Store())], default) for each, default in (*optional, *keywords) if default
    ]
    return [each.arg for each in required], first


def calls_in(statement: ast.stmt, name: str, *, method: bool) -> Iterator[ast.Call]:
    """The calls of a function or method by name on the module's level, loops included, definitions not."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return
    for each in ast.walk(statement):
        if isinstance(each, ast.Call):
            function = each.func
            called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            if called == name and isinstance(function, ast.Attribute) == method:
                yield each


def bound_arguments(scope: ast.FunctionDef, call: ast.Call, *, method: bool) -> dict[str, ast.expr] | None:
    """Each argument's expression in a call, defaults included; None where the call does not fit.

    >>> f = ast.parse("def f(a, b, c=3): pass").body[0]
    >>> found = bound_arguments(f, ast.parse("f(x, b=y)", mode="eval").body, method=False)
    >>> {name: ast.unparse(value) for name, value in found.items()}
    {'a': 'x', 'b': 'y', 'c': '3'}
    """
    arguments = [*scope.args.posonlyargs, *scope.args.args][1 if method else 0 :]
    names = [each.arg for each in arguments]
    starred = any(isinstance(each, ast.Starred) for each in call.args) or any(k.arg is None for k in call.keywords)
    if starred or len(call.args) > len(names):
        return None
    found = dict(zip(names, call.args, strict=False)) | {str(each.arg): each.value for each in call.keywords}
    defaults = dict(zip(names[len(names) - len(scope.args.defaults) :], scope.args.defaults, strict=True))
    defaults |= {k.arg: d for k, d in zip(scope.args.kwonlyargs, scope.args.kw_defaults, strict=True) if d is not None}
    whole = {name: found.get(name, defaults.get(name)) for name in (*names, *(k.arg for k in scope.args.kwonlyargs))}
    complete = {name: value for name, value in whole.items() if value is not None}
    return complete if len(complete) == len(whole) and set(found) <= set(whole) else None
