"""Which names statements read and write, and the statements that a value depends on."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence

from gradcheck.documents.gradients.names import RANDOM

Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def reads(node: ast.AST) -> frozenset[str]:
    """The names that a node reads; what it binds itself in an inner function, comprehension or round is left out.

    >>> sorted(reads(ast.parse("y = [a * t for t in range(n)]")))
    ['a', 'n', 'range']
    """
    if isinstance(node, ast.Name):
        return frozenset({node.id}) if isinstance(node.ctx, ast.Load) else frozenset()
    if isinstance(node, ast.For):
        _, free = slice_for(node.body, (), lambda _: True)
        after = frozenset[str]().union(*map(reads, node.orelse))
        return reads(node.iter) | (free - _stored(node.target)) | after
    found = frozenset[str]().union(*(reads(each) for each in ast.iter_child_nodes(node)))
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        return found | {node.target.id}
    if isinstance(node, Scope):
        return found - _bound_in(node)
    if isinstance(node, Comprehension):
        return found - _stored(*(each.target for each in node.generators))
    return found


def _bound_in(function: Scope) -> frozenset[str]:
    arguments = {each.arg for each in ast.walk(function.args) if isinstance(each, ast.arg)}
    body = [function.body] if isinstance(function.body, ast.expr) else function.body
    return _stored(*body) | arguments


def _stored(*nodes: ast.AST) -> frozenset[str]:
    """The names that are bound within nodes, by assignment or definition."""
    within = [each for node in nodes for each in ast.walk(node)]
    names = {each.id for each in within if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
    defined = {each.name for each in within if isinstance(each, ast.FunctionDef | ast.ClassDef)}
    aliases = {(each.asname or each.name).split(".")[0] for each in within if isinstance(each, ast.alias)}
    return frozenset(names | defined | aliases)


def base(node: ast.expr) -> str:
    """The variable at the root of `a`, `a.b`, `a["k"]` or `a[i].b`; empty where there is none.

    >>> base(ast.parse("net.layers[0].W", mode="eval").body)
    'net'
    """
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def targets(statement: ast.stmt) -> list[ast.expr]:
    """What a statement assigns to, tuples taken apart."""
    if isinstance(statement, ast.Assign):
        found = statement.targets
    elif isinstance(statement, ast.AugAssign | ast.AnnAssign | ast.For):
        found = [statement.target]
    else:
        found = []
    return [part for target in found for part in _parts(target)]


def _parts(target: ast.expr) -> list[ast.expr]:
    if isinstance(target, ast.Tuple | ast.List):
        return [part for element in target.elts for part in _parts(element)]
    return [target]


def writes(statement: ast.stmt) -> frozenset[str]:
    """The variables that a statement binds or changes; a method called for its effect may change its object."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return frozenset({statement.name})
    found: set[str] = set()
    for each in ast.walk(statement):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            found.add(each.id)
        elif isinstance(each, ast.Attribute | ast.Subscript) and isinstance(each.ctx, ast.Store):
            found.add(base(each))
        elif isinstance(each, ast.Import | ast.ImportFrom):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in each.names}
        elif (
            isinstance(each, ast.Expr)
            and isinstance(each.value, ast.Call)
            and isinstance(each.value.func, ast.Attribute)
        ):
            found.add(base(each.value.func))
        elif isinstance(each, ast.For):
            found |= _changed_through(each)
    return frozenset(found - {""})


def _changed_through(loop: ast.For) -> frozenset[str]:
    """What a loop goes through, where it calls methods of each: `layers` of `for layer in layers: layer.backward(d)`.

    >>> _changed_through(ast.parse("for each in reversed(layers):\\n    d = each.backward(d)").body[0])
    frozenset({'layers'})
    """
    each = _stored(loop.target)
    called = [node.func for inner in loop.body for node in ast.walk(inner) if isinstance(node, ast.Call)]
    if not any(isinstance(function, ast.Attribute) and base(function) in each for function in called):
        return frozenset()
    functions = {
        node.func.id for node in ast.walk(loop.iter) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    return reads(loop.iter) - functions


def binds(statement: ast.stmt) -> frozenset[str]:
    """The variables that a statement gives a whole new value, whatever they held."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom):
        return writes(statement)
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        return frozenset(each.id for each in targets(statement) if isinstance(each, ast.Name))
    return frozenset()


def draws(statement: ast.stmt) -> bool:
    """Whether a statement draws random numbers, so that what follows it depends on that it ran."""
    calls = [each.func for each in ast.walk(statement) if isinstance(each, ast.Call)]
    lasts = [call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls]
    return any(part in last for last in lasts for part in RANDOM)


def slice_for(
    statements: Sequence[ast.stmt], needed: Iterable[str], keep: Callable[[ast.stmt], bool] = lambda _: False
) -> tuple[list[ast.stmt], frozenset[str]]:
    """The statements that the `needed` variables depend on, in order, and the variables those begin with.

    >>> body = ast.parse("a = p * 2\\nb = q\\nc = a + r").body
    >>> chosen, free = slice_for(body, ["c"])
    >>> [ast.unparse(each) for each in chosen], sorted(free)
    (['a = p * 2', 'c = a + r'], ['p', 'r'])
    """
    wanted, chosen = set(needed), list[ast.stmt]()
    for statement in reversed(statements):
        if writes(statement) & wanted or keep(statement):
            chosen.append(statement)
            wanted -= binds(statement)
            wanted |= reads(statement)
    return chosen[::-1], frozenset(wanted)
