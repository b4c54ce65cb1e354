"""The value of an index expression to 40 digits: sums written out, nothing compiled, nothing differentiated.

This evaluator shares no code with the rules and the compiler, so that it can contradict them.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import cache
from itertools import product
from typing import Any

import mpmath as mp
import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p
from sympy.concrete.expr_with_limits import ExprWithLimits

from gradcheck.symbolic import functions, indices, special_functions
from gradcheck.symbolic.exact_point import ExactPoint, entries
from gradcheck.symbolic.matrix_values import matrix_value
from gradcheck.symbolic.pending import Pending
from gradcheck.symbolic.piecewise import BY_CASES
from gradcheck.symbolic.tensors import ArgMax, LogSumExp, MatrixEntry, MatrixOf, MaxOver
from gradcheck.symbolic.tracing import special
from gradcheck.symbolic.whole_axes import ProductOver, SharedMax

DIGITS = 40
STEP = mp.mpf(10) ** -13
FINE_DIGITS, FINE_STEP = 120, mp.mpf(10) ** -40
"""For what varies so fast that the step is too long."""
UNMOVED = "the environment before anything was moved"
Environment = Mapping[Any, Any]
"""Variable name -> array of numbers, dimension or index symbol -> integer."""

ROUNDINGS: dict[int, Callable[[Any], Any]] = {
    -1: mp.floor,
    0: mp.nint,
    1: mp.ceil,
    2: lambda x: mp.floor(x) if x > 0 else mp.ceil(x),
}

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
        for name in (
            *("exp", "log", "sin", "cos", "tan", "tanh", "sinh", "cosh", "erf", "erfc", "erfinv", "loggamma"),
            *("asin", "acos", "atan", "atan2", "asinh", "acosh", "atanh"),
        )
    },
    special_functions.log_ndtr: lambda x: mp.log(mp.ncdf(x)),
    special_functions.ndtri: lambda p: mp.sqrt(2) * mp.erfinv(2 * p - 1),
    special_functions.erfcx: lambda x: mp.exp(x * x) * mp.erfc(x),
    special_functions.bessel_i0: lambda x: mp.besseli(0, x),
    special_functions.bessel_i1: lambda x: mp.besseli(1, x),
    sp.floor: mp.floor,
    sp.Min: min,
    sp.Max: max,
    sp.Mod: lambda a, b: a - b * mp.floor(a / b),
    indices.Quotient: lambda k, n: mp.floor(k / n),
    indices.Remainder: lambda k, n: k - n * mp.floor(k / n),
    indices.Within: lambda k, n: max(mp.mpf(0), min(k, n - 1)),
    special.Maximum: max,
    special.Equals: lambda a, b: mp.mpf(a == b),
    special.LogSumExp: lambda *values: mp.log(mp.fsum(map(mp.exp, values))),
    special.Ratio: lambda a, b: a / b if b else mp.mpf(0),
    special.Euclidean: lambda *values: mp.sqrt(mp.fsum(value * value for value in values)),
    special.Rounded: lambda x, direction: ROUNDINGS[int(direction)](x),
    expm1: mp.expm1,
    log1p: mp.log1p,
    sp.polygamma: mp.psi,
}

RELATIONS: dict[type, Callable[[Any, Any], bool]] = {
    sp.Gt: operator.gt,
    sp.Ge: operator.ge,
    sp.Lt: operator.lt,
    sp.Le: operator.le,
    sp.Eq: operator.eq,
    sp.Ne: operator.ne,
}


def evaluate(expression: sp.Expr, environment: Environment, digits: int = DIGITS) -> Any:
    """The value as an mpmath number of 40 digits, or as many as asked for.

    >>> from gradcheck.symbolic.tensors import dimension, sum_over, tensor
    >>> n = dimension("n")
    >>> x = tensor("x", n)
    >>> int(evaluate(sum_over(n, lambda k: x[k] ** 2), {n: 2, "x": [3, 4]}))
    25
    """
    with mp.workdps(digits):
        return _evaluate(expression, environment)


def difference_quotient(expression: sp.Expr, variable: str, position: tuple[int, ...], environment: Environment) -> Any:
    """The central difference of the expression by one entry of a variable, right to about 25 digits."""
    with mp.workdps(DIGITS):
        ahead, behind = (_evaluate(expression, _moved(environment, variable, position, s * STEP)) for s in (1, -1))
        return (ahead - behind) / (2 * STEP)


def exact(values: Mapping[str, Any]) -> dict[str, dict[tuple[int, ...], Any]]:
    """Arrays by name as mappings from index tuples to exact numbers: converted once, evaluated often."""
    return {name: entries(array) for name, array in values.items()}


class NoValue(TypeError):
    """An expression that the evaluator has no rule for."""

    def __init__(self, expression: sp.Expr) -> None:
        self.expression = expression
        super().__init__(f"no value for {type(expression).__name__}: {expression}")


def _within(environment: Environment, indices: Mapping[Any, Any]) -> Environment:
    return environment.within(indices) if isinstance(environment, ExactPoint) else {**environment, **indices}


def _moved(environment: Environment, variable: str, position: tuple[int, ...], by: Any) -> Environment:
    if isinstance(environment, ExactPoint):
        return environment.moved(variable, position, by)
    known = entries(environment[variable])
    unmoved = environment.get(UNMOVED, environment)
    return {**environment, variable: {**known, position: known[position] + by}, UNMOVED: unmoved}


def _held(e: sp.Expr, environment: Environment) -> Any:
    """The value where nothing is moved that derivatives are quotients by."""
    if isinstance(environment, ExactPoint):
        return _evaluate(e.args[0], environment.unmoved())
    tensors = {name: value for name, value in environment.get(UNMOVED, {}).items() if isinstance(name, str)}
    return _evaluate(e.args[0], {**environment, **tensors})


def _evaluate(e: sp.Expr, environment: Environment) -> Any:
    if e.args and isinstance(environment, ExactPoint):
        return environment.recall(e, lambda: _by_rule(e, environment))
    return _by_rule(e, environment)


def _by_rule(e: sp.Expr, environment: Environment) -> Any:
    rule = _rule(e.__class__)
    if rule is not None:
        return rule(e, environment)
    if type(e) in ELEMENTARY:
        return ELEMENTARY[type(e)](*(_evaluate(argument, environment) for argument in e.args))
    raise NoValue(e)


@cache
def _rule(kind: Any) -> Callable[..., Any] | None:
    return next((rule for each, rule in RULES if issubclass(kind, each)), None)


def _entry(name: str, position: tuple[int, ...], environment: Environment) -> Any:
    if isinstance(environment, ExactPoint):
        return environment.entry(name, position, _evaluate)
    return entries(environment[name])[position]


def _symbol(e: sp.Symbol, environment: Environment) -> Any:
    return mp.mpf(environment[e]) if e in environment else _entry(e.name, (), environment)


def _indexed(e: sp.Indexed, environment: Environment) -> Any:
    return _entry(*_name_and_position(e, environment), environment)


def _name_and_position(entry: sp.Expr, environment: Environment) -> tuple[str, tuple[int, ...]]:
    """Which entry of which variable a symbol or an indexed entry is, under the indices now bound."""
    if isinstance(entry, sp.Symbol):
        return entry.name, ()
    label = entry.base.label
    name = label.name if isinstance(label, sp.Symbol) else str(label)
    return name, tuple(_place(index, environment) for index in entry.indices)


def _place(index: sp.Expr, environment: Environment) -> int:
    """An index's value; most are symbols that are bound."""
    bound = environment.indices if isinstance(environment, ExactPoint) else environment
    is_bound = isinstance(index, sp.Symbol) and index in bound
    return int(bound[index] if is_bound else _evaluate(index, environment))


