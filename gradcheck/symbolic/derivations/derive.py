"""From a formula, an expression or a text to its verified derivation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import sympy as sp

from gradcheck.errors import UsageError
from gradcheck.symbolic.binding import canonical
from gradcheck.symbolic.derivations.composite import Composite, is_deep, label, taken_apart
from gradcheck.symbolic.derivations.composite_derivation import derive_composite
from gradcheck.symbolic.derivations.derivation import TOLERANCE, Definitions, Derivation, Step, written_out
from gradcheck.symbolic.derivations.differentiation import Line, differentiate, repeat, tidy
from gradcheck.symbolic.derivations.line_verifier import LineVerifier
from gradcheck.symbolic.derivations.rule import By, Match, Rule
from gradcheck.symbolic.derivations.rules import RULES
from gradcheck.symbolic.derivations.verification import name_of
from gradcheck.symbolic.expression_formula import expression_formula
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.parser import parse, variables
from gradcheck.symbolic.pending import Pending
from gradcheck.symbolic.printing import text

MAX_ORDER = 3
FOLDING = ("fold_softmax", "fold_softmax_quotient", "fold_sigmoid")
"""The rules by which the last line is written with the names of what the definition held."""
Wrt: TypeAlias = Any
"""A variable's name, several, or SymPy's symbols and tensors for them; SymPy is untyped."""
Rules = Mapping[str, Rule]


def derive(
    what: Formula | Composite | sp.Expr | str,
    wrt: Wrt = None,
    *,
    order: int = 1,
    at: Mapping[str, Any] | None = None,
    rules: Rules = RULES,
) -> Derivation:
    """The derivative of `what`, step by step, each line verified at 40 digits.

    `what` is a formula, a SymPy expression (scalars, or entries of tensors in index notation), or a text such as
    "x**2*sin(x)", read by a grammar of its own; a formula of layers in layers, or with a mean that it uses twice, is
    differentiated by named intermediates. `wrt` names the variable (a symbol or a tensor does for its name); "x,y" or
    ("x", "y") differentiates by one after the other, and `order` repeats a single one. Every other letter is a
    constant. `at` gives each variable a value: the steps then carry their own. Raises ParseError for a text that is no
    expression, NoRule for a function that no rule differentiates, UsageError for other bad input.

    >>> derivation = derive("x**3", at={"x": 2.0})
    >>> derivation.ok, derivation.result, derivation.steps[-1].value
    (True, 3*x**2, 12.0)
    """
    names = _names(wrt, order)
    if isinstance(what, Composite):
        return derive_composite(what, *_only(names), at=at, rules=rules)
    formula = _formula(what, [name for name in names if name is not None])
    if not formula.variables:
        raise UsageError(f"what: {formula.definition} has no variable to differentiate by")
    names = [formula._chosen(name) for name in names]
    if len(names) == 1 and is_deep(formula):
        composite = taken_apart(formula)
        if composite.moving(label(formula.entry(names[0])[0])):
            return derive_composite(composite, names[0], at=at, rules=rules)
    return _derive(formula, names, at, rules)


def _names(wrt: Wrt, order: int) -> list[Any]:
    """The variables in the order in which they are differentiated by; None for the only one."""
    if isinstance(wrt, str):
        wrt = [name.strip() for name in wrt.split(",")]
    elif isinstance(wrt, sp.Basic):
        wrt = [wrt]
    given: list[Any] = [each if isinstance(each, str) else name_of(each) for each in wrt] if wrt else [None]
    if order not in range(1, MAX_ORDER + 1):
        raise UsageError(f"order: {order!r} is not a whole number from 1 to {MAX_ORDER}")
    if order > 1 and len(given) not in (1, order):
        raise UsageError(f"order: {order} does not fit the {len(given)} variables that wrt names")
    names = given * order if len(given) == 1 else given
    if len(names) > MAX_ORDER:
        raise UsageError(f"wrt: at most {MAX_ORDER} derivatives can be taken, got {len(names)}")
    return names


def _only(names: Sequence[Any]) -> Sequence[Any]:
    if len(names) != 1:
        raise UsageError("order: a composite of named intermediates is differentiated once")
    return names


def _formula(what: Formula | sp.Expr | str, names: Sequence[str]) -> Formula:
    if isinstance(what, Formula):
        return what
    if isinstance(what, str):
        return expression_formula(parse(what), (*variables(what),), what)
    if isinstance(what, sp.Expr):
        return expression_formula(what, names)
    raise UsageError(f"what is of type {type(what).__name__}; a formula, a SymPy expression or a string is accepted")


def _derive(formula: Formula, names: Sequence[str], at: Mapping[str, Any] | None, rules: Rules) -> Derivation:
    """One derivative after the other: the result of one is the definition of the next."""
    steps: list[Step] = []
    entries: list[sp.Expr] = []
    checks: dict[str, float] = {}
    definitions: Definitions = ()
    stage = formula
    for order, name in enumerate(names, start=1):
        entry, axes = stage.entry(name)
        entries.append(entry)
        lines = list(_lines(stage, name, rules, last=order == len(names)))
        definitions = tuple(each for line in lines for each in line.match.definitions)
        result = written_out(lines[-1].line, definitions)
        for fine in (False, True):
            verifier = LineVerifier(stage, entry, definitions, order, at=at, fine=fine)
            found = list(verifier.steps(lines))
            checks = verifier.checks(result, formula.definition, entries)
            if all(step.ok for step in found) and max(checks.values()) <= TOLERANCE:
                break
        steps += found
        stage = replace(stage, definition=result, output={**stage.output, **axes}, stated={})
    return Derivation(
        name=formula.name,
        definition=canonical(formula.definition),
        output=formula.output_entry,
        entries=tuple(entries),
        steps=tuple(steps),
        axes=stage.output,
        checks=checks,
        at=at,
        definitions=definitions,
        title=formula.title,
        formula=formula,
    )


def _lines(formula: Formula, wrt: str, rules: Rules, last: bool) -> Iterator[Line]:
    """The lines to the derivative; the last one of all is folded, written with the names of intermediates."""
    start = canonical(Pending(formula.definition, formula.entry(wrt)[0]))
    by = By.of(start.entry, start)
    by.taken |= {*formula.variable_names, *map(str, formula.output), *map(str, formula.dimensions)}
    line: sp.Expr = start
    for each in differentiate(start.function, by, rules):
        line = each.line
        yield each
    yield from _finished(line, by, rules, formula.stated_gradient(wrt), last)


def _finished(line: sp.Expr, by: By, rules: Rules, stated: sp.Expr | None, last: bool) -> Iterator[Line]:
    if stated is not None and text(canonical(stated)) != text(canonical(line)):
        match = rules["textbook"].apply(canonical(stated), by) or Match(line)
        yield Line(rules["textbook"], line, match, match.after)
        line = match.after
    for name in FOLDING if last else ():
        for rewritten in repeat(rules[name], line, by):
            line = rewritten.line
            yield rewritten
    if stated is None:
        for collected in repeat(rules["algebra"], line, by):
            line = collected.line
            yield collected
        yield from tidy(line, by, rules)
