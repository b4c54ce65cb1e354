"""What a list, tuple or dictionary of parameters or gradients holds: each member, as an expression of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gradcheck.documents.gradients.functions import resolved
from gradcheck.documents.gradients.source import Source

Key = int | str
Members = Mapping[Key, ast.expr]
Reference = ast.Name | ast.Attribute | ast.Subscript

_PASSED_THROUGH = {"list", "tuple", "dict", "copy", "deepcopy", "reversed", "sorted"}
"""Calls that hold what their argument holds."""


@dataclass
class Holdings:
    """The values that names and attributes were given, by their text, and the keys under which something was put there.

    `followed` takes the names of the functions whose updates were written out where they are called.

    >>> holdings = holdings_in(Source(ast.parse("params = {'W': 1}\\nparams['b'] = 2"), (), ()))
    >>> [ast.unparse(each) for each in holdings.members(ast.parse("params", mode="eval").body).values()]
    ["params['W']", "params['b']"]
    """

    source: Source
    values: dict[str, list[ast.expr]] = field(default_factory=dict)
    keys: dict[str, list[Key]] = field(default_factory=dict)
    followed: set[str] = field(default_factory=set)

    def members(self, holder: ast.expr) -> Members | None:
        """Each member of a list, tuple or dictionary by its key; None where they are not known."""
        if isinstance(holder, ast.List | ast.Tuple | ast.Dict):
            return members_written(holder)
        if isinstance(holder, ast.Call) and _name(holder.func) in _PASSED_THROUGH and len(holder.args) == 1:
            return self.members(holder.args[0])
        if isinstance(holder, ast.Call):
            return _subscripts(holder, self._returned(holder))
        if not isinstance(holder, Reference):
            return None
        value = self._value(holder)
        written = members_written(value) if value is not None else None
        if (
            written
            and isinstance(value, ast.List | ast.Tuple)
            and all(isinstance(e, Reference) for e in written.values())
        ):
            return written if not self.keys.get(_place(holder)) else _subscripts(holder, list(written))
        returned = self._returned(value) if isinstance(value, ast.Call) else []
        known = [*(written or ()), *returned, *self.keys.get(_place(holder), ())]
        return _subscripts(holder, list(dict.fromkeys(known)))

    def _value(self, holder: ast.expr) -> ast.expr | None:
        """What a holder was last given above its place, or else anywhere."""
        found = self.values.get(_place(holder), [])
        above = [each for each in found if each.lineno <= getattr(holder, "lineno", each.lineno)]
        return (above or found)[-1] if found else None

    def _returned(self, call: ast.Call) -> list[Key]:
        """The keys of what one of the document's functions or methods returns, or of `dict(W=...)`."""
        if _name(call.func) == "dict" and not call.args:
            return [each.arg for each in call.keywords if each.arg]
        function = called(self.source, call)
        if function is None:
            return []
        returns = [each.value for each in ast.walk(function) if isinstance(each, ast.Return) and each.value]
        value = resolved(returns[-1], function) if returns else None
        written = members_written(value) if value is not None else None
        if written is not None and written:
            return list(written)
        inner = Holdings(self.source)
        inner.learn(function.body)
        return list(inner.members(returns[-1]) or ()) if returns and isinstance(returns[-1], Reference) else []

    def learn(self, body: list[ast.stmt]) -> None:
        """Takes in what a body of statements binds and puts under keys; inner functions are their own."""
        for statement in body:
            for target, value in _bindings(statement):
                if isinstance(target, ast.Subscript) and (key := _key(target.slice)) is not None:
                    self.keys.setdefault(_place(target.value), []).append(key)
                elif isinstance(target, ast.Name | ast.Attribute) and not _is_made_of(target, value):
                    self.values.setdefault(_place(target), []).append(value)
            if not isinstance(statement, ast.FunctionDef | ast.ClassDef):
                for name in ("body", "orelse", "finalbody"):
                    self.learn(getattr(statement, name, []))
            for node in ast.walk(statement) if not isinstance(statement, ast.FunctionDef | ast.ClassDef) else ():
                if isinstance(node, ast.Subscript) and isinstance(key := _key(node.slice), int):
                    self.keys.setdefault(_place(node.value), []).append(key)


def holdings_in(source: Source, *bodies: list[ast.stmt]) -> Holdings:
    """What the module, the constructors of its classes, and further bodies of statements bind."""
    found = Holdings(source)
    found.learn(source.tree.body)
    for owner in source.classes:
        for method in owner.body:
            if isinstance(method, ast.FunctionDef):
                found.learn(method.body)
    for body in bodies:
        found.learn(body)
    return found


def called(source: Source, call: ast.Call) -> ast.FunctionDef | None:
    """The document's own function, or the only method of that name, that a call calls."""
    if isinstance(call.func, ast.Name):
        return next((each for each in source.functions if each.name == _name(call.func)), None)
    name = _name(call.func)
    found = [each for owner in source.classes for each in owner.body if getattr(each, "name", "") == name]
    return found[0] if len(found) == 1 and isinstance(found[0], ast.FunctionDef) else None


def members_written(value: ast.expr) -> Members | None:
    """The members of a list, tuple or dictionary that is written out; None for any other value."""
    if isinstance(value, ast.List | ast.Tuple):
        return None if any(isinstance(each, ast.Starred) for each in value.elts) else dict(enumerate(value.elts))
    if isinstance(value, ast.Dict):
        keys = [None if each is None else _key(each) for each in value.keys]
        return {key: each for key, each in zip(keys, value.values, strict=True) if key is not None}
    return None


def _subscripts(holder: ast.expr, keys: list[Key]) -> Members | None:
    """`holder[key]` for each key; keys of one kind only tell what it is."""
    kinds = {type(key) for key in keys}
    if len(kinds) != 1:
        return None
    return {key: ast.Subscript(holder, ast.Constant(key), ast.Load()) for key in keys}


def _bindings(statement: ast.stmt) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            if isinstance(target, ast.Tuple) and isinstance(statement.value, ast.Tuple):
                yield from zip(target.elts, statement.value.elts, strict=False)
            else:
                yield target, statement.value
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        yield statement.target, statement.value


def _is_made_of(target: ast.expr, value: ast.expr) -> bool:
    """Whether a value is the old one changed, as by an update: what it holds is what it held."""
    return any(isinstance(each, Reference) and _place(each) == _place(target) for each in ast.walk(value))


def _place(holder: ast.expr) -> str:
    """The text of a name; of an attribute only its last part, whatever object it is of."""
    return f".{holder.attr}" if isinstance(holder, ast.Attribute) else ast.unparse(holder)


def _key(node: ast.expr) -> Key | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, int | str) else None


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
