"""Operators that are applied entry by entry, with broadcasting."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p

from gradcheck.symbolic.functions import absolute, relu, sigmoid, sign, softplus
from gradcheck.symbolic.graphs.operators import Operator
from gradcheck.symbolic.graphs.tensors import GraphTensor, elementwise, number

UNARY: dict[str, Callable[[sp.Expr], sp.Expr]] = {
    "abs": absolute,
    "acos": sp.acos,
    "acosh": sp.acosh,
    "asin": sp.asin,
    "asinh": sp.asinh,
    "atan": sp.atan,
    "atanh": sp.atanh,
    "cos": sp.cos,
    "cosh": sp.cosh,
    "deg2rad": lambda x: x * sp.pi / 180,
    "erf": sp.erf,
    "erfc": sp.erfc,
    "erfinv": sp.erfinv,
    "exp": sp.exp,
    "exp2": lambda x: 2**x,
    "expm1": expm1,
    "lgamma": sp.loggamma,
    "digamma": sp.digamma,
    "log": sp.log,
    "log10": lambda x: sp.log(x) / sp.log(10),
    "log1p": log1p,
    "log2": lambda x: sp.log(x) / sp.log(2),
    "neg": lambda x: -x,
    "positive": lambda x: x,
    "rad2deg": lambda x: x * 180 / sp.pi,
    "reciprocal": lambda x: 1 / x,
    "relu": relu,
    "rsqrt": lambda x: 1 / sp.sqrt(x),
    "sgn": sign,
    "sigmoid": sigmoid,
    "sign": sign,
    "sin": sp.sin,
    "sinh": sp.sinh,
    "sqrt": sp.sqrt,
    "square": lambda x: x**2,
    "tan": sp.tan,
    "tanh": sp.tanh,
}
"""Functions of one number."""

SAME: tuple[str, ...] = ("alias", "clone", "contiguous", "detach", "lift_fresh_copy", "_to_copy")
"""Operators that copy."""


def _mapped(function: Callable[[sp.Expr], sp.Expr], x: Any) -> GraphTensor:
    return elementwise(lambda a: function(number(a)), x)


def _same(x: Any, **_: Any) -> Any:
    return x


def add(a: Any, b: Any, *, alpha: Any = 1) -> GraphTensor:
    """a + alpha b."""
    return elementwise(lambda p, q: number(p) + alpha * number(q), a, b)


def subtract(a: Any, b: Any, *, alpha: Any = 1) -> GraphTensor:
    """a - alpha b."""
    return add(a, b, alpha=-alpha)


def reverse_subtract(a: Any, b: Any, alpha: Any = 1) -> GraphTensor:
    """b - alpha a."""
    return add(b, a, alpha=-alpha)


def multiply(a: Any, b: Any) -> GraphTensor:
    """a b."""
    return elementwise(lambda p, q: number(p) * number(q), a, b)


def divide(a: Any, b: Any) -> GraphTensor:
    """a / b."""
    return elementwise(lambda p, q: number(p) / number(q), a, b)


def power(a: Any, b: Any) -> GraphTensor:
    """a to the power b."""
    return elementwise(lambda p, q: number(p) ** number(q), a, b)


def softplus_of(x: Any, beta: Any = 1, *_: Any) -> GraphTensor:
    """log(1 + exp(beta x)) / beta; from a threshold on torch takes x itself, which is the same to rounding."""
    return elementwise(lambda a: softplus(beta * number(a)) / beta, x)


BINARY: dict[str, Operator] = {
    "add": add,
    "div": divide,
    "mul": multiply,
    "pow": power,
    "rsub": reverse_subtract,
    "sub": subtract,
}
"""Operators on two tensors, or on a tensor and a number."""

OVERLOADS = ("Tensor", "Scalar", "Tensor_Scalar", "Tensor_Tensor")

OPERATORS: dict[str, Operator] = {
    **{name: partial(_mapped, function) for name, function in UNARY.items()},
    **dict.fromkeys(SAME, _same),
    **{f"{name}.{overload}": rule for name, rule in BINARY.items() for overload in OVERLOADS},
    "softplus": softplus_of,
}