def _pending(e: Pending, environment: Environment) -> Any:
    at = _name_and_position(e.entry, environment)
    step = FINE_STEP if mp.mp.dps >= FINE_DIGITS else STEP
    ahead, behind = (_evaluate(e.function, _moved(environment, *at, s * step)) for s in (1, -1))
    return (ahead - behind) / (2 * step)


def _delta(e: sp.Expr, environment: Environment) -> Any:
    i, j = (_evaluate(index, environment) for index in e.args[:2])
    return mp.mpf(i == j)


def _terms(e: ExprWithLimits, environment: Environment) -> list[Any]:
    spans = [range(int(_evaluate(lo, environment)), int(_evaluate(hi, environment)) + 1) for _, lo, hi in e.limits]
    bound = [limit[0] for limit in e.limits]
    places = (_within(environment, dict(zip(bound, at, strict=True))) for at in product(*spans))
    return [_evaluate(e.function, place) for place in places]


def _matrix(e: MatrixEntry, environment: Environment) -> Any:
    n = int(_evaluate(e.size, environment))
    if not isinstance(e.matrix, MatrixOf):
        name = str(e.matrix.label)
        return mp.matrix([[_entry(name, (i, j), environment) for j in range(n)] for i in range(n)])
    row, column = e.matrix.bound_symbols
    rows = ([_within(environment, {row: i, column: j}) for j in range(n)] for i in range(n))
    return mp.matrix([[_evaluate(e.matrix.function, at) for at in places] for places in rows])


