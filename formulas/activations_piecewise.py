"""The activations of torch.nn.functional that are straight but for kinks and jumps, with their options."""

from __future__ import annotations

from functools import partial

import sympy as sp
from torch.nn import functional

from gradcheck.symbolic.domains import NONZERO, POSITIVE, Domain
from gradcheck.symbolic.elementwise import elementwise, entries
from gradcheck.symbolic.formula import Edge, Formula
from gradcheck.symbolic.piecewise import cases
from gradcheck.symbolic.tensors import delta, dimension, index, scalar, tensor

activation = partial(elementwise, topic="activations")
a, strength, threshold, value = scalar("a"), scalar("λ"), scalar("τ"), scalar("v")
low, high = scalar("low"), scalar("high")
m, n = dimension("m n")
i, j = index("i j")
X, w = tensor("X", m, n), tensor("w", n)

FAR = entries("inputs of ±800", 800.0, -800.0, 0.5)
BELOW = Domain("numbers around -1", lambda generator, shape, _: generator.uniform(-1.2, -0.6, shape))
ABOVE = Domain("numbers around 1", lambda generator, shape, _: generator.uniform(0.6, 1.2, shape))
MOBILENET = "Howard et al., Searching for MobileNetV3 (2019), section 5.2"
RECTIFIERS = "Xu et al., Empirical Evaluation of Rectified Activations in Convolutional Network (2015)"


def within(t: sp.Expr, bottom: sp.Expr, top: sp.Expr) -> sp.Expr:
    """t kept between two bounds."""
    return cases((bottom, t <= bottom), (top, t >= top), otherwise=t)


def inside(t: sp.Expr, bottom: sp.Expr, top: sp.Expr, slope: sp.Expr = sp.S.One) -> sp.Expr:
    """A slope strictly between two bounds, 0 at and beyond them."""
    return cases((sp.S.Zero, t <= bottom), (sp.S.Zero, t >= top), otherwise=slope)


BOUNDED = (
    activation(
        "relu6",
        "Rectified linear unit capped at 6",
        lambda t: within(t, sp.S.Zero, sp.Integer(6)),
        lambda t: inside(t, sp.S.Zero, sp.Integer(6)),
        functional.relu6,
        edges=(FAR, entries("inputs of 0 and 6", 0.0, 6.0, 3.0, kink=True)),
        kinks="at 0 and 6 any slope between 0 and 1 lies between the two, torch takes 0",
        source="Krizhevsky, Convolutional Deep Belief Networks on CIFAR-10 (2010)",
    ),
    activation(
        "hardtanh",
        "Clamp between two bounds, with slope 0 at them",
        lambda t: within(t, low, high),
        lambda t: inside(t, low, high),
        functional.hardtanh,
        options={low: BELOW, high: ABOVE},
        edges=(
            entries("inputs of ±800", 800.0, -800.0, 0.5, low=-1.0, high=1.0),
            entries("inputs at the bounds", 1.0, -1.0, 0.5, kink=True, low=-1.0, high=1.0),
        ),
        kinks="at both bounds any slope between 0 and 1 lies between the two, torch takes 0 (clamp takes 1)",
        source="PyTorch documentation, torch.nn.functional.hardtanh",
    ),
    activation(
        "hardsigmoid",
        "Piecewise linear sigmoid",
        lambda t: within(t / 6 + sp.S.Half, sp.S.Zero, sp.S.One),
        lambda t: inside(t, sp.Integer(-3), sp.Integer(3), sp.Rational(1, 6)),
        functional.hardsigmoid,
        edges=(FAR, entries("inputs of ±3", 3.0, -3.0, 0.0, kink=True)),
        kinks="at ±3 any slope between 0 and 1/6 lies between the two, torch takes 0",
        deviations=dict.fromkeys(
            ("reverse", "forward"), "autograd rounds 1/6 to single precision: the slope is right to eight digits only"
        ),
        source="PyTorch documentation, torch.nn.functional.hardsigmoid",
    ),
    activation(
        "hardswish",
        "Piecewise quadratic swish",
        lambda t: cases((sp.S.Zero, t <= -3), (t, t >= 3), otherwise=t * (t + 3) / 6),
        lambda t: cases((sp.S.Zero, t <= -3), (sp.S.One, t >= 3), otherwise=(2 * t + 3) / 6),
        functional.hardswish,
        edges=(FAR, entries("inputs of ±3", 3.0, -3.0, 0.0, kink=True)),
        kinks="at -3 slopes -1/2 and 0 meet and torch takes 0; at 3 slopes 3/2 and 1 meet and torch takes 1",
        source=MOBILENET,
    ),
)

