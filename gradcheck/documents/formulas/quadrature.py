"""Integrals, series and limits as numbers: by quadrature to 25 digits, and over torch's tensors in double precision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np
import sympy as sp

from gradcheck.documents.formulas.evaluation import CannotEvaluate
from gradcheck.symbolic.evaluate import evaluate

if TYPE_CHECKING:
    import torch

DIGITS, WITHIN = 30, mpmath.mpf(10) ** -22
METHODS = {False: ("gauss-legendre", "tanh-sinh"), True: ("tanh-sinh",)}
NODES, NODES_TO_INFINITY = 32, 240
STEPS, FIRST_STEP, FIRST_FAR_STEP = 7, 0.125, 0.01
FEWER_STEPS, NEARER = 4, 1 / 32
MOST_TERMS, SMALLEST = 400, 1e-18
"""How many terms of a series are looked at, and the size of one that ends it."""
SETTLED = 1e-7
"""How far apart the last two extrapolations of a limit may be."""


def without_integrals(expression: sp.Expr, environment: Mapping[Any, Any]) -> sp.Expr:
    """The expression with a number in place of each integral; raises CannotEvaluate where one has none.

    >>> x = sp.Symbol("x")
    >>> float(without_integrals(sp.Integral(2 * x, (x, 0, 3)), {}))
    9.0
    """
    found = {each: _quadrature(each, environment) for each in expression.atoms(sp.Integral)}
    found |= {each: _total(each, environment) for each in expression.atoms(sp.Sum)}
    return expression.xreplace(found) if found else expression


def _total(series: sp.Sum, environment: Mapping[Any, Any]) -> sp.Float:
    """A series as a number, where its terms fall fast enough for as many of them as are looked at."""
    body, (by, first, last) = series.function, series.limits[0]
    if body.has(sp.Sum, sp.Integral):
        raise CannotEvaluate("a series within another")
    with mpmath.workdps(DIGITS):
        begin = _whole(first, environment)
        end = None if last == sp.oo else _whole(last, environment)
        total = mpmath.mpf(0)
        for place in range(begin, begin + MOST_TERMS):
            if end is not None and place > end:
                return sp.Float(total, DIGITS)
            term = evaluate(body, {**environment, by: place}, DIGITS)
            total += term
            if end is None and abs(term) <= WITHIN * WITHIN and place > begin + 2:
                return sp.Float(total, DIGITS)
    raise ValueError("the terms do not fall fast enough")


def _whole(limit: sp.Expr, environment: Mapping[Any, Any]) -> int:
    """The whole number at which a sum begins or ends."""
    value = evaluate(limit, environment, DIGITS)
    if value != int(value):
        raise CannotEvaluate("a series from elsewhere than a whole number")
    return int(value)


def _quadrature(integral: sp.Integral, environment: Mapping[Any, Any]) -> sp.Float:
    body, (by, *limits) = integral.function, integral.limits[0]
    if len(integral.limits) > 1 or body.has(sp.Integral) or len(limits) != 2:
        raise CannotEvaluate("an integral within an integral")
    with mpmath.workdps(DIGITS):
        lower, upper = (_limit(each, environment) for each in limits)
        for method in METHODS[mpmath.isinf(lower) or mpmath.isinf(upper)]:
            value, error = mpmath.quad(
                lambda place: evaluate(body, {**environment, by: place}, DIGITS),
                [lower, upper],
                error=True,
                method=method,
            )
            if mpmath.isfinite(value) and error <= WITHIN * max(1, abs(value)):
                return sp.Float(value, DIGITS)
        raise CannotEvaluate("the integral has no value, or not one that quadrature finds")


def _limit(limit: sp.Expr, environment: Mapping[Any, Any]) -> Any:
    if limit in (sp.oo, -sp.oo):
        return mpmath.inf if limit == sp.oo else -mpmath.inf
    return evaluate(limit, environment, DIGITS)


@cache
def _legendre(count: int) -> tuple[Any, Any]:
    return np.polynomial.legendre.leggauss(count)


def integral(body: Callable[[torch.Tensor], torch.Tensor], lower: torch.Tensor, upper: torch.Tensor) -> torch.Tensor:
    """Gauss and Legendre's rule; an infinite limit is drawn to 1 by x = t / (1 - t²)."""
    import torch

    infinite = [bool(torch.isinf(each)) for each in (lower, upper)]
    if any(infinite):
        a, b = (_drawn_in(each) for each in (lower, upper))
    else:
        a, b = lower, upper
    nodes, weights = _legendre(NODES_TO_INFINITY if any(infinite) else NODES)
    total = torch.zeros((), dtype=torch.float64)
    for node, weight in zip(nodes, weights, strict=True):
        t = (a + b) / 2 + (b - a) / 2 * node
        stretched = (1 + t * t) / (1 - t * t) ** 2 if any(infinite) else 1.0
        total = total + weight * stretched * body(t / (1 - t * t) if any(infinite) else t)
    return (b - a) / 2 * total


def _drawn_in(limit: torch.Tensor) -> torch.Tensor:
    """The t for which t / (1 - t²) is the limit."""
    import torch

    if torch.isinf(limit):
        return torch.sign(limit)
    return 2 * limit / (1 + torch.sqrt(1 + 4 * limit * limit))


def series(body: Callable[[float], torch.Tensor], first: int, last: int | None = None) -> torch.Tensor:
    """The sum of the terms to the last one, or until they fall below rounding."""
    if last is not None:
        return sum((body(float(place)) for place in range(first, last + 1)), 0 * body(float(first)))
    total = body(float(first))
    for place in range(first + 1, first + MOST_TERMS):
        term = body(float(place))
        total = total + term
        if float(term.abs().max()) <= SMALLEST and place > first + 2:
            return total
    raise CannotEvaluate("the terms do not fall fast enough")


def limit(body: Callable[[float], torch.Tensor], toward: float, side: str) -> torch.Tensor:
    """The value that polynomials through ever nearer points take at the limit; from both sides where none is given."""
    import torch

    if np.isinf(toward):
        return _extrapolated(lambda step: body(np.sign(toward) / step), FIRST_FAR_STEP, NEARER)

    def from_side(sign: float) -> torch.Tensor:
        return _extrapolated(lambda step: body(toward + sign * step), FIRST_STEP)

    found = [from_side(sign) for sign in ((1.0,) if side == "+" else (-1.0,) if side == "-" else (1.0, -1.0))]
    if not torch.allclose(found[0], found[-1], rtol=SETTLED, atol=SETTLED):
        raise CannotEvaluate("the limits from both sides differ")
    return torch.stack(found).mean(0)


def _extrapolated(body: Callable[[float], torch.Tensor], first: float, otherwise: float = 0.0) -> torch.Tensor:
    """The value at 0; where the farthest points overflow, by fewer of them that `otherwise` begins."""
    import torch

    steps = [first / 2**place for place in range(STEPS)]
    row = [body(step) for step in steps]
    if otherwise and not all(bool(torch.isfinite(each).all()) for each in row):
        steps = [otherwise / 2**place for place in range(FEWER_STEPS)]
        row = [body(step) for step in steps]
    before = row
    for order in range(1, len(steps)):
        before = row
        row = [
            (steps[place] * row[place + 1] - steps[place + order] * row[place]) / (steps[place] - steps[place + order])
            for place in range(len(row) - 1)
        ]
    if not torch.allclose(row[0], before[-1], rtol=SETTLED, atol=SETTLED):
        raise CannotEvaluate("the limit does not settle")
    return row[0]
