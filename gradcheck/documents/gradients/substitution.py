"""Statements with names put in place of others, and what is then known worked out."""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping
from typing import TypeVar, cast

Node = TypeVar("Node", bound=ast.AST)


def substituted(node: Node, by: Mapping[str, ast.expr]) -> Node:
    """A copy of a node at its place, with expressions put in for names; keys that are then known are worked out.

    >>> by = {"p": ast.Name("W"), "k": ast.Constant("W")}
    >>> ast.unparse(substituted(ast.parse("p -= lr * grads['d' + k]"), by))
    "W -= lr * grads['dW']"
    """
    return ast.fix_missing_locations(cast(Node, _Substitution(by).visit(copy.deepcopy(node))))


class _Substitution(ast.NodeTransformer):
    def __init__(self, by: Mapping[str, ast.expr]) -> None:
        self.by = by

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in self.by:
            return node
        found = copy.deepcopy(self.by[node.id])
        for each in ast.walk(found):
            if isinstance(each, ast.expr):
                ast.copy_location(each, node)
        if isinstance(found, ast.Name | ast.Attribute | ast.Subscript | ast.Tuple | ast.List):
            found.ctx = node.ctx
        return found

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        left, right = getattr(node.left, "value", None), getattr(node.right, "value", None)
        if isinstance(node.op, ast.Add) and isinstance(left, str) and isinstance(right, str):
            return ast.copy_location(ast.Constant(left + right), node)
        if isinstance(node.op, ast.Add) and type(left) is int and type(right) is int:
            return ast.copy_location(ast.Constant(left + right), node)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "str" and len(node.args) == 1:
            value = getattr(node.args[0], "value", None)
            if isinstance(value, int | str):
                return ast.copy_location(ast.Constant(str(value)), node)
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        self.generic_visit(node)
        parts = [each.value if isinstance(each, ast.FormattedValue) else each for each in node.values]
        if all(isinstance(each, ast.Constant) for each in parts):
            text = "".join(str(each.value) for each in parts if isinstance(each, ast.Constant))
            return ast.copy_location(ast.Constant(text), node)
        return node