SHRINKING = (
    activation(
        "threshold",
        "Threshold: the input above τ, the value v elsewhere",
        lambda t: cases((t, t > threshold), otherwise=value),
        lambda t: cases((sp.S.One, t > threshold), otherwise=sp.S.Zero),
        functional.threshold,
        options={threshold: POSITIVE, value: NONZERO},
        edges=(
            entries("inputs of ±800", 800.0, -800.0, 0.5, τ=0.25, v=3.0),
            entries("an input at the threshold", 0.25, 1.0, jump=True, τ=0.25, v=3.0),
            entries("an input at the threshold, which is the value", 0.25, 1.0, kink=True, τ=0.25, v=0.25),
        ),
        kinks="jumps at τ unless v = τ, where it has a kink; torch takes the slope 0 there",
        source="PyTorch documentation, torch.nn.functional.threshold",
    ),
    activation(
        "hardshrink",
        "Hard shrinkage: the input outside [-λ, λ], 0 inside",
        lambda t: cases((t, t > strength), (t, t < -strength), otherwise=sp.S.Zero),
        lambda t: cases((sp.S.One, t > strength), (sp.S.One, t < -strength), otherwise=sp.S.Zero),
        functional.hardshrink,
        options=(strength,),
        edges=(
            entries("inputs of ±800", 800.0, -800.0, 0.25, λ=0.5),
            entries("inputs of ±λ", 0.5, -0.5, 2.0, jump=True, λ=0.5),
        ),
        kinks="jumps by λ at ±λ, torch takes the slope 0 there",
        source="Donoho and Johnstone, Ideal Spatial Adaptation by Wavelet Shrinkage (1994)",
    ),
    activation(
        "softshrink",
        "Soft shrinkage: the input moved towards 0 by λ",
        lambda t: cases((t - strength, t > strength), (t + strength, t < -strength), otherwise=sp.S.Zero),
        lambda t: cases((sp.S.One, t > strength), (sp.S.One, t < -strength), otherwise=sp.S.Zero),
        functional.softshrink,
        options=(strength,),
        edges=(
            entries("inputs of ±800", 800.0, -800.0, 0.25, λ=0.5),
            entries("inputs of ±λ", 0.5, -0.5, 2.0, kink=True, λ=0.5),
        ),
        kinks="at ±λ any slope between 0 and 1 lies between the two, torch takes 0",
        source="Donoho and Johnstone, Ideal Spatial Adaptation by Wavelet Shrinkage (1994)",
    ),
)

LEAKY = (
    Formula(
        name="prelu",
        title="Parametric rectified linear unit, one slope a channel",
        topic="activations",
        definition=cases((X[i, j], X[i, j] > 0), otherwise=w[j] * X[i, j]),
        variables=(X, w),
        output={i: m, j: n},
        torch=functional.prelu,
        stated={
            "X": lambda row, column: delta(i, row) * delta(j, column) * cases((sp.S.One, X[i, j] > 0), otherwise=w[j]),
            "w": lambda k: delta(j, k) * cases((sp.S.Zero, X[i, j] > 0), otherwise=X[i, j]),
        },
        edges=(
            Edge("inputs of ±800", {"X": [[800.0, -800.0], [-800.0, 0.5]], "w": [0.25, 0.5]}),
            Edge("an input of 0", {"X": [[0.0, -1.0], [2.0, 0.5]], "w": [0.25, 0.5]}, kink=True),
        ),
        kinks="x = 0: any slope between w and 1 is a subgradient, torch takes w",
        deviations={"X": {"forward": "at x = 0 forward mode takes the slope 1, reverse mode takes w"}},
        source="He et al., Delving Deep into Rectifiers (2015), eq. 1",
    ),
    activation(
        "rrelu",
        "Randomised leaky rectified linear unit when not training",
        lambda t: cases((t, t > 0), otherwise=(low + high) / 2 * t),
        lambda t: cases((sp.S.One, t > 0), otherwise=(low + high) / 2),
        lambda x, lower, upper: functional.rrelu(x, lower, upper, training=False),
        options={low: POSITIVE, high: Domain("numbers above 3", lambda g, shape, _: g.uniform(3.0, 4.0, shape))},
        edges=(
            entries("inputs of ±800", 800.0, -800.0, 0.5, low=0.125, high=0.375),
            entries("an input of 0", 0.0, 1.5, kink=True, low=0.125, high=0.375),
        ),
        kinks="x = 0: any slope between (low + high)/2 and 1 lies between the two, torch takes the former",
        source=RECTIFIERS,
    ),
)

FORMULAS = BOUNDED + SHRINKING + LEAKY
