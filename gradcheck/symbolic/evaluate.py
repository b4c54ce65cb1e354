"""The value of an index expression to 40 digits: sums written out, nothing compiled, nothing differentiated.

This evaluator shares no code with the rules and the compiler, so that it can contradict them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import mpmath as mp
import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits

from gradcheck.symbolic import functions
from gradcheck.symbolic.tensors import Determinant, Inverse, LogSumExp

DIGITS = 40
STEP = mp.mpf(10) ** -13
Environment = Mapping[Any, Any]
"""Variable name -> array of numbers, dimension or index symbol -> integer."""

ELEMENTARY: dict[type, Callable[..., Any]] = {
    functions.sigmoid: lambda x: 1 / (1 + mp.exp(-x)),
    functions.softplus: lambda x: mp.log(1 + mp.exp(x)),
    functions.step: lambda x: mp.mpf(x > 0),
    functions.relu: lambda x: max(x, mp.mpf(0)),
    functions.sign: mp.sign,
    functions.absolute: abs,
    functions.clip: lambda x, c: max(-c, min(c, x)),
    functions.huber: lambda x, c: x * x / 2 if abs(x) <= c else c * (abs(x) - c / 2),
    **{
        getattr(sp, name): getattr(mp, name)
        for name in ("exp", "log", "sin", "cos", "tan", "tanh", "sinh", "cosh", "erf")
    },
}


def evaluate(expression: sp.Expr, environment: Environment) -> Any:
    """The value as an mpmath number of 40 digits.

    >>> from gradcheck.symbolic.tensors import dimension, sum_over, tensor
    >>> n = dimension("n")
    >>> x = tensor("x", n)
    >>> int(evaluate(sum_over(n, lambda k: x[k] ** 2), {n: 2, "x": [3, 4]}))
    25
    """
    with mp.workdps(DIGITS):
        return _evaluate(expression, environment)


def difference_quotient(expression: sp.Expr, variable: str, position: tuple[int, ...], environment: Environment) -> Any:
    """The central difference of the expression by one entry of a variable, right to about 25 digits."""
    with mp.workdps(DIGITS):
        ahead, behind = (_evaluate(expression, _moved(environment, variable, position, s * STEP)) for s in (1, -1))
        return (ahead - behind) / (2 * STEP)


def exact(values: Mapping[str, Any]) -> dict[str, dict[tuple[int, ...], Any]]:
    """Arrays by name as mappings from index tuples to exact numbers: converted once, evaluated often."""
    return {name: _entries(array) for name, array in values.items()}


def _moved(environment: Environment, variable: str, position: tuple[int, ...], by: Any) -> Environment:
    entries = _entries(environment[variable])
    return {**environment, variable: {**entries, position: entries[position] + by}}


def _entries(values: Any) -> dict[tuple[int, ...], Any]:
    """A tensor as a mapping from index tuples to exact numbers."""
    if isinstance(values, dict):
        return values
    shape = getattr(values, "shape", (len(values),) if isinstance(values, list) else ())
    at = values.__getitem__ if len(shape) != 1 else (lambda position: values[position[0]])
    return {position: mp.mpf(float(at(position) if shape else values)) for position in product(*map(range, shape))}


def _evaluate(e: sp.Expr, environment: Environment) -> Any:
    for kind, rule in RULES:
        if isinstance(e, kind):
            return rule(e, environment)
    if type(e) in ELEMENTARY:
        return ELEMENTARY[type(e)](*(_evaluate(argument, environment) for argument in e.args))
    raise TypeError(f"no value for {type(e).__name__}: {e}")


def _symbol(e: sp.Symbol, environment: Environment) -> Any:
    return mp.mpf(environment[e]) if e in environment else _entries(environment[e.name])[()]


def _indexed(e: sp.Indexed, environment: Environment) -> Any:
    position = tuple(int(_evaluate(index, environment)) for index in e.indices)
    return _entries(environment[str(e.base.label)])[position]


def _delta(e: sp.Expr, environment: Environment) -> Any:
    i, j = (_evaluate(index, environment) for index in e.args[:2])
    return mp.mpf(i == j)


def _terms(e: ExprWithLimits, environment: Environment) -> list[Any]:
    spans = [range(int(_evaluate(lo, environment)), int(_evaluate(hi, environment)) + 1) for _, lo, hi in e.limits]
    bound = [limit[0] for limit in e.limits]
    return [_evaluate(e.function, {**environment, **dict(zip(bound, at, strict=True))}) for at in product(*spans)]


def _matrix(e: Any, environment: Environment) -> Any:
    entries = _entries(environment[str(e.matrix.label)])
    n = 1 + max(row for row, _ in entries)
    return mp.matrix([[entries[i, j] for j in range(n)] for i in range(n)])


def _inverse(e: Inverse, environment: Environment) -> Any:
    i, j = (int(_evaluate(index, environment)) for index in e.indices)
    return mp.inverse(_matrix(e, environment))[i, j]


RULES: tuple[tuple[type, Callable[..., Any]], ...] = (
    (sp.Integer, lambda e, _: mp.mpf(int(e))),
    (sp.Rational, lambda e, _: mp.mpf(e.p) / e.q),
    (sp.Float, lambda e, _: mp.mpf(e._mpf_)),
    (sp.NumberSymbol, lambda e, _: mp.mpf(e.evalf(DIGITS)._mpf_)),
    (sp.Symbol, _symbol),
    (sp.Indexed, _indexed),
    (sp.KroneckerDelta, _delta),
    (sp.Sum, lambda e, environment: mp.fsum(_terms(e, environment))),
    (LogSumExp, lambda e, environment: mp.log(mp.fsum(map(mp.exp, _terms(e, environment))))),
    (Inverse, _inverse),
    (Determinant, lambda e, environment: mp.det(_matrix(e, environment))),
    (sp.Add, lambda e, environment: mp.fsum(_evaluate(term, environment) for term in e.args)),
    (sp.Mul, lambda e, environment: mp.fprod(_evaluate(factor, environment) for factor in e.args)),
    (sp.Pow, lambda e, environment: _evaluate(e.base, environment) ** _evaluate(e.exp, environment)),
)
"""How each kind of node is evaluated; the first kind that fits decides."""
