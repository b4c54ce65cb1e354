"""From the lines of a derivation to its steps: each line evaluated beside the one before it and beside the truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import sympy as sp

from gradcheck.symbolic.binding import canonical
from gradcheck.symbolic.derivations.at_point import PointValues
from gradcheck.symbolic.derivations.derivation import Definitions, Step
from gradcheck.symbolic.derivations.differentiation import Line
from gradcheck.symbolic.derivations.rule import Substep
from gradcheck.symbolic.derivations.rules import RULES
from gradcheck.symbolic.derivations.verification import Places, apart, random_places
from gradcheck.symbolic.differentiate import derivative
from gradcheck.symbolic.evaluate import FINE_DIGITS
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.pending import Pending

SYMPY = "SymPy's derivative"
QUOTIENT = "the definition's difference quotient"
"""What the last line is held against."""

Inner = Sequence[Step]


class LineVerifier:
    """Holds lines against each other, and against the difference quotient of the definition.

    A line fails where it differs both from the one before it and from the quotient: a right rewriting of a false line
    is not to blame, and neither is a true line. `fine` takes more digits and smaller differences, for what varies fast.
    """

    def __init__(
        self,
        formula: Formula,
        entry: sp.Expr,
        definitions: Definitions = (),
        order: int = 1,
        *,
        at: Mapping[str, Any] | None = None,
        fine: bool = False,
    ) -> None:
        self.order = order
        axes = formula.axes_of(entry)
        places = random_places(formula, axes, definitions, order)
        self.places: Places = replace(places, digits=FINE_DIGITS) if fine else places
        self.true = self.places.values(Pending(canonical(formula.definition), entry))
        self.point = PointValues.of(formula, axes, at, definitions)

    def steps(self, lines: Sequence[Line], inner: Sequence[Inner] = ()) -> Iterator[Step]:
        """The lines as verified steps; `inner` holds, for each line, steps that went into it beside its substeps."""
        before = self.true
        for place, line in enumerate(lines):
            now = self.places.values(line.line)
            residual = min(apart(now, before), apart(now, self.true))
            before = now
            yield self._step(line, residual, inner[place] if inner else ())

    def checks(self, result: sp.Expr, definition: sp.Expr, entries: Sequence[sp.Expr]) -> dict[str, float]:
        """The last line against SymPy's own derivative and the difference quotient of the definition."""
        first, *others = entries
        direct, quotient = derivative_by(definition, first), Pending(canonical(definition), first)
        for entry in others:
            direct, quotient = derivative_by(direct, entry), Pending(quotient, entry)
        last = self.places.values(result)
        held = {SYMPY: apart(last, self.places.values(direct))}
        if len(entries) <= 2:
            held[QUOTIENT] = apart(last, self.places.values(quotient))
        return held

    def _step(self, line: Line, residual: float, inner: Inner) -> Step:
        return Step(
            rule=line.rule,
            before=line.before,
            after=line.match.after,
            line=line.line,
            residual=residual,
            bindings=line.match.bindings,
            substeps=(*(self._substep(each) for each in line.match.substeps), *inner),
            trivial=line.rule.trivial,
            order=self.order,
            value=None if self.point is None else self.point.of_line(line.line),
            definitions=line.match.definitions,
        )

    def _substep(self, used: Substep) -> Step:
        """A rule used inside another, verified where its letter has the value of the inner function."""
        places = self.places.with_letter(used.letter, used.inner)
        residual = places.distance(used.after, Pending(used.before, used.letter))
        return Step(RULES[used.rule], used.before, used.after, used.after, residual, order=self.order)


@lru_cache(maxsize=1_000)
def derivative_by(definition: sp.Expr, entry: sp.Expr) -> sp.Expr:
    """SymPy's derivative, remembered: a definition is often derived more than once."""
    return derivative(definition, entry)


def steps_of(lines: Sequence[Line], start: sp.Expr, places: Places) -> Iterator[Step]:
    """The lines of a small derivative as steps, from the difference quotient that it starts with."""
    before = places.values(start)
    for line in lines:
        now = places.values(line.line)
        yield Step(
            line.rule,
            line.before,
            line.match.after,
            line.line,
            apart(now, before),
            line.match.bindings,
            trivial=line.rule.trivial,
        )
        before = now