def _matrix_entry(e: MatrixEntry, environment: Environment) -> Any:
    position = tuple(int(_evaluate(index, environment)) for index in e.indices)
    return matrix_value(type(e), _matrix(e, environment), position)


def _max_over(e: MaxOver | SharedMax, environment: Environment) -> Any:
    return max(_terms(e, environment))


def _arg_max(e: ArgMax, environment: Environment) -> Any:
    terms = _terms(e, environment)
    return mp.mpf(terms.index(max(terms)))


def _cases(e: sp.Expr, environment: Environment) -> Any:
    return next(_evaluate(branch, environment) for branch, condition in e.args if _holds(condition, environment))


def _holds(condition: sp.Basic, environment: Environment) -> bool:
    if isinstance(condition, sp.And | sp.Or):
        every = all if isinstance(condition, sp.And) else any
        return every(_holds(part, environment) for part in condition.args)
    if condition in (sp.true, sp.false):
        return bool(condition)
    return RELATIONS[condition.func](*(_evaluate(side, environment) for side in condition.args))


RULES: tuple[tuple[Any, Callable[..., Any]], ...] = (
    (sp.Integer, lambda e, _: mp.mpf(int(e))),
    (sp.Rational, lambda e, _: mp.mpf(e.p) / e.q),
    (sp.core.numbers.Infinity | sp.core.numbers.NegativeInfinity, lambda e, _: mp.mpf(float(e))),
    (sp.Float, lambda e, _: mp.mpf(e._mpf_)),
    (sp.NumberSymbol, lambda e, _: mp.mpf(e.evalf(max(DIGITS, mp.mp.dps))._mpf_)),
    (Pending, _pending),
    (sp.Symbol, _symbol),
    (sp.Indexed, _indexed),
    (sp.KroneckerDelta, _delta),
    (sp.Sum, lambda e, environment: mp.fsum(_terms(e, environment))),
    (LogSumExp, lambda e, environment: mp.log(mp.fsum(map(mp.exp, _terms(e, environment))))),
    (MatrixEntry, _matrix_entry),
    (MaxOver | SharedMax, _max_over),
    (ProductOver, lambda e, environment: mp.fprod(_terms(e, environment))),
    (ArgMax, _arg_max),
    (functions.held, _held),
    (sp.Add, lambda e, environment: mp.fsum(_evaluate(term, environment) for term in e.args)),
    (sp.Mul, lambda e, environment: mp.fprod(_evaluate(factor, environment) for factor in e.args)),
    (sp.Pow, lambda e, environment: _evaluate(e.base, environment) ** _evaluate(e.exp, environment)),
    *((kind, _cases) for kind in BY_CASES),
)
"""How each kind of node is evaluated; the first kind that fits decides."""
