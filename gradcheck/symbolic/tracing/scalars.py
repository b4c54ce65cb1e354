"""Scalar functions of SymPy expressions by name: one table for math, NumPy, torch and strings."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p
from sympy.logic.boolalg import Boolean

from gradcheck.symbolic.functions import absolute, relu, sigmoid, sign, softplus, step
from gradcheck.symbolic.tracing.special import Euclidean, LogSumExp, Maximum, Rounded

Scalar = Callable[..., sp.Basic]

EXACT_INTEGERS = 2**53
DYADIC = 64
"""Floats that are integers or have a denominator up to this become exact, so that x**0.5 is a square root."""
DECIMAL_DIGITS = 60
FLOAT_BITS = 53
"""Digits of any other float, so that 3*0.1 and 0.3 agree as far as lines are compared."""


def exact(value: Any) -> sp.Basic:
    """A Python number, or a SymPy expression as it is, for use in expressions.

    >>> exact(0.5), exact(3.0)
    (1/2, 3)
    """
    if isinstance(value, sp.Basic):
        return value
    if isinstance(value, bool):
        return sp.true if value else sp.false
    if isinstance(value, int):
        return sp.Integer(value)
    value = float(value)
    if not math.isfinite(value) or abs(value) >= EXACT_INTEGERS:
        return sp.Float(value)
    fraction = Fraction(value)
    if fraction.denominator <= DYADIC:
        return sp.Rational(fraction.numerator, fraction.denominator)
    return decimal(value)


def decimal(value: float) -> sp.Float:
    """The decimal number that a float is written as.

    >>> abs(3 * decimal(0.1) - decimal(0.3)) < 1e-50
    True
    """
    return sp.Float(repr(value), DECIMAL_DIGITS)


def with_decimals(expression: sp.Expr) -> sp.Expr:
    """The expression with its floats as the decimal numbers that they are written as."""
    short = {each for each in expression.atoms(sp.Float) if each._prec <= FLOAT_BITS}
    return expression.xreplace({each: decimal(float(each)) for each in short}) if short else expression


def is_condition(value: Any) -> bool:
    """Whether an expression is true or false; SymPy's symbols count as both numbers and conditions."""
    return isinstance(value, Boolean) and not isinstance(value, sp.Expr)


def number(value: Any) -> sp.Expr:
    """The expression as a number: a condition counts 1 where it holds, else 0."""
    value = exact(value)
    if is_condition(value):
        return sp.Piecewise((sp.S.One, value), (sp.S.Zero, True))
    return value


def condition(value: Any) -> Boolean:
    """The expression as a condition: a number holds where it is not zero."""
    value = exact(value)
    return value if is_condition(value) else compare(sp.Ne, value, sp.S.Zero)


def compare(relation: Any, a: Any, b: Any) -> Boolean:
    """A comparison; SymPy decides it only between numbers, its assumptions on long expressions cost too much."""
    a, b = number(a), number(b)
    return relation(a, b, evaluate=bool(a.is_number and b.is_number))


def where(test: Any, a: Any, b: Any) -> sp.Expr:
    """`a` where the test holds, else `b`; the slope is that of the branch taken."""
    return sp.Piecewise((number(a), condition(test)), (number(b), True))


def clip(x: Any, low: Any = None, high: Any = None) -> sp.Expr:
    """x kept between two bounds, slope 1 at both as in torch."""
    pieces = [(exact(high), compare(sp.Gt, x, high))] if high is not None else []
    pieces += [(exact(low), compare(sp.Lt, x, low))] if low is not None else []
    return sp.Piecewise(*pieces, (x, True))


def _minimum(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    return -Maximum(-a, -b)


def _gelu(x: sp.Expr, approximate: str = "none") -> sp.Expr:
    if approximate == "tanh":
        return x / 2 * (1 + sp.tanh(sp.sqrt(2 / sp.pi) * (x + exact(0.044715) * x**3)))
    return x / 2 * (1 + sp.erf(x / sp.sqrt(2)))


def _elu(x: sp.Expr, alpha: Any = 1) -> sp.Expr:
    return where(compare(sp.Gt, x, 0), x, exact(alpha) * expm1(x))


def _softplus(x: sp.Expr, beta: Any = 1, threshold: Any = 20) -> sp.Expr:
    """torch's threshold only saves time: beyond it the two forms agree to rounding."""
    del threshold
    return softplus(exact(beta) * x) / exact(beta)


def _cube_root(x: sp.Expr) -> sp.Expr:
    return sign(x) * absolute(x) ** sp.Rational(1, 3)


def _within(x: sp.Expr, low: Any, high: Any) -> sp.Expr:
    """Clipped, with torch's slope 0 at the bounds of relu6 and hardtanh."""
    return sp.Piecewise((exact(high), compare(sp.Ge, x, high)), (exact(low), compare(sp.Le, x, low)), (x, True))


def _xlogy(x: sp.Expr, y: sp.Expr) -> sp.Expr:
    return sp.S.Zero if x == 0 else where(compare(sp.Eq, x, 0), 0, x * sp.log(y))


def _comparison(relation: Any) -> Scalar:
    return lambda a, b: compare(relation, a, b)


_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946

ONE_ARGUMENT: dict[str, Scalar] = {
    **{name: getattr(sp, name) for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "sqrt", "erf", "erfc")},
    **{name: getattr(sp, name) for name in ("asin", "acos", "atan", "asinh", "acosh", "atanh")},
    **{f"arc{name[1:]}": getattr(sp, name) for name in ("asin", "acos", "atan", "asinh", "acosh", "atanh")},
    "log1p": log1p,
    "expm1": expm1,
    "exp2": lambda x: 2**x,
    "log2": lambda x: sp.log(x) / sp.log(2),
    "log10": lambda x: sp.log(x) / sp.log(10),
    "square": lambda x: x**2,
    "negative": lambda x: -x,
    "positive": lambda x: x,
    "reciprocal": lambda x: 1 / x,
    "rsqrt": lambda x: 1 / sp.sqrt(x),
    "cbrt": _cube_root,
    "abs": absolute,
    "sign": sign,
    "floor": lambda x: Rounded(x, -1),
    "round": lambda x: Rounded(x, 0),
    "ceil": lambda x: Rounded(x, 1),
    "trunc": lambda x: Rounded(x, 2),
    "radians": lambda x: x * sp.pi / 180,
    "degrees": lambda x: x * 180 / sp.pi,
    "sigmoid": sigmoid,
    "relu": relu,
    "silu": lambda x: x * sigmoid(x),
    "softsign": lambda x: x / (1 + absolute(x)),
    "tanhshrink": lambda x: x - sp.tanh(x),
    "logsigmoid": lambda x: -softplus(-x),
    "mish": lambda x: x * sp.tanh(softplus(x)),
    "relu6": lambda x: _within(x, 0, 6),
    "selu": lambda x: exact(_SELU_SCALE) * _elu(x, _SELU_ALPHA),
}

