"""Functions that are said to return a derivative, and the function beside them that it should be the derivative of."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from gradcheck.documents.gradients.names import is_gradient, is_loss, partial_of
from gradcheck.documents.gradients.source import Source
from gradcheck.documents.gradients.synthetic import role_of
from gradcheck.documents.gradients.updates import dotted, updates_in

_OF = (
    re.compile(r"(?P<f>\w+?)_?(?:prime|derivative|deriv|der|gradient|grad)s?"),
    re.compile(r"(?P<f>\w+?)_output_to_derivative"),
    re.compile(
        r"(?:compute|calc|calculate|get|eval)?_?(?:d|d_|grad_|gradient_|gradients_|derivative_|deriv_|der_|nabla_)"
        r"(?:of_)?(?P<f>\w+)"
    ),
)
"""How the name of a derivative is made of its function's."""

GENERAL = re.compile(
    r"(?:compute|calc|calculate|get|eval|analytic|analytical|exact|true)?_?(?:gradients?|grads?|derivatives?|梯度)"
    r"(?:_?(?:function|func|fn|f|loss|cost|J|vector))?",
    re.IGNORECASE,
)
"""A derivative that does not say of what."""

PLAIN = re.compile(r"f|func|function|fn|fun|objective|objective_function|J|y|loss|cost", re.IGNORECASE)
"""What such a derivative may be of."""

KNOWN = {
    "sigmoid": "1 / (1 + np.exp(-{x}))",
    "tanh": "np.tanh({x})",
    "relu": "np.maximum({x}, 0)",
}
"""Functions that a listing may leave out, since everyone knows them."""


@dataclass(frozen=True)
class Function:
    """A function or method of a document: how it is called, and its arguments without a default."""

    node: ast.FunctionDef | ast.Lambda
    statement: ast.stmt
    name: str
    call: str
    arguments: tuple[str, ...]
    owner: str = ""


@dataclass(frozen=True)
class Derivative:
    """A function that is said to return the derivative of others by one of its arguments.

    `gradient` and `losses` are expressions in the arguments of `function`; `outputs` is the reading in which the
    argument is the function's output, or None.
    """

    function: Function
    parameter: str
    gradient: str
    losses: tuple[tuple[str, str], ...]
    outputs: str | None = None


def functions_in(source: Source) -> list[Function]:
    """The functions of the module, its methods that need no state, and lambdas with a name."""
    found = [_function(each, each, each.name, each.name) for each in source.functions]
    for statement in source.tree.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Lambda):
            names = [each.id for each in statement.targets if isinstance(each, ast.Name)]
            found += [_function(statement.value, statement, name, name) for name in names]
    for owner in source.classes:
        methods = [each for each in owner.body if isinstance(each, ast.FunctionDef) and not _uses_state(each)]
        found += [_method(each, owner) for each in methods]
    return found


def _function(node: ast.FunctionDef | ast.Lambda, statement: ast.stmt, name: str, call: str) -> Function:
    arguments = [*node.args.posonlyargs, *node.args.args]
    required = arguments[: len(arguments) - len(node.args.defaults)]
    return Function(node, statement, name, call, tuple(each.arg for each in required))


def _method(node: ast.FunctionDef, owner: ast.ClassDef) -> Function:
    static = any(dotted(each) == "staticmethod" for each in node.decorator_list)
    plain = _function(node, owner, node.name, f"{owner.name}.__new__({owner.name}).{node.name}")
    arguments = plain.arguments if static else plain.arguments[1:]
    return Function(node, owner, node.name, plain.call, arguments, owner.name)


def _uses_state(node: ast.FunctionDef) -> bool:
    own = [each for each in ast.walk(node) if isinstance(each, ast.Attribute) and dotted(each.value) == "self"]
    called = {id(each.func) for each in ast.walk(node) if isinstance(each, ast.Call)}
    return any(id(each) not in called for each in own)


def derivatives_in(source: Source) -> Iterator[Derivative]:
    """Every function of the document that is said to return a derivative of another one, or of the loss it returns."""
    functions = functions_in(source)
    for function in functions:
        if not function.arguments or _takes_function(function) or updates_in(function.node):
            continue
        yield from _with_own_loss(function)
        beside = [each for each in functions if each is not function and each.owner == function.owner]
        yield from _beside(function, beside)


def _takes_function(function: Function) -> bool:
    """Whether an argument is called, or the function returns a function."""
    node = function.node
    called = {e.func.id for e in ast.walk(node) if isinstance(e, ast.Call) and isinstance(e.func, ast.Name)}
    inner = any(isinstance(each, ast.FunctionDef | ast.Lambda) for each in ast.walk(node) if each is not node)
    return bool(called & set(function.arguments)) or inner


def _with_own_loss(function: Function) -> Iterator[Derivative]:
    """A function that returns a loss and its gradients."""
    parts = returned(function.node)
    loss = next((key for key, name in parts if key and is_loss(name) and not is_gradient(name)), None)
    if loss is None:
        return
    call = f"{function.call}({', '.join(function.arguments)})"
    for key, name in parts:
        parameter = _parameter(name, function) if is_gradient(name) else ""
        if parameter:
            yield Derivative(function, parameter, call + key, ((dict(parts)[loss], call + loss),))


