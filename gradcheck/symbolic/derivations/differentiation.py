"""Working a derivative out by rules, one rule a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sympy as sp

from gradcheck.symbolic.derivations.rule import By, Match, NoRule, Rule, without_empty_sums
from gradcheck.symbolic.derivations.rules import DIFFERENTIATION, RULES
from gradcheck.symbolic.pending import Pending, pending_in

MAX_LINES = 2_000
TIDYING = ("constants_out", "rename", "combine_sums", "symmetric_pair")
"""The rules that a line goes through once nothing is left to differentiate."""


@dataclass(frozen=True)
class Line:
    """A line before it is verified: what its rule did, and the whole expression after it."""

    rule: Rule
    before: sp.Expr
    match: Match
    line: sp.Expr


def differentiate(function: sp.Expr, by: By, rules: Mapping[str, Rule] = RULES) -> Iterator[Line]:
    """The lines from the function to its derivative, depth first, in the order in which a rule writes its terms.

    Raises NoRule where a function has none.
    """
    line: sp.Expr = Pending(function, by.entry)
    stack = [line]
    for _ in range(MAX_LINES):
        if not stack:
            break
        pending = stack.pop()
        if not line.has(pending):
            continue
        rule, match = _first_match(pending.function, by, rules)
        line = without_empty_sums(line.xreplace({pending: match.after}))
        yield Line(rule, pending, match, line)
        stack += reversed(_in_order(match, by))
        for sifted in repeat(rules["sift"], line, by):
            line = sifted.line
            yield sifted
    yield from tidy(line, by, rules)


def tidy(line: sp.Expr, by: By, rules: Mapping[str, Rule] = RULES) -> Iterator[Line]:
    """The lines that only write a finished derivative better."""
    for name in TIDYING:
        for tidied in repeat(rules[name], line, by):
            line = tidied.line
            yield tidied


def apply_to_line(rule: Rule, line: sp.Expr, by: By) -> Line | None:
    """What a rewriting rule makes of a line, or None where it has nothing to do."""
    match = rule.apply(line, by)
    if match is None:
        return None
    before = line if match.before is None else match.before
    return Line(rule, before, match, without_empty_sums(line.xreplace({before: match.after})))


def repeat(rule: Rule, line: sp.Expr, by: By) -> Iterator[Line]:
    """The lines that a rewriting rule makes, until it has nothing left to do."""
    for _ in range(MAX_LINES):
        rewritten = apply_to_line(rule, line, by)
        if rewritten is None or rewritten.line == line:
            return
        line = rewritten.line
        yield rewritten


def _first_match(function: sp.Expr, by: By, rules: Mapping[str, Rule]) -> tuple[Rule, Match]:
    for each in DIFFERENTIATION:
        rule = rules[each.id]
        match = rule.apply(function, by)
        if match is not None:
            return rule, match
    raise NoRule(function)


def _in_order(match: Match, by: By) -> list[Pending]:
    """What a rule left to differentiate, in the order of its letters."""
    found = pending_in(match.after)
    named = [by.derivative(expression) for _, expression in match.bindings]
    return list(dict.fromkeys([*(each for each in named if each in found), *found]))
