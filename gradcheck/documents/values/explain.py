"""Says why a stated value is not the actual one: a factor, a shape, another quantity, another moment, a last digit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gradcheck.articles.printed import Printed
from gradcheck.checking.diagnosis.factors import common_factor
from gradcheck.documents.records import Value
from gradcheck.documents.values.compare import Array, Comparison, compare, epsilon_of, numbers_of
from gradcheck.documents.values.literals import Literal
from gradcheck.documents.values.moments import Subject
from gradcheck.results import Diagnosis

_TELLING = frozenset({2.0, 0.5, -2.0, -0.5})
"""Factors that explain a single number: any two numbers have some factor between them."""


@dataclass(frozen=True)
class Surroundings:
    """What else was at hand when a value was: other live values, the same expression at other moments, backward calls.

    `backward_calls` counts the calls of `backward` up to then.
    """

    live: Sequence[Subject] = ()
    earlier: Sequence[Value] = ()
    later: Sequence[Value] = ()
    backward_calls: int = 0


_UNEXPLAINED = "no factor, sign, shape or other moment explains it, and nothing else at hand has this value"


def explain(stated: Literal, subject: Subject, found: Comparison, around: Surroundings) -> Diagnosis:
    """The named reason why `stated` is not the subject's value; `unexplained` where none is recognised."""
    if found.outcome == "dtype":
        return Diagnosis("dtype", found.remark)
    case = _case(stated, subject)
    if case is not None:
        for kind, text in _numeric(case, stated, subject, around):
            return Diagnosis(kind, text)
    elif other := _other_moment(stated, around):
        return Diagnosis(*other)
    return Diagnosis(found.outcome if found.outcome == "shape" else "unexplained", found.remark or _UNEXPLAINED)


@dataclass(frozen=True)
class _Case:
    """Numbers that are not the same: what is stated and what is actual."""

    printed: Printed
    actual: Array
    epsilon: float

    @property
    def same_shape(self) -> bool:
        return self.printed.values.shape == self.actual.shape

    @property
    def real(self) -> bool:
        return not np.iscomplexobj(self.actual) and not np.iscomplexobj(self.printed.values)

    def is_stated(self, value: Array) -> bool:
        return self.printed.allows(value, self.epsilon)


def _case(stated: Literal, subject: Subject) -> _Case | None:
    actual = numbers_of(subject.value)
    if stated.printed is None or actual is None:
        return None
    if stated.bare and actual.size == 1:
        actual = actual.reshape(())
    return _Case(stated.printed, actual, epsilon_of(subject.value))


def _numeric(case: _Case, stated: Literal, subject: Subject, around: Surroundings) -> Iterator[tuple[str, str]]:
    """The reasons that fit, the most telling first."""
    if stated.kind != "truth":
        if case.same_shape and case.real:
            yield from _last_digit(case)
            yield from _accumulated(case, around)
        yield from _transposed(case)
    if other := _other_moment(stated, around):
        yield other
    yield from _other_quantity(case, stated, subject, around)
    if case.same_shape and case.real and stated.kind != "truth":
        yield from _factor(case, around)
    if not case.same_shape:
        yield "shape", f"the stated shape is {case.printed.values.shape}, the actual one {case.actual.shape}"
    elif case.actual.size > 1:
        yield "unexplained", _wrong_entries(case)


def _last_digit(case: _Case) -> Iterator[tuple[str, str]]:
    unit = 2 * case.printed.half_units
    if np.any(unit) and np.all(np.abs(case.printed.values - case.actual) <= 1.5 * unit + case.epsilon):
        yield "last digit", "it is off in the last digit that is written"


def _accumulated(case: _Case, around: Surroundings) -> Iterator[tuple[str, str]]:
    calls = around.backward_calls
    if calls > 1 and np.any(case.actual) and case.is_stated(case.actual / calls):
        adding = f"gradients add up over {calls} calls of `backward`, and were not zeroed between them"
        yield "accumulated", f"the actual value is {calls} times the stated one: {adding}"


def _transposed(case: _Case) -> Iterator[tuple[str, str]]:
    if case.actual.ndim > 1 and case.printed.values.shape == case.actual.T.shape and case.is_stated(case.actual.T):
        yield "transposed", "it is the transpose of the actual value"


def _other_moment(stated: Literal, around: Surroundings) -> tuple[str, str] | None:
    """Whether the same expression has this value before or after."""
    for values, when in ((around.later, "later on, after an update"), (around.earlier, "before an update")):
        if any(compare(stated, value).outcome == "equal" for value in values):
            return "other moment", f"the expression has this value {when}"
    return None


def _other_quantity(case: _Case, stated: Literal, subject: Subject, around: Surroundings) -> Iterator[tuple[str, str]]:
    """Another live name with the stated value, where that can hardly be chance."""
    digits = np.any(case.printed.half_units) or case.printed.values.size > 1 or np.max(np.abs(case.printed.values)) > 10
    names = [
        other.source
        for other in around.live
        if other.source != subject.source and compare(stated, other.value).outcome == "equal"
    ]
    if digits and names:
        shown = " and ".join(f"`{name}`" for name in names[:3])
        yield "other quantity", f"it is the value of {shown}, not of `{subject.source}`"


def _factor(case: _Case, around: Surroundings) -> Iterator[tuple[str, str]]:
    if np.any(case.actual) and case.is_stated(-case.actual):
        yield "sign", "it is minus the true one"
    tolerance = case.printed.half_units + 4 * case.epsilon * np.abs(case.actual)
    factor = common_factor(
        case.printed.values.astype(float), case.actual.astype(float), np.asarray(tolerance), dict(_sizes(case, around))
    )
    if factor is not None and (case.actual.size > 1 or factor.value in _TELLING or "(" in factor.text):
        yield "factor", f"it is {factor.text}"


def _sizes(case: _Case, around: Surroundings) -> Iterator[tuple[str, int]]:
    """The sizes at hand that a factor may come from."""
    for other in around.live:
        for axis, size in enumerate(other.value.shape):
            if size > 1:
                yield f"the size of axis {axis} of {other.source}", size
    if case.actual.size > 1:
        yield "the number of entries", case.actual.size


def _wrong_entries(case: _Case) -> str:
    within = case.printed.half_units + case.epsilon * np.abs(case.actual)
    with np.errstate(invalid="ignore"):
        wrong = ~((np.abs(case.printed.values - case.actual) <= within) | (case.printed.values == case.actual))
    index = tuple(int(place) for place in np.argwhere(wrong)[0]) if np.any(wrong) else ()
    return f"{np.count_nonzero(wrong)} of {wrong.size} entries differ, the first at {list(index)}"
