"""Calls that hand parameters and their gradients to a function that moves the parameters, as one update each."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping

from gradcheck.documents.gradients.calls import bound_arguments
from gradcheck.documents.gradients.flow import base, reads
from gradcheck.documents.gradients.members import Holdings, Key, Members, Reference, called
from gradcheck.documents.gradients.names import is_gradient, is_rate, partial_of
from gradcheck.documents.gradients.substitution import substituted
from gradcheck.documents.gradients.unrolling import at_place, stored
from gradcheck.documents.gradients.updates import Update, dotted, gradient_name, updates_in

UPDATING = re.compile(
    r".*(?:update|step|sgd|descent|descend|optimi[sz]|apply_grad|adam|adagrad|rmsprop|momentum).*", re.IGNORECASE
)
"""What a function is called that moves the parameters handed to it."""

RATE = 0.1
"""The learning rate of an update that is written out: any, since it only scales the step."""

WriteOut = Callable[[list[ast.stmt], Holdings], list[ast.stmt]]


def moves_handed(statement: ast.stmt, holdings: Holdings, write_out: WriteOut) -> list[ast.stmt] | None:
    """The updates that a call makes of its arguments; None for a statement that is no such call.

    They are those that the function makes, its loops written out by `write_out`, or else, where its name says so,
    one of each parameter by its gradient.
    """
    call = getattr(statement, "value", None)
    if not isinstance(statement, ast.Expr | ast.Assign) or not isinstance(call, ast.Call):
        return None
    function = called(holdings.source, call)
    updates = [*_own(function, call, holdings, write_out)] if function and _moves(function) else []
    moves = [(each.parameter, each.expression, each.sign) for each in updates]
    if not moves and UPDATING.fullmatch(dotted(call.func)):
        moves = [(*pair, 1) for pair in _pairs(call, function, holdings)]
    holdings.followed |= {function.name} if function and moves else set()
    return [at_place(_update(*move), statement) for move in moves] or None


def _update(parameter: ast.expr, gradient: ast.expr, sign: int) -> ast.stmt:
    step = ast.BinOp(ast.Constant(RATE), ast.Mult(), gradient)
    moved = ast.BinOp(parameter, ast.Sub() if sign > 0 else ast.Add(), step)
    return ast.Assign([stored(parameter)], moved)


def _moves(function: ast.FunctionDef) -> bool:
    """Whether a function may move something, so that it is worth writing it out."""
    comprehensions = (ast.ListComp, ast.GeneratorExp, ast.DictComp)
    return bool(updates_in(function)) or any(isinstance(each, comprehensions) for each in ast.walk(function))


def _own(function: ast.FunctionDef, call: ast.Call, holdings: Holdings, write_out: WriteOut) -> Iterator[Update]:
    """The updates within a function of what was handed to it by what was handed to it, in the words of the call."""
    method = isinstance(call.func, ast.Attribute)
    bound = bound_arguments(function, call, method=method)
    if bound is None:
        return
    bound = {name: value for name, value in bound.items() if not is_rate(name)}
    if method and isinstance(call.func, ast.Attribute) and function.args.args:
        bound[function.args.args[0].arg] = call.func.value
    body = write_out([substituted(each, _aliases(function, bound)) for each in function.body], holdings)
    handed = {base(each) for value in bound.values() for each in _references(value)} - {""}
    within = [each for each in ast.walk(ast.Module(body, [])) if isinstance(each, ast.Name)]
    local = {each.id for each in within if isinstance(each.ctx, ast.Store)} - handed
    for update in updates_in(ast.Module(body, [])):
        known = base(update.parameter) in handed and not reads(update.expression) & local
        if known and not _is_changed(update, body):
            yield update


def _references(value: ast.expr) -> Iterator[ast.expr]:
    yield from (each for each in ast.walk(value) if isinstance(each, Reference))


def _aliases(function: ast.FunctionDef, bound: Mapping[str, ast.expr]) -> dict[str, ast.expr]:
    """The arguments, and the names that stand for a part of one: `W = parameters["W"]`."""
    found = dict(bound)
    for statement in function.body:
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            continue
        target, value = statement.targets[0], statement.value
        pairs = (
            zip(target.elts, value.elts, strict=False)
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
            else [(target, value)]
        )
        for name, part in pairs:
            whole = _uncopied(part)
            if isinstance(name, ast.Name) and isinstance(whole, Reference) and base(whole) in found:
                found.setdefault(name.id, substituted(whole, found))
    return found


def _uncopied(value: ast.expr) -> ast.expr:
    """What `copy.deepcopy(value)` or `value.copy()` copies; any other value as it is."""
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute | ast.Name):
        return value
    name = value.func.attr if isinstance(value.func, ast.Attribute) else value.func.id
    if name not in ("copy", "deepcopy", "clone"):
        return value
    return value.args[0] if value.args else getattr(value.func, "value", value)


def _is_changed(update: Update, body: list[ast.stmt]) -> bool:
    """Whether a gradient is changed on its way through the function, so that it is another one than was handed over."""
    read = {ast.unparse(each) for each in _references(update.expression)}
    targets = [
        target
        for statement in body
        for each in ast.walk(statement)
        if isinstance(each, ast.Assign | ast.AugAssign) and each is not update.statement
        for target in (each.targets if isinstance(each, ast.Assign) else [each.target])
    ]
    return any(ast.unparse(target) in read for target in targets if not _is_alias(target, body))


def _is_alias(target: ast.expr, body: list[ast.stmt]) -> bool:
    """Whether a target is only given its own value, as `W = parameters["W"]` becomes once written out."""
    text = ast.unparse(target)
    own = [each for each in body if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == text]
    return bool(own) and all(ast.unparse(each.value).strip("()") == text for each in own)


def _pairs(call: ast.Call, function: ast.FunctionDef | None, holdings: Holdings) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Each parameter that a call hands over with its gradient: by their names, or as members of two collections."""
    arguments = _named_arguments(call, function)
    gradients = [each for each in arguments if _is_gradient(*each, holdings)]
    for name, gradient in gradients:
        members = holdings.members(gradient)
        for other, parameter in arguments:
            if (other, parameter) in gradients or not isinstance(parameter, Reference | ast.List | ast.Tuple):
                continue
            parameters = holdings.members(parameter)
            if members and parameters:
                yield from _by_key(parameters, members)
            elif isinstance(parameter, Reference) and other and partial_of(name).lower() == other.lower():
                yield parameter, gradient


def _is_gradient(name: str, value: ast.expr, holdings: Holdings) -> bool:
    """Whether an argument is called a gradient, or holds nothing but gradients."""
    members = holdings.members(value) if isinstance(value, ast.List | ast.Tuple) else None
    return (
        is_gradient(name) or bool(gradient_name(value)) or bool(members and all(map(gradient_name, members.values())))
    )


def _named_arguments(call: ast.Call, function: ast.FunctionDef | None) -> list[tuple[str, ast.expr]]:
    """The arguments by the names that the function gives them, or else by the call's own."""
    bound = bound_arguments(function, call, method=isinstance(call.func, ast.Attribute)) if function else None
    if bound is not None:
        return list(bound.items())
    values = [*call.args, *(each.value for each in call.keywords)]
    return [(dotted(each), each) for each in values]


def _by_key(parameters: Members, gradients: Members) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The members of two collections of equal size that belong together."""
    if len(parameters) != len(gradients):
        return
    for key, gradient in gradients.items():
        own: list[Key] = [each for each in parameters if each == key or ((by := partial_of(str(key))) and each == by)]
        if len(own) == 1:
            yield parameters[own[0]], gradient
