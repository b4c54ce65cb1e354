"""The verified derivation of a deep composite: the chain rule in reverse, one named intermediate at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp

from gradcheck.symbolic.derivations.backpropagation import Small, Walk
from gradcheck.symbolic.derivations.composite import Composite
from gradcheck.symbolic.derivations.derivation import Derivation, Step
from gradcheck.symbolic.derivations.line_verifier import QUOTIENT, SYMPY, LineVerifier, steps_of
from gradcheck.symbolic.derivations.rule import Rule
from gradcheck.symbolic.derivations.rules import RULES
from gradcheck.symbolic.derivations.verification import Places, apart, name_of
from gradcheck.symbolic.differentiate import derivative
from gradcheck.symbolic.evaluate import evaluate
from gradcheck.symbolic.exact_point import ExactPoint

COMPARED_UP_TO = 6
"""Composites of at most this many intermediates are written out and differentiated by SymPy as well."""


def derive_composite(
    composite: Composite,
    wrt: str | None = None,
    *,
    at: Mapping[str, Any] | None = None,
    rules: Mapping[str, Rule] = RULES,
) -> Derivation:
    """The derivative by one variable, in as many lines as there are intermediates and each about as long.

    Raises UnknownName for a variable that the composite does not have.
    """
    formula = composite.formula
    entry, _ = formula.entry(wrt)
    lines, small = zip(*Walk(composite, entry, rules).lines(), strict=True)
    definitions = (*composite.intermediates, *(each for line in lines for each in line.match.definitions))
    verifier = LineVerifier(formula, entry, definitions, at=at)
    frozen = Places(tuple(map(_Frozen(composite).place, verifier.places.places)))
    inner = [tuple(step for each in parts for step in _small_steps(each, frozen)) for parts in small]
    steps = tuple(verifier.steps(lines, inner))
    return Derivation(
        name=formula.name,
        definition=formula.definition,
        output=formula.output_entry,
        entries=(entry,),
        steps=steps,
        axes=formula.axes_of(entry),
        checks=_checks(composite, entry, steps[-1].line, verifier),
        at=at,
        definitions=definitions,
        title=formula.title,
        intermediates=composite.intermediates,
        formula=formula,
    )


def _checks(composite: Composite, entry: sp.Expr, last: sp.Expr, verifier: LineVerifier) -> dict[str, float]:
    values = verifier.places.values(last)
    held = {QUOTIENT: apart(values, verifier.true)}
    if len(composite.intermediates) <= COMPARED_UP_TO:
        held[SYMPY] = apart(values, verifier.places.values(derivative(composite.closed, entry)))
    return held


def _small_steps(small: Small, places: Places) -> Iterator[Step]:
    """The steps of a small derivative, at entries chosen anew for each place."""
    chosen = []
    for number, place in enumerate(places.places):
        generator = np.random.default_rng(number)
        free = {i: int(evaluate(size, place)) for i, size in small.axes.items() if i not in place}
        diagonal = number % 2 == 0
        chosen.append(place.within({i: 0 if diagonal else int(generator.integers(0, n)) for i, n in free.items()}))
    yield from steps_of(small.lines, small.start, replace(places, places=tuple(chosen)))


class _Frozen:
    """Places at which intermediates are numbers: a small derivative holds the others fixed."""

    def __init__(self, composite: Composite) -> None:
        self.intermediates = composite.intermediates

    def place(self, place: ExactPoint) -> ExactPoint:
        """The place with the entries of every intermediate, each worked out when it is asked for."""
        values = {name_of(name): _Entries(name, place) for name, _ in self.intermediates}
        return ExactPoint({**place.values_given, **values}).within(place.indices)


class _Entries(dict[tuple[int, ...], Any]):
    """The entries of an intermediate at a place; KeyError where it has none."""

    def __init__(self, name: sp.Expr, place: ExactPoint) -> None:
        self.name, self.place = name, place
        shape = name.base.shape if isinstance(name, sp.Indexed) else ()
        self.shape = tuple(int(evaluate(size, place)) for size in shape)

    def __missing__(self, at: tuple[int, ...]) -> Any:
        if len(at) != len(self.shape) or not all(0 <= k < n for k, n in zip(at, self.shape, strict=True)):
            raise KeyError(at)
        indices = dict(zip(getattr(self.name, "indices", ()), map(sp.Integer, at), strict=True))
        self[at] = evaluate(self.name.xreplace(indices), self.place)
        return self[at]
