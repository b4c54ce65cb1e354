"""A derivation as a reader meets it, step by step: what every form shows, whatever it looks like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import numpy as np
import sympy as sp

from gradcheck.rendering.decimals import array_latex, array_text, decimal
from gradcheck.rendering.math_text import math_text
from gradcheck.rendering.maths import Maths
from gradcheck.rendering.words import number
from gradcheck.symbolic.derivations.carried_numbers import terms_at
from gradcheck.symbolic.derivations.derivation import RAISED, TOLERANCE, Derivation, Step
from gradcheck.symbolic.derivations.verification import name_of
from gradcheck.symbolic.pending import Pending
from gradcheck.symbolic.printing import latex, text

Detail = Literal["folded", "full"]
TRACED = "traced"
"""The topic of formulas that were found in code."""
DETAILS: tuple[Detail, ...] = ("folded", "full")
"""Whether trivial steps are folded into the ones before them, or stand for themselves."""


@dataclass(frozen=True)
class ShownStep:
    """One rule at work.

    `letters` say what the letters of its statement stood for; the part `before` became `after`, and `line` is the whole
    line then. `named` are the names it introduces, `value` is the line's value at the point; an array may be one that
    `repeats` that of the line before. `inner` are the rules that
    were used inside it, `folded` the trivial steps that lead from its own line to the one that is shown.
    """

    number: str
    title: str
    statement: Maths
    prose: str
    reference: str
    letters: tuple[Maths, ...]
    before: Maths
    after: Maths
    line: Maths
    named: tuple[Maths, ...]
    residual: float
    verdict: str
    ok: bool
    value: Maths | None
    repeats: bool = False
    inner: tuple[ShownStep, ...] = ()
    folded: tuple[ShownStep, ...] = ()


@dataclass(frozen=True)
class ShownCheck:
    """What the last line was held against, and how far it is from it."""

    name: str
    residual: float
    ok: bool

    @property
    def verdict(self) -> str:
        """In a few words, how well they agree."""
        return agreement(self.residual, self.ok)


@dataclass(frozen=True)
class ShownDerivation:
    """A derivation from its definition to its last line, and what that was held against.

    `matrix` is the derivative without indices, where it has such a form, and `stated` the definition of a function of
    code; `point` says where the values belong to, `notes` for what all of it holds, and
    `recognised` the sentence that says what of the catalogue the function is.
    """

    title: str
    wrt: str
    definition: Maths
    named: tuple[Maths, ...]
    steps: tuple[ShownStep, ...]
    checks: tuple[ShownCheck, ...]
    matrix: Maths | None
    point: Maths | None
    ok: bool
    stated: Maths | None = None
    notes: tuple[str, ...] = ()
    recognised: str = ""

    @property
    def headline(self) -> str:
        """What was derived, and how many of its steps hold."""
        amount = len(self.steps)
        steps = f"{amount} step{'' if amount == 1 else 's'}"
        failed = sum(not step.ok for step in self.steps)
        if not self.ok:
            return f"{steps}, {failed} of which FAILED" if failed else f"{steps}, but the last line FAILED"
        return f"{steps}, each verified at 40 digits at random points"


def shown_derivation(derivation: Derivation, detail: Detail = "folded") -> ShownDerivation:
    """The derivation as every form shows it.

    >>> from gradcheck import derive
    >>> [step.title for step in shown_derivation(derive("x**2*sin(x)")).steps]
    ['Product rule', 'Power rule', 'Sine', ...]
    """
    point = derivation.at
    return ShownDerivation(
        title=_title(derivation),
        wrt=", ".join(name_of(entry) for entry in derivation.entries),
        definition=_equation(derivation.output, derivation.definition),
        named=tuple(_equation(*each) for each in derivation.intermediates),
        steps=tuple(_steps(derivation, detail)),
        checks=tuple(ShownCheck(name, far, far <= TOLERANCE) for name, far in derivation.checks.items()),
        matrix=_matrix(derivation),
        point=_point(point) if point else None,
        ok=derivation.ok,
        stated=_stated(derivation),
        notes=derivation.notes,
        recognised=f"{derivation.recognised[:1].upper()}{derivation.recognised[1:]}." if derivation.recognised else "",
    )


def agreement(residual: float, ok: bool) -> str:
    """How well something holds, in a few words.

    >>> agreement(0.0, True), agreement(3e-28, True), agreement(0.5, False)
    ('exactly', 'to 3e-28', 'FAILED by 0.5')
    """
    if not ok:
        return f"FAILED by {number(residual)}"
    return f"to {number(residual, 1)}" if residual else "exactly"


def _title(derivation: Derivation) -> str:
    named = derivation.title or derivation.name
    by = ", then ".join(name_of(entry) for entry in derivation.entries)
    return f"Derivative of {named} with respect to {by}"


def _steps(derivation: Derivation, detail: Detail) -> Iterator[ShownStep]:
    groups = derivation.groups if detail == "folded" else tuple((step,) for step in derivation.steps)
    value: Maths | None = None
    for place, group in enumerate(groups, start=1):
        shown = _step(derivation, group, str(place))
        within = 1 < place < len(groups) and np.ndim(group[-1].value) > 0
        yield replace(shown, repeats=within and shown.value == value)
        value = shown.value


def _step(derivation: Derivation, group: Sequence[Step], place: str) -> ShownStep:
    """The first step of a group with the line of the last; the others are folded into it."""
    first, last = group[0], group[-1]
    residual, ok = max(map(_worst, group)), all(step.ok for step in group)
    alone = [_step(derivation, (step,), f"{place}.{at}") for at, step in enumerate(group, start=1) if len(group) > 1]
    return ShownStep(
        **_rule(first),
        number=place,
        before=_before(first),
        after=Maths.of(first.after),
        line=_line(derivation, last),
        named=tuple(_equation(*each) for step in group for each in step.definitions),
        residual=residual,
        verdict=agreement(residual, ok),
        ok=ok,
        value=_value(derivation, last),
        inner=tuple(_inner(step, f"{place}.{at}") for at, step in enumerate(first.substeps, start=1)),
        folded=tuple(alone),
    )


def _inner(step: Step, place: str) -> ShownStep:
    """A rule used inside another: what it says of its own small function, without a whole line."""
    before, after = _before(step), Maths.of(step.after)
    return ShownStep(
        **_rule(step),
        number=place,
        before=before,
        after=after,
        line=before.equals(after),
        named=(),
        residual=step.residual,
        verdict=agreement(step.residual, step.ok),
        ok=step.ok,
        value=None,
        inner=tuple(_inner(each, f"{place}.{at}") for at, each in enumerate(step.substeps, start=1)),
    )


def _rule(step: Step) -> dict[str, Any]:
    rule = step.rule
    return {
        "title": rule.title,
        "statement": Maths(math_text(rule.statement), rule.statement),
        "prose": rule.prose,
        "reference": rule.reference,
        "letters": tuple(_meaning(*each) for each in step.bindings if each[0] != text(each[1])),
    }


def _worst(step: Step) -> float:
    return max([step.residual, *map(_worst, step.substeps)])


def _meaning(letter: str, meaning: sp.Expr) -> Maths:
    name, _, index = letter.partition("_")
    return Maths(letter, f"{name}_{{{index}}}" if index else name).equals(Maths.of(meaning))


def _equation(left: sp.Expr, right: sp.Expr) -> Maths:
    return Maths.of(left).equals(Maths.of(right))


def _before(step: Step) -> Maths:
    """What was rewritten; the outer function of a chain rule is differentiated by the letter that stands in it."""
    before = step.before
    of_letter = not before.has(Pending) and before.args and isinstance(before.args[0], sp.Symbol)
    return Maths.of(Pending(before, before.args[0]) if of_letter else before)


def _line(derivation: Derivation, step: Step) -> Maths:
    left = Maths(derivation.left_side(step.order), derivation.left_side_latex(step.order))
    return left.equals(Maths.of(step.line))


def _value(derivation: Derivation, step: Step) -> Maths | None:
    """The line's value at the point: of a sum of scalars term by term, otherwise as a number or an array."""
    if step.value is None:
        return None
    total = decimal(step.value) if np.ndim(step.value) == 0 else None
    if total is None:
        return Maths(array_text(step.value), array_latex(step.value))
    terms = [decimal(term) for term in terms_at(derivation, step)]
    if len(terms) < 2:
        return Maths(total, total)
    summed = " + ".join(terms).replace("+ -", "- ")
    return Maths(f"{summed} = {total}", f"{summed} = {total}")


