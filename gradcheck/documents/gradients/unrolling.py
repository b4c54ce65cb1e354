"""Loops over parameters and their gradients, written out as one update each."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from gradcheck.documents.gradients.flow import binds, reads
from gradcheck.documents.gradients.members import Holdings
from gradcheck.documents.gradients.substitution import substituted
from gradcheck.documents.gradients.updates import updates_in

MOST = 24
"""Loops of more rounds are left as they are."""

Item = ast.expr | tuple["Item", ...]
"""What a loop variable, or a tuple of them, is in one round."""

_WRAPPERS = {"list", "tuple", "dict", "sorted", "reversed"}


def unrolled(loop: ast.For, holdings: Holdings) -> list[ast.stmt] | None:
    """The rounds of a loop that updates what it loops over; None for any other loop.

    >>> from gradcheck.documents.gradients.members import holdings_in
    >>> from gradcheck.documents.gradients.source import Source
    >>> tree = ast.parse("for p, g in zip([W, b], [dW, db]):\\n    p -= lr * g")
    >>> [ast.unparse(each) for each in unrolled(tree.body[0], holdings_in(Source(tree, (), ())))]
    ['W -= lr * dW', 'b -= lr * db']
    """
    names = {each.id for each in ast.walk(loop.target) if isinstance(each, ast.Name)}
    if not _moves_each(loop, names) or _jumps(loop) or loop.orelse:
        return None
    rounds = _rounds(loop.target, loop.iter, holdings)
    if rounds is None:
        return None
    return [substituted(statement, names) for names in rounds for statement in loop.body]


def unrolled_comprehension(value: ast.expr, holdings: Holdings, at: ast.stmt) -> list[ast.stmt] | None:
    """`[p - lr * g for p, g in zip(params, grads)]` as one update each, at the place of `at`; None for others."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in _WRAPPERS and value.args:
        return unrolled_comprehension(value.args[0], holdings, at)
    if not isinstance(value, ast.ListComp | ast.GeneratorExp | ast.DictComp) or len(value.generators) != 1:
        return None
    (generator,), moved = value.generators, value.value if isinstance(value, ast.DictComp) else value.elt
    if generator.ifs or not isinstance(moved, ast.BinOp) or not isinstance(moved.op, ast.Add | ast.Sub):
        return None
    names = {each.id for each in ast.walk(generator.target) if isinstance(each, ast.Name)}
    if not names & {each.id for each in ast.walk(moved.left) if isinstance(each, ast.Name)}:
        return None
    rounds = _rounds(generator.target, generator.iter, holdings)
    made = [substituted(moved, names) for names in rounds or ()]
    updates = [at_place(ast.Assign([stored(each.left)], each), at) for each in made]
    return updates if updates_in(ast.Module(list(updates), [])) else None


def stored(target: ast.expr) -> ast.expr:
    """An expression as the target of an assignment."""
    (assignment,) = ast.parse(f"{ast.unparse(target)} = 0").body
    assert isinstance(assignment, ast.Assign)
    return assignment.targets[0]


def at_place(statement: ast.stmt, at: ast.stmt) -> ast.stmt:
    """A statement made up, with the place of one that the document has."""
    for each in ast.walk(statement):
        if isinstance(each, ast.expr | ast.stmt):
            ast.copy_location(each, at)
    return ast.fix_missing_locations(statement)


def _moves_each(loop: ast.For, names: set[str]) -> bool:
    """Whether a loop moves what its variables name, by gradients from before the loop: no iteration of its own."""
    updates = updates_in(ast.Module(loop.body, []))
    moved = {each.id for update in updates for each in ast.walk(update.parameter) if isinstance(each, ast.Name)}
    made = frozenset[str]().union(*map(binds, loop.body)) - names
    return bool(moved & names) and not any(reads(update.expression) & made for update in updates)


def _jumps(loop: ast.For) -> bool:
    return any(isinstance(each, ast.Break | ast.Continue) for each in ast.walk(loop))


def _rounds(target: ast.expr, iterable: ast.expr, holdings: Holdings) -> list[Mapping[str, ast.expr]] | None:
    items = _items(iterable, holdings)
    if items is None or not 0 < len(items) <= MOST:
        return None
    bound = [_bound(target, item) for item in items]
    return [each for each in bound if each is not None] if None not in bound else None


def _bound(target: ast.expr, item: Item) -> dict[str, ast.expr] | None:
    if isinstance(target, ast.Name) and isinstance(item, ast.expr):
        return {target.id: item}
    parts = item.elts if isinstance(item, ast.Tuple | ast.List) else item
    if not isinstance(target, ast.Tuple) or not isinstance(parts, Sequence) or len(parts) != len(target.elts):
        return None
    found: dict[str, ast.expr] = {}
    for each, part in zip(target.elts, parts, strict=True):
        inner = _bound(each, part)
        if inner is None:
            return None
        found |= inner
    return found


def _items(iterable: ast.expr, holdings: Holdings) -> list[Item] | None:
    """What a loop goes through, round by round; None where that is not known."""
    if isinstance(iterable, ast.Call):
        found = _of_call(iterable, holdings)
        if found is not None:
            return found
    members = holdings.members(iterable)
    if members is None:
        return None
    keyed = all(isinstance(key, str) for key in members)
    return [ast.Constant(key) for key in members] if keyed else list(members.values())


def _of_call(call: ast.Call, holdings: Holdings) -> list[Item] | None:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if isinstance(call.func, ast.Attribute) and name in ("items", "keys", "values") and not call.args:
        members = holdings.members(call.func.value) or {}
        views: dict[str, list[Item]] = {
            "items": [(ast.Constant(key), value) for key, value in members.items()],
            "keys": [ast.Constant(key) for key in members],
            "values": list(members.values()),
        }
        return views[name] or None
    inner = [_items(each, holdings) for each in call.args]
    if name == "range":
        return _range(call, holdings)
    if not inner or any(each is None for each in inner):
        return None
    known = [each for each in inner if each is not None]
    if name == "zip":
        return [tuple(parts) for parts in zip(*known, strict=False)]
    if name == "enumerate":
        return [(ast.Constant(place), item) for place, item in enumerate(known[0])]
    return known[0] if name in _WRAPPERS else None


def _range(call: ast.Call, holdings: Holdings) -> list[Item] | None:
    """The numbers of `range(len(params))`, or of a range between numbers."""
    bounds: list[int] = []
    for each in call.args:
        counted = isinstance(each, ast.Call) and getattr(each.func, "id", "") == "len" and len(each.args) == 1
        members = holdings.members(each.args[0]) if counted and isinstance(each, ast.Call) else None
        number = len(members) if members else getattr(each, "value", None)
        if type(number) is not int:
            return None
        bounds.append(number)
    numbers = range(*bounds) if 0 < len(bounds) <= 3 and 0 not in bounds[2:] else range(0)
    return [ast.Constant(number) for number in numbers[: MOST + 1]]
