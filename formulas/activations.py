"""Linear maps and activation functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
import torch
from torch.nn import functional

from gradcheck.symbolic.formula import Edge, Formula
from gradcheck.symbolic.functions import relu, sigmoid, softplus, step
from gradcheck.symbolic.tensors import delta, dimension, index, scalar, sum_over, tensor

m, n = dimension("m n")
i = index("i")
x = tensor("x", n)
W, b = tensor("W", m, n), tensor("b", m)
weight, inputs, bias = scalar("w"), scalar("x"), scalar("b")
a = scalar("a")

FAR = Edge("inputs of ±800", {"x": [800.0, -800.0, 0.5]})
ZERO = Edge("an input of 0", {"x": [0.0, 1.5, -0.5]})
KINK = Edge("an input of 0", {"x": [0.0, 1.5, -0.5]}, kink=True)

GELU_SOURCE = "Hendrycks and Gimpel, Gaussian Error Linear Units (2016), section 2"
GELU_CUBIC = sp.Rational(44715, 10**6)


def gelu_tanh_argument(t: sp.Expr) -> sp.Expr:
    """What the tanh approximation of GELU takes the tanh of."""
    return sp.sqrt(2 / sp.pi) * (t + GELU_CUBIC * t**3)


def gelu_tanh_slope(t: sp.Expr) -> sp.Expr:
    """The derivative of the tanh approximation of GELU, by the product rule."""
    saturation = sp.tanh(gelu_tanh_argument(t))
    inner = sp.sqrt(2 / sp.pi) * (1 + 3 * GELU_CUBIC * t**2)
    return (1 + saturation) / 2 + t * (1 - saturation**2) * inner / 2


def activation(
    name: str,
    title: str,
    function: Callable[[sp.Expr], sp.Expr],
    slope: Callable[[sp.Expr], sp.Expr],
    *,
    counterpart: Callable[[Any], Any],
    source: str,
    edges: tuple[Edge, ...] = (FAR, ZERO),
    kinks: str = "",
) -> Formula:
    """A function applied to each entry of a vector: its Jacobian is the diagonal matrix of its slopes."""
    return Formula(
        name=name,
        title=title,
        topic="activations",
        definition=function(x[i]),
        variables=(x,),
        output={i: n},
        torch=counterpart,
        stated={"x": lambda j: delta(i, j) * slope(x[i])},
        edges=edges,
        kinks=kinks,
        source=source,
    )


LINEAR = (
    Formula(
        name="linear_scalar",
        title="Line",
        topic="linear",
        definition=weight * inputs + bias,
        variables=(weight, inputs, bias),
        torch=lambda w, x, b: w * x + b,
        stated={"w": lambda: inputs, "x": lambda: weight, "b": lambda: sp.S.One},
        source="Goodfellow, Bengio and Courville, Deep Learning, section 5.1.4",
    ),
    Formula(
        name="linear",
        title="Linear layer",
        topic="linear",
        definition=sum_over(n, lambda k: W[i, k] * x[k]) + b[i],
        variables=(W, x, b),
        output={i: m},
        torch=lambda W, x, b: functional.linear(x, W, b),
        stated={
            "W": lambda row, column: delta(i, row) * x[column],
            "x": lambda j: W[i, j],
            "b": lambda j: delta(i, j),
        },
        source="Goodfellow, Bengio and Courville, Deep Learning, section 6.5.4",
    ),
)

PIECEWISE_LINEAR = (
    activation(
        "relu",
        "Rectified linear unit",
        function=relu,
        slope=step,
        counterpart=functional.relu,
        source="Nair and Hinton, Rectified Linear Units Improve Restricted Boltzmann Machines (2010)",
        edges=(FAR, KINK),
        kinks="x = 0: any slope in [0, 1] is a subgradient, torch takes 0",
    ),
    Formula(
        name="leaky_relu",
        title="Leaky rectified linear unit",
        topic="activations",
        definition=a * x[i] + (1 - a) * relu(x[i]),
        variables=(x, a),
        wrt=("x",),
        output={i: n},
        torch=lambda x, a: functional.leaky_relu(x, a.detach().item()),
        stated={"x": lambda j: delta(i, j) * (step(x[i]) + a * (1 - step(x[i])))},
        edges=tuple(Edge(edge.name, {**edge.point, "a": 0.01}, edge.kink) for edge in (FAR, KINK)),
        kinks="x = 0: any slope between a and 1 is a subgradient, torch takes a",
        source="Maas, Hannun and Ng, Rectifier Nonlinearities Improve Neural Network Acoustic Models (2013)",
    ),
)

SMOOTH = (
    activation(
        "sigmoid",
        "Logistic sigmoid",
        function=sigmoid,
        slope=lambda t: sigmoid(t) * (1 - sigmoid(t)),
        counterpart=torch.sigmoid,
        source="Bishop, Pattern Recognition and Machine Learning, eq. 4.88",
    ),
    activation(
        "tanh",
        "Hyperbolic tangent",
        function=sp.tanh,
        slope=lambda t: 1 - sp.tanh(t) ** 2,
        counterpart=torch.tanh,
        source="Bishop, Pattern Recognition and Machine Learning, eq. 5.60",
    ),
    activation(
        "softplus",
        "Softplus",
        function=softplus,
        slope=sigmoid,
        counterpart=functional.softplus,
        kinks="none; torch returns x itself above its threshold of 20, off by at most 2.1e-9 there",
        source="Dugas et al., Incorporating Second-Order Functional Knowledge for Better Option Pricing (2001)",
    ),
    activation(
        "gelu",
        "Gaussian error linear unit",
        function=lambda t: t * (1 + sp.erf(t / sp.sqrt(2))) / 2,
        slope=lambda t: (1 + sp.erf(t / sp.sqrt(2))) / 2 + t * sp.exp(-(t**2) / 2) / sp.sqrt(2 * sp.pi),
        counterpart=functional.gelu,
        source=GELU_SOURCE,
    ),
    activation(
        "gelu_tanh",
        "Gaussian error linear unit, tanh approximation",
        function=lambda t: t * (1 + sp.tanh(gelu_tanh_argument(t))) / 2,
        slope=gelu_tanh_slope,
        counterpart=lambda x: functional.gelu(x, approximate="tanh"),
        source=GELU_SOURCE,
    ),
    activation(
        "silu",
        "Sigmoid linear unit (swish)",
        function=lambda t: t * sigmoid(t),
        slope=lambda t: sigmoid(t) * (1 + t * (1 - sigmoid(t))),
        counterpart=functional.silu,
        source="Elfwing, Uchibe and Doya, Sigmoid-Weighted Linear Units (2017), section 2",
    ),
)

FORMULAS = LINEAR + PIECEWISE_LINEAR + SMOOTH
