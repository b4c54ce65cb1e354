"""Whether text is values as Python prints them."""

from __future__ import annotations

import ast
import re

from gradcheck.documents.repair.python import tree

_IDEOGRAPH = re.compile("[\u2e80-\u2fff\u3040-\u9fff\uac00-\ud7af]")
_DATA_CALLS = frozenset({"tensor", "array", "Parameter", "Size", "OrderedDict", "dict", "range"})
_DATA_LINE = re.compile(
    r"^[\s\[\](){},.:;eEjJ+\-*\d'\"]*$|^\s*(tensor|array|Tensor|torch\.Size|Parameter containing)\b"
)
_LABELLED = re.compile(r"^[^=(){}\[\]#]{1,40}[:=]\s*(-?\d|tensor\(|array\(|\[)")


def is_printed_data(text: str) -> bool:
    """Whether text is values as they are printed, and no code.

    >>> [is_printed_data(text) for text in ("tensor([1., 2.])", "loss: 0.25", "x.grad", "x = 1", "[[1 2]\\n [3 4]]")]
    [True, True, False, False, True]
    """
    module = tree(text)
    if module is not None:
        return bool(module.body) and all(_is_data(statement) for statement in module.body)
    lines = [line for line in text.split("\n") if line.strip()]
    return all(_DATA_LINE.match(line) or _LABELLED.match(line) for line in lines)


def _is_data(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.AnnAssign):
        return statement.value is None and _is_literal(statement.annotation)
    if isinstance(statement, ast.Assign):
        words = [target.id for target in statement.targets if isinstance(target, ast.Name)]
        return all(map(_IDEOGRAPH.search, words)) and bool(words) and _is_literal(statement.value)
    return isinstance(statement, ast.Expr) and _is_literal(statement.value)


def _is_literal(node: ast.expr) -> bool:
    match node:
        case ast.Constant():
            return True
        case ast.UnaryOp(operand=ast.Constant()):
            return True
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return all(map(_is_literal, items))
        case ast.Dict(keys=keys, values=values):
            return all(key is not None and _is_literal(key) for key in keys) and all(map(_is_literal, values))
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=arguments):
            return name in _DATA_CALLS and all(map(_is_literal, arguments))
    return False
