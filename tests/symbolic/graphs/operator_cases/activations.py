"""Activation functions."""

from __future__ import annotations

from torch.nn import functional

from tests.symbolic.graphs.operator_cases.case import Case, between, real

WIDE = between(-5.0, 5.0, (3, 4))
PLAIN = {
    "relu": functional.relu,
    "hardtanh": lambda x: functional.hardtanh(x) + functional.relu6(x) + functional.hardtanh(x, -2.5, 3),
    "hardswish": functional.hardswish,
    "leaky_relu": lambda x: functional.leaky_relu(x) + functional.leaky_relu(x, 0.25),
    "elu": lambda x: functional.elu(x, 0.5) + functional.selu(x),
    "gelu": lambda x: functional.gelu(x) + functional.gelu(x, approximate="tanh"),
    "silu": functional.silu,
    "mish": functional.mish,
    "softplus": lambda x: functional.softplus(x) + functional.softplus(x, 0.5),
    "softshrink": lambda x: functional.softshrink(x) + functional.softshrink(x, 1.5),
    "hardshrink": lambda x: functional.hardshrink(x) + functional.hardshrink(x, 1.5),
    "threshold": lambda x: functional.threshold(x, 0.5, 20.0),
    "log_sigmoid_forward": functional.logsigmoid,
}

CASES = {
    **{name: Case(function, WIDE) for name, function in PLAIN.items()},
    "hardsigmoid": Case(functional.hardsigmoid, WIDE, tolerance=1e-7),
    "celu": Case(lambda x: functional.celu(x, 0.3), WIDE, tolerance=1e-7),
    "_prelu_kernel": Case(functional.prelu, real((2, 3, 4), (3,))),
}
