"""Names a mistake by undoing it: the gradient's code with one change, which is the mistake where it makes it right."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gradcheck.documents.gradients.flow import targets, writes
from gradcheck.documents.gradients.steps import Step
from gradcheck.documents.gradients.updates import dotted, updates_in

DERIVATIVES: Mapping[str, str] = {
    "sigmoid": "{h} * (1 - {h})",
    "logistic": "{h} * (1 - {h})",
    "expit": "{h} * (1 - {h})",
    "tanh": "1 - {h} ** 2",
    "relu": "({h} > 0)",
    "maximum": "({h} > 0)",
    "clamp": "({h} > 0)",
}
"""The derivative of an activation in terms of its output."""

MOST = 120
"""No more changes than this are tried."""


@dataclass(frozen=True)
class Repair:
    """One change: the kind of mistake that it undoes, that mistake in words, what to do, and the changed statements."""

    kind: str
    text: str
    remedy: str
    body: Sequence[ast.stmt]


def repairs_of(step: Step, body: Sequence[ast.stmt]) -> list[Repair]:
    """The changes to try on the statements of a gradient, the last of which returns it."""
    found = [*_without_updates(step, body), *_with_derivatives(step, body)]
    return found[:MOST]


def _without_updates(step: Step, body: Sequence[ast.stmt]) -> Iterator[Repair]:
    moved = {id(each.statement): each for each in updates_in(ast.Module(list(step.body), []))}
    early = [each for each in body if id(each) in moved]
    if early:
        names = ", ".join(f"`{ast.unparse(moved[id(each)].parameter)}`" for each in early)
        yield Repair(
            "stale",
            f"{names} is updated before this gradient is taken, which therefore belongs to other values than the loss",
            "Take every gradient before the first update.",
            [each for each in body if id(each) not in moved],
        )


def _with_derivatives(step: Step, body: Sequence[ast.stmt]) -> Iterator[Repair]:
    """The gradient with the derivative of one activation multiplied into one of its terms."""
    for name, derivative in _activations(step.before).items():
        for place, statement in enumerate(body):
            if name in writes(statement) or not isinstance(statement, ast.Assign | ast.Return):
                continue
            for number, term in enumerate(_terms(statement)):
                text = f"an activation's derivative is missing: `{ast.unparse(term)}` lacks the factor `{derivative}`"
                changed = [*body[:place], _multiplied(statement, number, derivative), *body[place + 1 :]]
                yield Repair("missing_derivative", text, f"Multiply by `{derivative}`.", changed)


def _activations(statements: Sequence[ast.stmt]) -> dict[str, str]:
    """The variables that hold an activation's output, and its derivative in terms of them."""
    found = {}
    for statement in statements:
        value, names = getattr(statement, "value", None), [ast.unparse(each) for each in targets(statement)]
        if isinstance(statement, ast.Assign) and len(names) == 1 and isinstance(value, ast.expr):
            kind = _kind(value)
            if kind:
                found[names[0]] = DERIVATIVES[kind].format(h=names[0])
    return found


def _kind(value: ast.expr) -> str:
    if isinstance(value, ast.Call):
        last = dotted(value.func).rsplit(".", 1)[-1].strip("_").lower()
        return next((kind for kind in DERIVATIVES if kind in last), "")
    return "sigmoid" if ast.unparse(value).startswith(("1 / (1 + np.exp(-", "1.0 / (1.0 + np.exp(-")) else ""


def _terms(statement: ast.stmt) -> list[ast.expr]:
    """The products and differences in a statement that an inner derivative may be missing from."""
    return [each for each in ast.walk(statement) if isinstance(each, ast.expr) and _is_term(each)]


def _is_term(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.MatMult | ast.Sub | ast.Mult)
    return isinstance(node, ast.Call) and dotted(node.func).rsplit(".", 1)[-1] in (
        "dot",
        "matmul",
        "mm",
        "copy",
        "clone",
    )


def _multiplied(statement: ast.stmt, number: int, derivative: str) -> ast.stmt:
    changed = copy.deepcopy(statement)
    term = _terms(changed)[number]
    factor = ast.parse(derivative, mode="eval").body

    class Multiply(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return ast.BinOp(term, ast.Mult(), factor) if node is term else self.generic_visit(node)

    result = Multiply().visit(changed)
    assert isinstance(result, ast.stmt)
    return result
