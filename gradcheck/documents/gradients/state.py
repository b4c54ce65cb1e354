"""What a method reads from its object although it never set it: the method that does is called first."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from gradcheck.documents.gradients.steps import Step


def preparation(step: Step, parts: Sequence[ast.AST]) -> list[ast.stmt]:
    """Calls of the methods that set what a step's gradient reads, such as `self.forward(x)` before a backward pass."""
    if step.owner is None or not isinstance(step.scope, ast.FunctionDef):
        return []
    nodes: list[ast.AST] = [*step.scope.body]
    if any(
        isinstance(each, ast.Call) and _own(each.func) in _setters(step) for node in parts for each in ast.walk(node)
    ):
        return []
    wanted = {_own(each) for node in (*nodes, *parts) for each in ast.walk(node) if _is_read(each)} - {""}
    wanted -= {
        _own(each)
        for node in nodes
        for each in ast.walk(node)
        if isinstance(each, ast.Attribute) and not _is_read(each)
    }
    for name, attributes in _setters(step).items():
        if attributes & wanted:
            method = next(each for each in step.owner.body if isinstance(each, ast.FunctionDef) and each.name == name)
            return [_call(method)]
    return []


def _setters(step: Step) -> dict[str, frozenset[str]]:
    """The methods that set attributes of the object, apart from the constructor and the step's own."""
    assert step.owner is not None
    methods = [each for each in step.owner.body if isinstance(each, ast.FunctionDef)]
    return {
        each.name: frozenset(
            _own(node) for node in ast.walk(each) if isinstance(node, ast.Attribute) and not _is_read(node)
        )
        for each in methods
        if each.name != "__init__" and each is not step.scope
    }


def _is_read(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)


def _own(node: ast.AST) -> str:
    """The attribute's name in `self.name`; empty for anything else."""
    own = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
    return node.attr if own and isinstance(node, ast.Attribute) else ""


def _call(method: ast.FunctionDef) -> ast.stmt:
    arguments = [each.arg for each in method.args.args[1 : len(method.args.args) - len(method.args.defaults)]]
    return ast.parse(f"self.{method.name}({', '.join(arguments)})").body[0]