MORE_ARGUMENTS: dict[str, Scalar] = {
    "log": lambda x, base=None: sp.log(x) if base is None else sp.log(x) / sp.log(exact(base)),
    "softplus": _softplus,
    "gelu": _gelu,
    "elu": _elu,
    "leaky_relu": lambda x, negative_slope=0.01: where(compare(sp.Gt, x, 0), x, exact(negative_slope) * x),
    "hardtanh": lambda x, min_val=-1, max_val=1: _within(x, min_val, max_val),
    "add": lambda x, y, alpha=1: x + exact(alpha) * y,
    "subtract": lambda x, y, alpha=1: x - exact(alpha) * y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "power": lambda x, y: x**y,
    "remainder": lambda x, y: x - y * Rounded(x / y, -1),
    "floor_divide": lambda x, y: Rounded(x / y, -1),
    "maximum": Maximum,
    "minimum": _minimum,
    "atan2": sp.atan2,
    "hypot": Euclidean,
    "logaddexp": LogSumExp,
    "xlogy": _xlogy,
    "heaviside": lambda x, value=0: where(compare(sp.Eq, x, 0), value, step(x)),
}

CONDITIONS: dict[str, Scalar] = {
    "greater": _comparison(sp.Gt),
    "greater_equal": _comparison(sp.Ge),
    "less": _comparison(sp.Lt),
    "less_equal": _comparison(sp.Le),
    "equal": _comparison(sp.Eq),
    "not_equal": _comparison(sp.Ne),
    "logical_and": lambda a, b: sp.And(condition(a), condition(b)),
    "logical_or": lambda a, b: sp.Or(condition(a), condition(b)),
    "logical_xor": lambda a, b: sp.And(sp.Or(condition(a), condition(b)), sp.Not(sp.And(condition(a), condition(b)))),
    "logical_not": lambda a: sp.Not(condition(a)),
}

TAKES_CONDITIONS: dict[str, Scalar] = {"where": where, "clip": clip}

ALIASES = {
    "neg": "negative", "absolute": "abs", "fabs": "abs", "sub": "subtract", "mul": "multiply", "div": "divide",
    "true_divide": "divide", "truediv": "divide", "pow": "power", "float_power": "power", "fmax": "maximum",
    "fmin": "minimum", "arctan2": "atan2", "clamp": "clip", "expit": "sigmoid", "swish": "silu",
    "log_sigmoid": "logsigmoid", "log_expit": "logsigmoid", "rad2deg": "degrees", "deg2rad": "radians", "rint": "round",
    "fix": "trunc", "mod": "remainder", "floordiv": "floor_divide", "gt": "greater", "ge": "greater_equal",
    "lt": "less", "le": "less_equal", "eq": "equal", "ne": "not_equal", "bitwise_and": "logical_and",
    "bitwise_or": "logical_or", "bitwise_xor": "logical_xor",
    "xor": "logical_xor", "bitwise_not": "logical_not", "invert": "logical_not", "and": "logical_and",
    "or": "logical_or",
}  # fmt: skip

SCALARS: dict[str, Scalar] = {**ONE_ARGUMENT, **MORE_ARGUMENTS, **CONDITIONS, **TAKES_CONDITIONS}
SCALARS |= {alias: SCALARS[name] for alias, name in ALIASES.items()}
KEEPS_CONDITIONS = frozenset({*CONDITIONS, *TAKES_CONDITIONS}) | {
    alias for alias, name in ALIASES.items() if name in CONDITIONS or name in TAKES_CONDITIONS
}
"""The functions that read their arguments themselves; for all others a condition is turned into a number first."""
