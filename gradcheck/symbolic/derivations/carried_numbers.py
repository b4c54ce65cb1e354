"""The numbers of a point, term by term: 0.159 + 2.99 for x² cos(x) + 2x sin(x) at x = 1.5."""

from __future__ import annotations

from gradcheck.errors import UsageError
from gradcheck.symbolic.derivations.at_point import PointValues
from gradcheck.symbolic.derivations.derivation import Derivation, Step
from gradcheck.symbolic.printing import ordered_terms


def terms_at(derivation: Derivation, step: Step) -> list[float]:
    """The value of each term of a scalar step's line at the derivation's point, as it is printed.

    Empty where there is no point, or the derivative has axes.

    >>> from gradcheck import derive
    >>> derivation = derive("x**2 + 5*x", at={"x": 3.0})
    >>> terms_at(derivation, derivation.steps[-1])
    [6.0, 5.0]
    """
    if derivation.formula is None or derivation.at is None or derivation.axes:
        return []
    point = PointValues.of(derivation.formula, {}, derivation.at, derivation.definitions)
    assert point is not None
    try:
        return [float(point.of_line(term)) for term in ordered_terms(step.line)]
    except UsageError:  # of a sum that has a value, a term may have none
        return []
