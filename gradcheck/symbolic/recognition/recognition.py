"""Which formula of the catalogue a formula equals: found at random points, confirmed at points of three sizes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice, product
from typing import Any, NamedTuple

import sympy as sp

from gradcheck.symbolic.compile import variable_name
from gradcheck.symbolic.domains import (
    POSITIVE,
    POSITIVE_DEFINITE,
    POSITIVE_DETERMINANT,
    REAL,
    SIMPLEX,
    SYMMETRIC,
    UNIT_INTERVAL,
)
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.graphs.deadline import Deadline
from gradcheck.symbolic.graphs.refusals import NotTraceable
from gradcheck.symbolic.recognition.assignments import Assignment, assignments, described
from gradcheck.symbolic.recognition.exact_agreement import agree_at_all_scales
from gradcheck.symbolic.recognition.exceptional_points import agree_at_exceptional_points
from gradcheck.symbolic.recognition.preferences import NEVER_WITH_NUMBERS, preference
from gradcheck.symbolic.recognition.trials import Trial
from gradcheck.symbolic.recognition.views import View, views
from gradcheck.symbolic.recognition.wording import Recognition

MOST_LEFT = 3
"""How many of a known formula's variables may be numbers."""
MOST_NUMBERS = 6
"""How many numbers of a definition are tried in their place."""
MOST_CHOICES = 64
"""How many choices of numbers are tried for one assignment."""
SAID = (POSITIVE, UNIT_INTERVAL, SIMPLEX, SYMMETRIC, POSITIVE_DEFINITE, POSITIVE_DETERMINANT)
"""Domains that an equality may be restricted to, as a person would."""


class Among(NamedTuple):
    """The known formulas, and the time by which one of them has to be found."""

    formulas: tuple[Formula, ...]
    deadline: Deadline


def recognised(
    formula: Formula, known: Sequence[Formula] | None = None, seconds: float = math.inf
) -> Recognition | None:
    """The formula of the catalogue, or of `known`, that this one equals, but for what a person would name.

    That is a factor, a sign, an offset, other names, transposed arguments, more axes in front, numbers in place of
    variables. None where there is none, or none is found in so many `seconds`.

    >>> import torch
    >>> from gradcheck.symbolic.graphs.trace import trace
    >>> traced = trace(lambda x, t: ((x - t) ** 2).sum() / 5, torch.zeros(3), torch.ones(3))
    >>> print(recognised(traced.formulas[0]).sentence)
    this is mean squared error (mse) times n/5, with x as p and t as y
    """
    among = Among(_catalogue() if known is None else tuple(known), Deadline.after(seconds))
    try:
        return _found(formula, among)
    except NotTraceable:
        return None


def _found(formula: Formula, among: Among) -> Recognition | None:
    if _is_plain(formula.definition):
        return None
    seen = list(views(formula))
    for attempt, reduced in ATTEMPTS:
        for view in (view for view in seen if view.is_reduced == reduced):
            trials = sorted(attempt(view, among), key=lambda trial: _strangeness(trial, among))
            claims = filter(None, map(_claimed, trials))
            found = min(claims, key=_length_of_factor, default=None) if attempt is _scaled else _widest(claims)
            if found is not None:
                return found
    return None


def _widest(claims: Iterator[Recognition]) -> Recognition | None:
    """The first that holds without more ado, or else the first."""
    first = next(claims, None)
    return first if first is None or not first.where else next((each for each in claims if not each.where), first)


def _is_plain(definition: sp.Expr) -> bool:
    """Whether it is a variable's entry, but for a factor and an offset: nothing that has a name."""
    scaled = definition.as_coeff_Add()[1].as_coeff_Mul()[1]
    if not isinstance(scaled, sp.Indexed):
        return isinstance(scaled, sp.Symbol)
    return all(at.is_Symbol for at in scaled.indices) and len(set(scaled.indices)) == len(scaled.indices)


@cache
def _catalogue() -> tuple[Formula, ...]:
    from gradcheck import catalogue

    return tuple(each for each in catalogue.formulas() if isinstance(each, Formula))


def _equal(view: View, among: Among) -> Iterator[Trial]:
    return (trial for trial in _trials(view, among) if trial.is_equal())


def _scaled(view: View, among: Among) -> Iterator[Trial]:
    return (trial for trial in _trials(view, among) if trial.fit() is not None)


def _with_numbers(view: View, among: Among) -> Iterator[Trial]:
    """Trials with numbers of the definition in place of variables that nothing else stands for."""
    if isinstance(view.definition, sp.Symbol | sp.Indexed):
        return
    scalars = _numbers(view)
    for known, assignment in _assigned(view, among, range(1, MOST_LEFT + 1)):
        if known.name in NEVER_WITH_NUMBERS:
            continue
        choices = [scalars if not described(known).shapes[name] else [1, 0] for name in assignment.left]
        among.deadline.check()
        for numbers in islice(product(*choices), MOST_CHOICES):
            trial = Trial(view, known, assignment, tuple(zip(assignment.left, numbers, strict=True)))
            if trial.is_equal():
                yield trial