def _point(at: Mapping[str, Any]) -> Maths:
    texts = [f"{name} = {_given(value)}" for name, value in at.items()]
    latexes = [f"{latex(sp.Symbol(name))} = {_given_latex(value)}" for name, value in at.items()]
    return Maths(", ".join(texts), r",\; ".join(latexes))


def _given(value: Any) -> str:
    return decimal(value) if np.ndim(value) == 0 else " ".join(array_text(value).split())


def _given_latex(value: Any) -> str:
    return decimal(value) if np.ndim(value) == 0 else array_latex(value)


def _stated(derivation: Derivation) -> Maths | None:
    """The definition of a function of code without indices, verified by numbers, where it has such a form."""
    formula = derivation.formula
    whole = formula is not None and formula.topic == TRACED and not derivation.intermediates
    form = formula.matrix_definition() if formula is not None and whole else None
    return Maths("f", "f").equals(Maths(form.text, form.latex)) if form else None


def _matrix(derivation: Derivation) -> Maths | None:
    """The derivative without indices, verified by numbers, where it has such a form."""
    from gradcheck.symbolic.matrices.form import matrix_form
    from gradcheck.symbolic.points import sample_point

    formula = derivation.formula
    if formula is None or not derivation.ok or not any(isinstance(v, sp.IndexedBase) for v in formula.variables):
        return None
    sample = partial(sample_point, formula)
    form = matrix_form(derivation.result, derivation.axes, formula.variables, sample)
    if form is None:
        return None
    return _without_indices(derivation).equals(Maths(form.text, form.latex))


def _without_indices(derivation: Derivation) -> Maths:
    """The derivative's sign: ∂f/∂w, ∂²f/∂w ∂w."""
    names, order = [name_of(entry) for entry in derivation.entries], derivation.order
    below, below_latex = (" ".join(f"{sign}{name}" for name in names) for sign in ("∂", r"\partial "))
    above = Maths(*({1: ("", "")}.get(order, (RAISED[order], f"^{{{order}}}"))))
    return Maths(f"∂{above.text}f/{below}", rf"\frac{{\partial{above.latex} f}}{{{below_latex}}}")
