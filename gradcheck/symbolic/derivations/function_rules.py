"""The rules for functions: one for each elementary function, and the chain rule that puts them to use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from gradcheck.symbolic.derivations.rule import By, Match, Rule, Substep
from gradcheck.symbolic.derivations.rule_tables import CONSTANTS, DLMF, STEWART, TABLE, TITLES, TORCH, Row
from gradcheck.symbolic.functions import ELEMENTARY, Elementary
from gradcheck.symbolic.printing import latex
from gradcheck.symbolic.special_functions import SPECIAL
from gradcheck.symbolic.tracing.special import Special

INNER = sp.Symbol("u", real=True)
"""What stands for the inner function where a rule for the outer one is stated."""

SLOPES: dict[type, Callable[..., sp.Expr]] = {row.function: row.slope for row in TABLE}


def slope(function: type, *arguments: sp.Expr) -> sp.Expr | None:
    """The derivative by the first argument, or None where there is no rule for the function.

    >>> slope(sp.sin, sp.Symbol("u"))
    cos(u)
    """
    if issubclass(function, Elementary):
        return function.slope(*arguments)
    return SLOPES[function](*arguments) if function in SLOPES else None


def function_rule_id(function: type) -> str:
    """The id of the rule for a function."""
    return function.__name__


def _of_one_function(function: Any) -> Callable[[sp.Expr, By], Match | None]:
    def apply(f: sp.Expr, by: By) -> Match | None:
        if type(f) is not function or f.args[0] != by.entry or any(map(by.moves, f.args[1:])):
            return None
        return Match(slope(function, *f.args))

    return apply


def _chain(f: sp.Expr, by: By) -> Match | None:
    """An elementary function of something that moves."""
    if not isinstance(f, sp.Function) or not f.args or any(map(by.moves, f.args[1:])):
        return None
    found = slope(type(f), *f.args)
    if found is None:
        return None
    u = by.inner_letter()
    inner_slope = slope(type(f), u, *f.args[1:])
    outer = f.func(u, *f.args[1:])
    substep = Substep(function_rule_id(type(f)), outer, inner_slope, u, f.args[0])
    return Match(found * by.derivative(f.args[0]), (("f", outer), ("g", f.args[0])), (substep,))


def _chain_of_several(f: sp.Expr, by: By) -> Match | None:
    """A function of several arguments: the slope by each, times that argument's derivative."""
    if not isinstance(f, Special | sp.atan2):
        return None
    places = [place for place, argument in enumerate(f.args, start=1) if by.moves(argument)]
    after = sp.Add(*(f.fdiff(place) * by.derivative(f.args[place - 1]) for place in places))
    return Match(after, (("f", f), *((f"u_{place}", f.args[place - 1]) for place in places)))


def _polygamma(f: sp.Expr, by: By) -> Match | None:
    if not isinstance(f, sp.polygamma) or by.moves(f.args[0]):
        return None
    n, u = f.args
    return Match(sp.polygamma(n + 1, u) * by.derivative(u), (("n", n), ("g", u)))


def _first_sentence(function: Any) -> str:
    text = " ".join((function.__doc__ or "").split("\n\n")[0].split())
    return text if text.endswith(".") else f"{text}."


def _table_rule(row: Row) -> Rule:
    statement = rf"\frac{{d}}{{du}} {latex(row.function(INNER))} = {latex(row.slope(INNER))}"
    identifier = function_rule_id(row.function)
    return Rule(identifier, row.title, statement, row.prose, row.reference, _of_one_function(row.function))


def declared_rule(function: type[Elementary]) -> Rule:
    """The rule that a function of our own brings along: its slope, and what its docstring says."""
    arguments = (INNER, *sp.symbols("c d", positive=True)[: CONSTANTS.get(function, 0)])
    statement = rf"\frac{{d}}{{du}} {latex(function(*arguments))} = {latex(slope(function, *arguments))}"
    title = TITLES.get(function, function.__name__.replace("_", " ").capitalize())
    prose = _first_sentence(function)
    return Rule(function_rule_id(function), title, statement, prose, TORCH, _of_one_function(function))


FUNCTION_RULES: tuple[Rule, ...] = (*map(_table_rule, TABLE), *map(declared_rule, (*ELEMENTARY, *SPECIAL)))

CHAIN_RULES: tuple[Rule, ...] = (
    Rule(
        "chain",
        "Chain rule",
        r"f(g)' = f'(g)\, g'",
        "The derivative of the outer function at the inner one, times the derivative of the inner one.",
        f"{STEWART} 3.4",
        _chain,
    ),
    Rule(
        "polygamma",
        "Polygamma function",
        r"\psi^{(n)}(g)' = \psi^{(n+1)}(g)\, g'",
        "Each polygamma function is the derivative of the one before it.",
        f"{DLMF} 5.15",
        _polygamma,
    ),
    Rule(
        "chain_of_several",
        "Chain rule for several arguments",
        r"f(u_1, u_2)' = \frac{\partial f}{\partial u_1} u_1' + \frac{\partial f}{\partial u_2} u_2'",
        "The slope by each argument, times that argument's derivative, added up.",
        f"{STEWART} 14.5",
        _chain_of_several,
    ),
)
