"""Writes the functions that a check calls: the loss and the gradient of one parameter, cut out of a document's code."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

VALUE, LEAD, READ, ARGUMENTS = "gc_value", "gc_lead", "gc_read", "gc_arguments"
TOTAL = "gc_total"
GRADIENT, LOSS, REPAIR = "gc_gradient", "gc_loss", "gc_repair"
"""The names of what a script defines; no document uses them."""


@dataclass(frozen=True)
class Script:
    """A program text with functions for the state before a step, the gradient and the losses of one parameter.

    `state` names the variables that the functions take; in a module they are global, and `arguments` of the lead are
    those of the enclosing function. `missing` are names that nothing binds; `given` says that the script knows the
    arguments itself; `together`, that one function gives all the losses. `repairs` counts changed
    gradients.
    """

    source: str
    parameter: str
    state: tuple[str, ...]
    arguments: tuple[str, ...]
    missing: tuple[str, ...]
    is_global: bool
    losses: int
    together: bool
    given: bool
    repairs: int = 0


def script_from(fields: Mapping[str, Any]) -> Script:
    """A script from the JSON of its fields."""
    plain: dict[str, Any] = {name: tuple(each) if isinstance(each, list) else each for name, each in fields.items()}
    return Script(**plain)


def function(name: str, arguments: Iterable[str], body: Sequence[ast.stmt], global_names: Iterable[str] = ()) -> str:
    """The text of a function; `global_names` are declared global in it.

    >>> print(function("f", ["x"], ast.parse("y = x").body, ["y"]))
    def f(x):
        global y
        y = x
    """
    declared = sorted(set(global_names) - set(arguments))
    statements = [*([ast.Global(declared)] if declared else []), *(copy.deepcopy(list(body)) or [ast.Pass()])]
    parameters = ast.arguments([], [ast.arg(each) for each in arguments], None, [], [], None, [])
    node = ast.FunctionDef(name, parameters, statements, [], None, None)
    return ast.unparse(ast.fix_missing_locations(node))


def returning(expression: ast.expr) -> ast.Return:
    return ast.Return(expression)


def assigned(target: str, value: str) -> ast.stmt:
    """`target = value` as a statement."""
    return ast.parse(f"{target} = {value}").body[0]


def names_as_dict(names: Iterable[str]) -> ast.Return:
    """`return {"x": x, ...}`."""
    ordered = sorted(names)
    return ast.Return(
        ast.Dict([ast.Constant(name) for name in ordered], [ast.Name(name, ast.Load()) for name in ordered])
    )
