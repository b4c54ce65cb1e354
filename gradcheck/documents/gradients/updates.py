"""Finds update rules, such as `theta = theta - alpha * gradient`: each names a parameter and its gradient."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from gradcheck.documents.gradients.flow import base, binds, writes
from gradcheck.documents.gradients.names import OPTIMISER_STATE, is_gradient, is_rate, partial_of
from gradcheck.documents.gradients.source import statements_within

TINY_RATE = 0.5
"""A bare number below this in front of a gradient is a learning rate; 0.5 and above may belong to the gradient."""
COPIES = frozenset(("copy", "clone", "zeros", "zeros_like", "empty", "array", "tensor", "ones", "ones_like"))
"""Calls whose value is only the beginning of a gradient."""


@dataclass(frozen=True)
class Update:
    """One update of `parameter` in `statement`: it moves by a rate times `sign * expression`, downhill.

    `rated` tells whether a learning rate was recognised: without one the scale of the expression is unknown.
    """

    statement: ast.stmt
    parameter: ast.expr
    expression: ast.expr
    sign: int
    rated: bool


@dataclass(frozen=True)
class _Product:
    """A product taken apart: `rest` without its learning rate."""

    sign: int
    rest: ast.expr | None
    rated: bool


def updates_in(root: ast.AST) -> list[Update]:
    """The update rules below a node, in order; those of inner functions are their own.

    >>> (found,) = updates_in(ast.parse("w -= 0.1 * X.T @ (X @ w - y)"))
    >>> ast.unparse(found.parameter), ast.unparse(found.expression), found.sign
    ('w', 'X.T @ (X @ w - y)', 1)
    """
    return [found for statement in statements_within(root) for found in _updates(statement)]


def intermediate_updates(root: ast.AST) -> Iterator[Update]:
    """Gradients by values that are computed, as if those values were moved: `dh = dy @ W.T` is one by h.

    >>> (found,) = intermediate_updates(ast.parse("h = X @ W\\nJ = (h ** 2).sum()\\ngrad_h = 2 * h"))
    >>> ast.unparse(found.parameter), ast.unparse(found.expression)
    ('h', '2 * h')
    """
    statements = list(statements_within(root))
    computed = {name for each in statements for name in binds(each)}
    moved = {base(each.parameter) for each in updates_in(root)}
    simple = [each for each in statements if isinstance(each, ast.Assign | ast.AugAssign | ast.Expr)]
    changed = {name for each in simple for name in writes(each) - binds(each)}
    for each in statements:
        if not isinstance(each, ast.Assign) or len(each.targets) != 1 or not isinstance(each.targets[0], ast.Name):
            continue
        name, made = each.targets[0].id, each.value
        by = partial_of(name)
        copied = isinstance(made, ast.Name) or (isinstance(made, ast.Call) and _last(made.func) in COPIES)
        if by in computed - moved and name not in changed and not copied:
            yield Update(each, ast.Name(by, ast.Load()), made, 1, rated=True)


def _last(function: ast.expr) -> str:
    return dotted(function).rsplit(".", 1)[-1]


def _updates(statement: ast.stmt) -> Iterator[Update]:
    for target, value, sign in _moves(statement):
        product = _without_rate(value)
        if product.rest is not None and _claims_gradient(product) and not gradient_name(target):
            yield Update(statement, _parameter(target), product.rest, sign * product.sign, product.rated)


def _moves(statement: ast.stmt) -> Iterator[tuple[ast.expr, ast.expr, int]]:
    """Each variable that is moved, by what, and 1 where that is subtracted."""
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Sub | ast.Add):
        yield statement.target, statement.value, 1 if isinstance(statement.op, ast.Sub) else -1
    elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        for target, value in _pairs(statement.targets[0], statement.value):
            if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub | ast.Add) and _same(target, value.left):
                yield target, value.right, 1 if isinstance(value.op, ast.Sub) else -1
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        call = statement.value
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("sub_", "add_") and len(call.args) == 1:
            yield call.func.value, call.args[0], 1 if call.func.attr == "sub_" else -1


def _pairs(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        return list(zip(target.elts, value.elts, strict=True))
    return [(target, value)]


def _same(target: ast.expr, value: ast.expr) -> bool:
    return isinstance(target, ast.Name | ast.Attribute | ast.Subscript) and ast.unparse(target) == ast.unparse(value)


def _parameter(target: ast.expr) -> ast.expr:
    """The parameter without `.data`."""
    return target.value if isinstance(target, ast.Attribute) and target.attr == "data" else target


def _claims_gradient(product: _Product) -> bool:
    """Whether what a variable moves by is said to be a gradient, and not a state of the optimiser."""
    rest = product.rest
    if rest is None or isinstance(rest, ast.Constant) or not (product.rated or _gradient_names(rest)):
        return False
    return not any(isinstance(each, ast.Attribute) and each.attr == "grad" for each in ast.walk(rest))


def _gradient_names(node: ast.expr) -> bool:
    return any(gradient_name(each) for each in ast.walk(node))


def _without_rate(value: ast.expr) -> _Product:
    """`lr * (1 / m) * g` is `1 / m * g`; a minus in front turns the sign."""
    sign, value = _unsigned(value)
    if not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Mult | ast.Div | ast.MatMult):
        return _Product(sign, value, rated=False)
    turned, first = _unsigned(value.left)
    multiplied = isinstance(value.op, ast.Mult)
    if is_rate(dotted(first)) or (multiplied and _is_rate_number(first, value.right)):
        return _Product(sign * turned, _without_left(value), rated=True)
    if multiplied and is_rate(dotted(value.right)):
        return _Product(sign, value.left, rated=True)
    return _without_inner_rate(sign, value)


def _without_inner_rate(sign: int, value: ast.BinOp) -> _Product:
    """The same for a product whose sides are products that may hold the rate."""
    left, right = _without_rate(value.left), _without_rate(value.right)
    if left.rated and left.rest is not None:
        return _Product(sign * left.sign, _product(left.rest, value.op, value.right), rated=True)
    if right.rated and right.rest is not None and isinstance(value.op, ast.Mult):
        return _Product(sign * right.sign, _product(value.left, value.op, right.rest), rated=True)
    return _Product(sign, value, rated=False)


def _product(left: ast.expr, op: ast.operator, right: ast.expr) -> ast.expr:
    return ast.fix_missing_locations(ast.BinOp(left, op, right))


def _without_left(value: ast.BinOp) -> ast.expr:
    """The product or quotient with a one in place of its left side."""
    if isinstance(value.op, ast.Div):
        return ast.fix_missing_locations(ast.BinOp(ast.Constant(1.0), ast.Div(), value.right))
    return value.right


def _unsigned(value: ast.expr) -> tuple[int, ast.expr]:
    if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub):
        sign, inner = _unsigned(value.operand)
        return -sign, inner
    return 1, value


def _is_rate_number(node: ast.expr, rest: ast.expr) -> bool:
    """Whether a bare number is a learning rate: a small one, or one up to 1 beside what is called a gradient."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, int | float):
        return False
    return 0 < node.value < TINY_RATE or (0 < node.value <= 1 and bool(gradient_name(rest)))


