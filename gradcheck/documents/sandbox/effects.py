"""Which names mislead once a piece of code has not run: those that it would have bound, changed or trained."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import CodeType, FunctionType

from gradcheck.documents.sandbox.names import changed_names, root_name

TRAINING = frozenset({"backward", "fit", "step", "train", "train_step", "update", "zero_grad"})
"""Methods that change gradients and parameters which the code around them does not name."""


def misleading_names(statements: Sequence[ast.stmt], namespace: Mapping[str, object]) -> tuple[str, ...]:
    """The names whose values are not what they would be if the statements had run.

    Calls of the document's own functions are taken to change their arguments, and calls that train, also within those
    functions, every tensor that has a gradient, and every module and optimizer.
    """
    names = changed_names(statements)
    called = tuple(_calls(statements))
    functions = {
        name: function for name in _called_names(called) if isinstance(function := namespace.get(name), FunctionType)
    }
    for call in called:
        if isinstance(call.func, ast.Name) and call.func.id in functions:
            names |= {name for argument in call.args for name in root_name(argument)}
    methods = {call.func.attr for call in called if isinstance(call.func, ast.Attribute)}
    methods |= {name for function in functions.values() for name in _names_within(function.__code__)}
    if methods & TRAINING:
        names |= {name for name, thing in namespace.items() if not name.startswith("_") and _is_trained(thing)}
    return tuple(sorted(names))


def _calls(statements: Iterable[ast.stmt]) -> Iterator[ast.Call]:
    return (node for statement in statements for node in ast.walk(statement) if isinstance(node, ast.Call))


def _called_names(calls: Iterable[ast.Call]) -> set[str]:
    return {call.func.id for call in calls if isinstance(call.func, ast.Name)}


def _names_within(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names_within(constant)


def _is_trained(thing: object) -> bool:
    torch = sys.modules.get("torch")
    if torch is None:
        return False
    try:
        if isinstance(thing, torch.Tensor):
            return bool(thing.requires_grad)
        return isinstance(thing, torch.nn.Module | torch.optim.Optimizer)
    except Exception:
        return False
