"""Operators that are applied entry by entry, with broadcasting: arithmetic, powers, functions of one number."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import sympy as sp
import torch
from sympy.codegen.cfunctions import expm1, log1p

from gradcheck.symbolic.functions import absolute, held, real_power, sigmoid, sign
from gradcheck.symbolic.graphs.indices import remainder as remainder_of_index
from gradcheck.symbolic.graphs.operators import Operator
from gradcheck.symbolic.graphs.refusals import NotTraceable
from gradcheck.symbolic.graphs.tensors import GraphTensor, as_tensor, broadcast_to, elementwise, number
from gradcheck.symbolic.piecewise import cases
from gradcheck.symbolic.tracing.scalars import condition, exact, is_condition
from gradcheck.symbolic.tracing.special import Rounded


def square_root(x: sp.Expr) -> sp.Expr:
    """√x."""
    return real_power(x, sp.Rational(1, 2))


UNARY: dict[str, Callable[[sp.Expr], sp.Expr]] = {
    "abs": absolute,
    "acos": sp.acos,
    "acosh": sp.acosh,
    "asin": sp.asin,
    "asinh": sp.asinh,
    "atan": sp.atan,
    "atanh": sp.atanh,
    "ceil": lambda x: _rounded(x, 1),
    "cos": sp.cos,
    "cosh": sp.cosh,
    "deg2rad": lambda x: x * sp.pi / 180,
    "erf": sp.erf,
    "erfc": sp.erfc,
    "erfinv": sp.erfinv,
    "exp": sp.exp,
    "exp2": lambda x: 2**x,
    "expm1": expm1,
    "floor": lambda x: _rounded(x, -1),
    "frac": lambda x: x - _rounded(x, 2),
    "log": sp.log,
    "log10": lambda x: sp.log(x) / sp.log(10),
    "log1p": log1p,
    "log2": lambda x: sp.log(x) / sp.log(2),
    "neg": lambda x: -x,
    "rad2deg": lambda x: x * 180 / sp.pi,
    "reciprocal": lambda x: 1 / x,
    "round": lambda x: _rounded(x, 0),
    "rsqrt": lambda x: 1 / square_root(x),
    "sgn": sign,
    "sigmoid": sigmoid,
    "sign": sign,
    "sin": sp.sin,
    "sinh": sp.sinh,
    "sqrt": square_root,
    "tan": sp.tan,
    "tanh": sp.tanh,
    "trunc": lambda x: _rounded(x, 2),
}
"""Functions of one number."""

SAME: tuple[str, ...] = ("alias", "clone", "lift_fresh_copy")
"""Operators that copy."""


def _rounded(x: sp.Expr, direction: int) -> sp.Expr:
    return x if x.is_integer else Rounded(x, direction)


def mapped(function: Callable[..., Any]) -> Operator:
    """The operator that applies a function to every entry; further arguments are the function's own.

    >>> n = sp.Symbol("n", integer=True, positive=True)
    >>> mapped(sp.exp)(GraphTensor((n,), lambda i: 2 * i)).entry(sp.Symbol("i"))
    exp(2*i)
    """

    def operator(x: Any, *arguments: Any, **keywords: Any) -> GraphTensor:
        return elementwise(lambda a: function(number(a), *arguments, **keywords), x)

    return operator


def paired(function: Callable[..., Any]) -> Operator:
    """The operator that applies a function of two numbers to the entries of two tensors, or a tensor and a number."""

    def operator(a: Any, b: Any) -> GraphTensor:
        return elementwise(lambda p, q: function(number(p), number(q)), a, b)

    return operator


def _same(x: Any, **_: Any) -> Any:
    return x


def detached(entry: Any) -> Any:
    """The entry, held constant in derivatives; what has none is left as it is."""
    if is_condition(entry) or entry.is_integer or all(symbol.is_integer for symbol in entry.free_symbols):
        return entry
    return held(entry.xreplace({inner: inner.args[0] for inner in entry.atoms(held)}))


def cast(x: GraphTensor, *, dtype: torch.dtype | None = None, **_: Any) -> GraphTensor:
    """The entries as another kind of number: whole numbers are cut off, a boolean says whether an entry is not 0."""
    if dtype is None:
        return x
    if dtype == torch.bool:
        return elementwise(condition, x)
    if dtype.is_complex:
        raise NotTraceable("it makes complex numbers", "write it with real and imaginary parts")
    kind = number if dtype.is_floating_point else lambda a: _rounded(number(a), 2)
    return elementwise(kind, x)


def filled(x: GraphTensor, value: Any) -> GraphTensor:
    """A number everywhere in the shape of x."""
    return broadcast_to(as_tensor(value), x.shape)


def add(a: Any, b: Any, *, alpha: Any = 1) -> GraphTensor:
    """a + alpha b."""
    return elementwise(lambda p, q: number(p) + exact(alpha) * number(q), a, b)


def subtract(a: Any, b: Any, *, alpha: Any = 1) -> GraphTensor:
    """a - alpha b."""
    return add(a, b, alpha=-alpha)


def reverse_subtract(a: Any, b: Any, alpha: Any = 1) -> GraphTensor:
    """b - alpha a."""
    return add(b, a, alpha=-alpha)


multiply = paired(lambda a, b: a * b)
divide = paired(lambda a, b: a / b)
power = paired(real_power)


def divide_rounded(a: Any, b: Any, *, rounding_mode: str | None = None) -> GraphTensor:
    """a / b, rounded down or towards zero where asked for."""
    direction = {"floor": -1, "trunc": 2}.get(rounding_mode or "")
    quotient = divide(a, b)
    return quotient if direction is None else elementwise(lambda q: _rounded(q, direction), quotient)


def round_to(x: Any, *, decimals: int = 0) -> GraphTensor:
    """Rounded to so many decimals, halves to the even digit."""
    scale = sp.Integer(10) ** decimals
    return elementwise(lambda a: Rounded(number(a) * scale, 0) / scale, x)


def remainder(direction: int) -> Operator:
    """a less a multiple of b: with the quotient rounded down, or towards zero; of a place on an axis the place left."""

    def of(a: sp.Expr, b: sp.Expr) -> sp.Expr:
        if a.is_integer and a.is_nonnegative and b.is_integer and b.is_positive:
            return remainder_of_index(a, b)
        return a - b * _rounded(a / b, direction)

    return paired(of)


def between(a: Any, b: Any, weight: Any) -> GraphTensor:
    """a + weight (b - a)."""
    return add(a, multiply(weight, subtract(b, a)))


def with_sign_of(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    """|a| with the sign of b; at 0 that is plus, though torch heeds the sign of a zero."""
    return cases((-absolute(a), b < 0), otherwise=absolute(a))


OPERATORS: dict[str, Operator] = {
    **{name: mapped(function) for name, function in UNARY.items()},
    **dict.fromkeys(SAME, _same),
    "detach": partial(elementwise, detached),
    "_to_copy": cast,
    **dict.fromkeys(("fill.Scalar", "fill.Tensor"), filled),
    **dict.fromkeys(("add.Tensor", "add.Scalar"), add),
    **dict.fromkeys(("sub.Tensor", "sub.Scalar"), subtract),
    **dict.fromkeys(("rsub.Tensor", "rsub.Scalar"), reverse_subtract),
    **dict.fromkeys(("mul.Tensor", "mul.Scalar"), multiply),
    **dict.fromkeys(("div.Tensor", "div.Scalar"), divide),
    **dict.fromkeys(("div.Tensor_mode", "div.Scalar_mode"), divide_rounded),
    "floor_divide": partial(divide_rounded, rounding_mode="floor"),
    **dict.fromkeys(("pow.Tensor_Tensor", "pow.Tensor_Scalar", "pow.Scalar"), power),
    "round.decimals": round_to,
    **dict.fromkeys(("remainder.Tensor", "remainder.Scalar"), remainder(-1)),
    **dict.fromkeys(("fmod.Tensor", "fmod.Scalar"), remainder(2)),
    **dict.fromkeys(("lerp.Scalar", "lerp.Tensor"), between),
    **dict.fromkeys(("copysign.Tensor", "copysign.Scalar"), paired(with_sign_of)),
    "ldexp.Tensor": paired(lambda a, b: a * 2**b),
    "atan2": paired(sp.atan2),
    "hypot": paired(lambda a, b: square_root(a**2 + b**2)),
}