ATTEMPTS = (
    *((attempt, reduced) for reduced in (False, True) for attempt in (_equal, _scaled)),
    *((_with_numbers, reduced) for reduced in (False, True)),
)
"""Ways of being equal, and whether to something that is summed: the first that there is, is said."""


def _trials(view: View, among: Among) -> Iterator[Trial]:
    return (Trial(view, known, assignment) for known, assignment in _assigned(view, among, (0,)))


def _assigned(view: View, among: Among, left: Sequence[int]) -> Iterator[tuple[Formula, Assignment]]:
    own = tuple(sorted((len(slot.shape), slot.integer) for slot in view.slots))
    for known in among.formulas:
        among.deadline.check()
        axes, ranks = _signature(known)
        if axes == len(view.shape) and len(ranks) - len(own) in left and _holds(ranks, own):
            yield from ((known, assignment) for assignment in assignments(view.slots, view.shape, known))


@cache
def _signature(formula: Formula) -> tuple[int, tuple[tuple[int, bool], ...]]:
    """The number of output axes, and every variable's number of axes and whether it holds integers."""
    variables = described(formula)
    kinds = ((len(shape), name in variables.integer) for name, shape in variables.shapes.items())
    return len(formula.output), tuple(sorted(kinds))


def _holds(whole: tuple[Any, ...], part: tuple[Any, ...]) -> bool:
    return all(part.count(each) <= whole.count(each) for each in set(part))


def _numbers(view: View) -> list[Any]:
    """The definition's numbers that scalars may stand for, and their inverses."""
    finite = {number for number in view.definition.atoms(sp.Number) if number.is_finite}
    found = sorted(finite - {0, -1}, key=lambda each: (each.is_Integer, each))
    written = [n for each in found[:MOST_NUMBERS] for n in (each, 1 / each, *((-each,) if each < 0 else ()))]
    return list(dict.fromkeys([*written, sp.S.One]))


def _strangeness(trial: Trial, among: Among) -> tuple[Any, ...]:
    """The trial that needs the fewest words comes first; of formulas that are equal the preferred one."""
    assignment, names = trial.assignment, trial.known.variable_names
    order = [names.index(place.name) for place in assignment.places]
    renamed = sum(s.name != p.name for s, p in zip(trial.view.slots, assignment.places, strict=True))
    tie = preference(trial.known), among.formulas.index(trial.known), renamed, order
    return len(trial.constants), len(assignment.demanded or ()), assignment.oddity, *tie


def _claimed(trial: Trial) -> Recognition | None:
    """What is said of a trial that holds at points of all sizes; None where it does not."""
    if not trial.is_meant():
        return None
    differences = (sp.S.One, sp.S.Zero) if trial.is_equal() else trial.differences()
    if differences is None or not trial.is_confirmed(*differences) or not agree_at_all_scales(trial, *differences):
        return None
    factor, offset = differences
    everywhere = trial.holds_anywhere(factor, offset)
    if not everywhere and not all(domain in (REAL, *SAID) for domain in trial.known.domains.values()):
        return None
    if not agree_at_exceptional_points(trial, factor, offset, everywhere):
        return None
    narrow = trial.assignment.demanded or ()
    narrow += () if everywhere else _domains(trial)
    factor = sp.cancel(trial.view.factor * factor) if trial.view.factor != 1 else factor
    if offset != 0 and trial.view.factor != 1:
        return None
    return Recognition(trial.known, _variables(trial), factor, offset, trial.view.said, narrow)


def _length_of_factor(claim: Recognition) -> tuple[int, int, int]:
    """How long the factor and the offset are to say, a plain fraction is short; and what else has to hold."""
    length = int(sp.count_ops(claim.factor.as_coeff_Mul()[1]))
    return length, len(f"{claim.factor}{claim.offset}"), len(claim.where)


def _variables(trial: Trial) -> dict[str, str]:
    own = {
        place.name: slot.name + ("ᵀ" if place.transposed else "")
        for slot, place in zip(trial.view.slots, trial.assignment.places, strict=True)
    }
    used = {str(symbol) for symbol in trial.known.definition.free_symbols}
    return {**own, **{name: f"{float(number):g}" for name, number in trial.constants if name in used}}


def _domains(trial: Trial) -> tuple[str, ...]:
    own = _variables(trial)
    variables = (variable_name(v) for v in trial.known.variables)
    return tuple(f"{own[name]} among {d.description}" for name in variables if (d := trial.known.domains.get(name)))