def _beside(function: Function, functions: list[Function]) -> Iterator[Derivative]:
    companions = _companions(function, functions)
    call = f"{function.call}({', '.join(function.arguments)})"
    losses = tuple((each.name, f"{each.call}({', '.join(each.arguments)})") for each in companions)
    if not losses:
        yield from _of_known(function, call)
    elif len(function.arguments) == 1:
        argument = function.arguments[0]
        outputs = f"{function.call}({companions[0].call}({argument}))" if not is_loss(companions[0].name) else None
        renamed = tuple((each.name, f"{each.call}({argument})") for each in companions)
        yield Derivative(function, argument, call, renamed, outputs)
    else:
        for key, name in _parts_by_argument(function):
            parameter = _parameter(name, function) if not name or is_gradient(name) else ""
            if parameter:
                yield Derivative(function, parameter, call + key, losses)


def _parts_by_argument(function: Function) -> list[tuple[str, str]]:
    """What a function of several arguments returns; parts without names are in the order of the arguments."""
    parts = [(key, name) for key, name in returned(function.node) if key] or [("", "")]
    unnamed = len(parts) == len(function.arguments) and not any(partial_of(name) for _, name in parts)
    if len(parts) > 1 and unnamed:
        return [(key, f"grad_{name}") for (key, _), name in zip(parts, function.arguments, strict=True)]
    return parts


def _of_known(function: Function, call: str) -> Iterator[Derivative]:
    name = next((each for each in _names_of(function.name) if each.lower() in KNOWN), None)
    if name and len(function.arguments) == 1:
        argument = function.arguments[0]
        formula = KNOWN[name.lower()].format(x=argument)
        yield Derivative(function, argument, call, ((name, formula),), f"{function.call}({formula})")


def _names_of(name: str) -> list[str]:
    found = [pattern.fullmatch(name.strip("_")) for pattern in _OF]
    return [each["f"].strip("_") for each in found if each]


def _companions(function: Function, functions: list[Function]) -> list[Function]:
    """The functions that a derivative may be of: the one that its name speaks of, or else the losses beside it."""
    names = {each.lower() for each in _names_of(function.name)}
    usable = [each for each in functions if each.arguments and not _takes_function(each) and _fits(each, function)]
    named = [each for each in usable if each.name.strip("_").lower() in names]
    if named:
        return [_nearest(named, function)]
    if not GENERAL.fullmatch(function.name.strip("_")):
        return []
    losses = [each for each in usable if is_loss(each.name) or PLAIN.fullmatch(each.name)]
    return losses if len({each.name for each in losses}) > 1 else [_nearest(losses, function)] if losses else []


def _nearest(found: list[Function], to: Function) -> Function:
    before = [each for each in found if each.statement.lineno <= to.statement.lineno]
    return before[-1] if before else found[0]


def _fits(each: Function, function: Function) -> bool:
    one = len(each.arguments) == len(function.arguments) == 1
    return one or set(each.arguments) <= set(function.arguments)


def _parameter(gradient: str, function: Function) -> str:
    """The argument that a gradient is by: the one it names, or else the only one that is no data."""
    by = partial_of(gradient).lower()
    arguments = function.arguments
    if by:
        return next((each for each in arguments if each.lower() == by), "")
    weights = [each for each in arguments if role_of(each) in ("W", "W1", "W2", "b", "b1", "b2")]
    return weights[0] if len(weights) == 1 else arguments[0] if len(arguments) == 1 else ""


def returned(node: ast.FunctionDef | ast.Lambda) -> list[tuple[str, str]]:
    """How each part of what a function returns is reached, and its name: `[0]` and `loss`, or `["dW"]` and `dW`.

    >>> returned(ast.parse("def f(): return loss, dW").body[0])
    [('[0]', 'loss'), ('[1]', 'dW')]
    """
    if isinstance(node, ast.Lambda):
        return []
    returns = [each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value is not None]
    if not returns:
        return []
    value = resolved(returns[-1], node)
    if isinstance(value, ast.Tuple | ast.List):
        return [(f"[{place}]", dotted(each)) for place, each in enumerate(value.elts)]
    if isinstance(value, ast.Dict):
        keys = [each.value for each in value.keys if isinstance(each, ast.Constant)]
        return [(f"[{key!r}]", str(key)) for key in keys]
    return [("", dotted(value))]


def resolved(value: ast.expr, node: ast.FunctionDef) -> ast.expr:
    """A returned variable's value, where that is written out as a tuple or dictionary."""
    if isinstance(value, ast.Name):
        for statement in reversed(node.body):
            if isinstance(statement, ast.Assign) and dotted(statement.targets[0]) == value.id:
                return statement.value if isinstance(statement.value, ast.Tuple | ast.Dict) else value
    return value