def gradient_name(node: ast.AST) -> str:
    """The name by which a value is called a gradient, such as `dW`, or `grad_W` for `grads["W"]`; empty for others.

    >>> gradient_name(ast.parse("grads['W']", mode="eval").body)
    'grad_W'
    """
    if not isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        return ""
    name = dotted(node)
    if isinstance(node, ast.Subscript) and not is_gradient(name) and is_gradient(dotted(node.value)):
        return (
            f"grad_{name}"
            if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)
            else dotted(node.value)
        )
    return name if is_gradient(name) else ""


def dotted(node: ast.AST) -> str:
    """`a.b` for an attribute, the key for `a["k"]`, the name for a name; empty for anything else.

    >>> dotted(ast.parse("grads['dW']", mode="eval").body), dotted(ast.parse("self.lr", mode="eval").body)
    ('dW', 'self.lr')
    """
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Subscript):
        return str(node.slice.value) if isinstance(node.slice, ast.Constant) else dotted(node.value)
    return ""


def scaled_by_state(node: ast.expr) -> bool:
    """Whether an expression is a step made of a gradient: divided by a root, or solved with a matrix."""
    calls = [each.func for each in ast.walk(node) if isinstance(each, ast.Call)]
    return any(OPTIMISER_STATE.fullmatch(dotted(call)) for call in calls)
