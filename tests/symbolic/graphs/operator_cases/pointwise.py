"""Operators that are applied entry by entry, with broadcasting."""

from __future__ import annotations

import torch

from tests.symbolic.graphs.operator_cases.case import Case, all_of, between, places, real, together

ANYWHERE = (
    *("abs", "asinh", "atan", "ceil", "cos", "cosh", "deg2rad", "erf", "erfc", "exp", "exp2", "expm1", "floor"),
    *("frac", "neg", "rad2deg", "round", "sgn", "sigmoid", "sign", "sin", "sinh", "tanh", "trunc"),
)
INTERVALS: dict[tuple[str, ...], tuple[float, float]] = {
    ANYWHERE: (-2.0, 2.0),
    ("acos", "asin", "atanh", "erfinv"): (-0.9, 0.9),
    ("log", "log10", "log2", "log1p", "reciprocal", "rsqrt", "sqrt"): (0.2, 3.0),
    ("acosh",): (1.2, 3.0),
    ("tan",): (-1.2, 1.2),
}
PAIR = real((2, 3), (3,))
POSITIVE = between(0.3, 2.5, (2, 3), (3,))

CASES = {
    **{name: case for names, interval in INTERVALS.items() for name, case in all_of(names, *interval).items()},
    "alias": Case(torch.ops.aten.alias, real((2, 3))),
    "clone": Case(torch.clone, real((2, 3))),
    "detach": Case(lambda x, c: c.double().detach() * x, together(real((2, 3)), places(3, 2, 3))),
    "lift_fresh_copy": Case(lambda x: x * torch.tensor(2.5), real((2, 3))),
    "_to_copy": Case(lambda x, c: (x > 0).double() * x + c.double(), together(real((2, 3)), places(3, 2, 3))),
    "fill.Scalar": Case(lambda x: torch.fill(x, 2.5) * x, real((2, 3))),
    "fill.Tensor": Case(torch.fill, real((2, 3), ())),
    "add.Tensor": Case(lambda a, b: torch.add(a, b, alpha=2), PAIR),
    "add.Scalar": Case(lambda a: torch.ops.aten.add.Scalar(a, 0.3), real((2, 3))),
    "sub.Tensor": Case(lambda a, b: torch.sub(a, b, alpha=2), PAIR),
    "sub.Scalar": Case(lambda a: torch.ops.aten.sub.Scalar(a, 0.3), real((2, 3))),
    "rsub.Tensor": Case(lambda a, b: torch.rsub(a, b, alpha=2), PAIR),
    "rsub.Scalar": Case(lambda a: torch.ops.aten.rsub.Scalar(a, 0.3, 2), real((2, 3))),
    "mul.Tensor": Case(torch.mul, PAIR),
    "mul.Scalar": Case(lambda a: torch.ops.aten.mul.Scalar(a, 0.3), real((2, 3))),
    "div.Tensor": Case(torch.div, between(0.3, 2.0, (2, 3), (2, 1))),
    "div.Scalar": Case(lambda a: torch.ops.aten.div.Scalar(a, 0.3), real((2, 3))),
    "div.Tensor_mode": Case(lambda a, b: a * torch.div(a, b, rounding_mode="trunc"), real((2, 3), (3,))),
    "div.Scalar_mode": Case(lambda a: a * torch.ops.aten.div.Scalar_mode(a, 0.3, rounding_mode="floor"), real((2, 3))),
    "floor_divide": Case(lambda a, b: a * torch.floor_divide(b, 2), together(real((2, 3)), places(7, 3))),
    "pow.Tensor_Tensor": Case(torch.pow, POSITIVE),
    "pow.Tensor_Scalar": Case(lambda a: a**3 + a**2, real((2, 3))),
    "pow.Scalar": Case(lambda a: 2.5**a, real((2, 3))),
    "round.decimals": Case(lambda a: a * torch.round(a, decimals=1), real((2, 3))),
    "remainder.Tensor": Case(torch.remainder, PAIR),
    "remainder.Scalar": Case(lambda a: a % 0.7, real((2, 3))),
    "fmod.Tensor": Case(torch.fmod, PAIR),
    "fmod.Scalar": Case(lambda a: torch.fmod(a, 0.7), real((2, 3))),
    "lerp.Scalar": Case(lambda a, b: torch.lerp(a, b, 0.3), PAIR),
    "lerp.Tensor": Case(lambda a, b: torch.lerp(a, b, a), PAIR),
    "copysign.Tensor": Case(torch.copysign, PAIR),
    "copysign.Scalar": Case(lambda a: torch.copysign(a, -2.0), real((2, 3))),
    "ldexp.Tensor": Case(torch.ldexp, together(real((2, 3)), places(3, 3))),
    "atan2": Case(torch.atan2, PAIR),
    "hypot": Case(torch.hypot, PAIR),
}
