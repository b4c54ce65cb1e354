"""An expression, given as text, as a function of one of its variables."""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import sympy as sp

from gradcheck.errors import UnknownName, UsageError
from gradcheck.pictures.line import Line, as_number, evaluated, span_around
from gradcheck.pictures.point import Given
from gradcheck.symbolic.parser import parse, variables
from gradcheck.symbolic.printing import text
from gradcheck.symbolic.tracing.derivative import compile_numpy, gradient

AT = 1.0
"""Where an expression is looked at unless told otherwise."""


def expression_line(source: str, wrt: str | None = None, at: Given | None = None) -> Line:
    """The expression as a function of `wrt`, or of the one variable that `at` leaves open.

    Raises ParseError where the text is no expression, UsageError where a variable has no value or a name is unknown.

    >>> cubic = expression_line("a*x**3", at={"a": 1, "x": 2}, wrt="x")
    >>> cubic.value(2.0), cubic.slope(2.0), int(cubic.exact_slope(2.0))
    (8.0, 12.0, 12)
    """
    expression, given = parse(source), {name: _number(name, value) for name, value in (at or {}).items()}
    moving = _moving(source, wrt, given)
    symbol, point = sp.Symbol(moving, real=True), given.get(moving, AT)
    others = {name: value for name, value in given.items() if name != moving}
    held = expression.xreplace({sp.Symbol(name, real=True): sp.Float(value) for name, value in others.items()})
    (derivative,) = gradient(held, [symbol])
    compiled = compile_numpy([symbol], [held, derivative])
    return Line(
        title=text(expression),
        name="f",
        variable=moving,
        at=point,
        span=span_around(point),
        value=lambda t: as_number(compiled(np.asarray(t))[0]),
        slope=lambda t: float(as_number(compiled(np.asarray(t))[1])),
        exact_slope=lambda t: evaluated(derivative, {symbol: mp.mpf(t)}),
        fixed=", ".join(f"{name} = {value:g}" for name, value in others.items()),
    )


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise UsageError(f"at: {name} must be one finite number, got {value!r}")
    return float(value)


def _moving(source: str, wrt: str | None, at: Given) -> str:
    """The variable that moves; UsageError where it cannot be told, or where another variable has no value."""
    names = variables(source)
    if not names:
        raise UsageError(f"{source} has no variable; write an expression such as x**2*sin(x)")
    for name in [*at, *([wrt] if wrt else [])]:
        if name not in names:
            raise UnknownName("variable of the expression", name, names, f"it has {', '.join(names)}")
    free = [name for name in names if name not in at]
    if wrt is None and not free and len(names) > 1:
        raise UsageError(f"wrt: choose the variable that moves: {', '.join(names)}")
    moving = wrt or (free or names)[0]
    if missing := [name for name in free if name != moving]:
        raise UsageError(f"at: the expression also depends on {', '.join(missing)}; give each a value")
    return moving
