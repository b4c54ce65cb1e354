"""From a formula, an expression or a text to its verified derivation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sympy as sp

from gradcheck.errors import UsageError
from gradcheck.symbolic.at_point import PointValues
from gradcheck.symbolic.binding import canonical
from gradcheck.symbolic.derivation import Definitions, Derivation, Step, written_out
from gradcheck.symbolic.differentiate import derivative
from gradcheck.symbolic.differentiation import Line, apply_to_line, differentiate, tidy
from gradcheck.symbolic.expression_formula import expression_formula
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.parser import parse, variables
from gradcheck.symbolic.pending import Pending
from gradcheck.symbolic.printing import text
from gradcheck.symbolic.rule import By, Match, Rule
from gradcheck.symbolic.rules import RULES
from gradcheck.symbolic.verification import Places, apart, random_places

MAX_ORDER = 3
Wrt = str | Sequence[str] | None
Rules = Mapping[str, Rule]


def derive(
    what: Formula | sp.Expr | str,
    wrt: Wrt = None,
    *,
    order: int = 1,
    at: Mapping[str, Any] | None = None,
    rules: Rules = RULES,
) -> Derivation:
    """The derivative of `what`, step by step, each line verified at 40 digits.

    `what` is a formula, a SymPy expression (scalars, or entries of tensors in index notation), or a text such as
    "x**2*sin(x)", read by a grammar of its own. `wrt` names the variable; "x,y" or ("x", "y") differentiates by one
    after the other, and `order` repeats a single one. Every other letter is a constant. `at` gives each variable a
    value: the steps then carry their own. Raises ParseError for a text that is no expression, NoRule for a function
    that no rule differentiates, UsageError for other bad input.

    >>> derivation = derive("x**3", at={"x": 2.0})
    >>> derivation.ok, derivation.result, derivation.steps[-1].value
    (True, 3*x**2, 12.0)
    """
    names = _names(wrt, order)
    formula = _formula(what, [name for name in names if name is not None])
    names = [formula._chosen(name) for name in names]
    return _derive(formula, names, at, rules)


def _names(wrt: Wrt, order: int) -> list[Any]:
    """The variables in the order in which they are differentiated by; None for the only one."""
    if isinstance(wrt, str):
        wrt = [name.strip() for name in wrt.split(",")]
    given: list[Any] = list(wrt) if wrt else [None]
    if order not in range(1, MAX_ORDER + 1):
        raise UsageError(f"order: {order!r} is not a whole number from 1 to {MAX_ORDER}")
    if order > 1 and len(given) not in (1, order):
        raise UsageError(f"order: {order} does not fit the {len(given)} variables that wrt names")
    names = given * order if len(given) == 1 else given
    if len(names) > MAX_ORDER:
        raise UsageError(f"wrt: at most {MAX_ORDER} derivatives can be taken, got {len(names)}")
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
    steps: list[Step] = []
    definitions: Definitions = ()
    entries: list[sp.Expr] = []
    stage = formula
    for order, name in enumerate(names, start=1):
        entry, axes = stage.entry(name)
        entries.append(entry)
        lines = list(_lines(stage, name, rules, last=order == len(names)))
        definitions = tuple(each for line in lines for each in line.match.definitions)
        verifier = _Verifier(stage, entry, {**stage.output, **axes}, definitions, order)
        steps += verifier.steps(lines, PointValues.of(stage, {**stage.output, **axes}, at, definitions))
        result = written_out(steps[-1].line, definitions)
        checks = verifier.checks(result, formula.definition, entries)
        stage = replace(stage, definition=result, output={**stage.output, **axes}, stated={})
    output = sp.Symbol("f", real=True) if not formula.output else sp.Indexed("f", *formula.output)
    return Derivation(
        formula.name,
        canonical(formula.definition),
        output,
        tuple(entries),
        tuple(steps),
        stage.output,
        checks,
        at,
        definitions,
        formula.title,
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
    folding = ("fold_softmax",) if last else ()
    for name in (*folding, "algebra") if stated is None else folding:
        rewritten = apply_to_line(rules[name], line, by)
        if rewritten is not None:
            line = rewritten.line
            yield rewritten
    if stated is None:
        yield from tidy(line, by, rules)


class _Verifier:
    """Holds lines against each other and the last one against SymPy's derivative."""

    def __init__(
        self, formula: Formula, entry: sp.Expr, axes: Mapping[sp.Symbol, sp.Expr], definitions: Definitions, order: int
    ) -> None:
        self.formula, self.entry, self.order = formula, entry, order
        named = {_label(name): (getattr(name, "indices", ()), meaning) for name, meaning in definitions}
        self.places: Places = random_places(formula, axes, named, order)
        self.true = self.places.values(Pending(canonical(formula.definition), entry))

    def steps(self, lines: Sequence[Line], values: PointValues | None) -> Iterator[Step]:
        before = self.true
        for line in lines:
            now = self.places.values(line.line)
            residual = min(apart(now, before), apart(now, self.true))
            before = now
            yield self.step(line, residual, None if values is None else values.of_line(line.line))

    def step(self, line: Line, residual: float, value: Any) -> Step:
        return Step(
            line.rule,
            line.before,
            line.match.after,
            line.line,
            residual,
            line.match.bindings,
            tuple(self.substep(line, each.rule, each.before, each.after) for each in line.match.substeps),
            line.rule.trivial,
            self.order,
            value,
            line.match.definitions,
        )

    def substep(self, line: Line, rule: str, before: sp.Expr, after: sp.Expr) -> Step:
        """A rule used inside another, verified where its letter has the value of the inner function."""
        residual = self._substep_residual(line, before, after)
        return Step(RULES[rule], before, after, after, residual, order=self.order)

    def _substep_residual(self, line: Line, before: sp.Expr, after: sp.Expr) -> float:
        letter = next(iter(before.free_symbols - line.line.free_symbols - line.before.free_symbols), None)
        inner = next((value for name, value in line.match.bindings if name in ("g", "f")), None)
        if letter is None or inner is None:
            return 0.0
        inner = dict(line.match.bindings).get("g", inner)
        places = Places(tuple(_with_letter(place, letter, inner) for place in self.places.places), self.places.digits)
        return places.distance(after, Pending(before, letter))

    def checks(self, result: sp.Expr, definition: sp.Expr, entries: Sequence[sp.Expr]) -> dict[str, float]:
        """The last line against SymPy's own derivative and the difference quotient of the definition."""
        direct, quotient = definition, canonical(definition)
        for entry in entries:
            direct = derivative(direct, entry)
            quotient = Pending(quotient, entry)
        last = self.places.values(result)
        held = {"SymPy's derivative": apart(last, self.places.values(direct))}
        if len(entries) <= 2:
            held["the definition's difference quotient"] = apart(last, self.places.values(quotient))
        return held


def _label(name: sp.Expr) -> str:
    return str(name.base.label) if isinstance(name, sp.Indexed) else str(name)


def _with_letter(place: Any, letter: sp.Symbol, inner: sp.Expr) -> Any:
    """The place with the letter standing for the inner function, bound indices at 0."""
    loose = {s: 0 for s in inner.free_symbols if isinstance(s, sp.Symbol) and s.is_integer and s not in place}
    return place.within(loose).naming(letter.name, inner)
