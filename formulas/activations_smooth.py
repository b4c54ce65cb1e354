"""The activations of torch.nn.functional without kinks, with their options."""

from __future__ import annotations

from functools import partial

import sympy as sp
import torch
from torch.nn import functional

from gradcheck.symbolic.elementwise import elementwise, entries
from gradcheck.symbolic.functions import absolute, sigmoid, softplus
from gradcheck.symbolic.piecewise import cases
from gradcheck.symbolic.tensors import scalar

activation = partial(elementwise, topic="activations")
a, beta, threshold = scalar("a"), scalar("β"), scalar("τ")

FAR, ZERO = entries("inputs of ±800", 800.0, -800.0, 0.5), entries("an input of 0", 0.0, 1.5, -0.5)
ELU_SOURCE = "Clevert, Unterthiner and Hochreiter, Fast and Accurate Deep Network Learning by ELUs (2016)"
SELU_ALPHA, SELU_SCALE = sp.Float("1.6732632423543772848170429916717"), sp.Float("1.0507009873554804934193349852946")


def elu(t: sp.Expr, alpha: sp.Expr) -> sp.Expr:
    """t above 0, and alpha (exp t - 1) elsewhere."""
    return cases((t, t > 0), otherwise=alpha * (sp.exp(t) - 1))


def elu_slope(t: sp.Expr, alpha: sp.Expr) -> sp.Expr:
    """1 above 0, and alpha exp t elsewhere."""
    return cases((sp.S.One, t > 0), otherwise=alpha * sp.exp(t))


def mish_slope(t: sp.Expr) -> sp.Expr:
    """The derivative of t tanh(softplus t), by the product rule."""
    saturation = sp.tanh(softplus(t))
    return saturation + t * sigmoid(t) * (1 - saturation**2)


EXPONENTIAL_LINEAR = (
    activation(
        "elu",
        "Exponential linear unit",
        lambda t: elu(t, a),
        lambda t: elu_slope(t, a),
        functional.elu,
        options=(a,),
        edges=(
            entries("inputs of ±800", 800.0, -800.0, 0.5, a=0.75),
            entries("an input of 0", 0.0, 1.5, kink=True, a=0.75),
            entries("an input of 0 where a is 1", 0.0, 1.5, a=1.0),
        ),
        kinks="x = 0 unless a = 1: any slope between a and 1 is a subgradient, torch takes a",
        source=ELU_SOURCE,
    ),
    activation(
        "selu",
        "Scaled exponential linear unit",
        lambda t: SELU_SCALE * elu(t, SELU_ALPHA),
        lambda t: SELU_SCALE * elu_slope(t, SELU_ALPHA),
        functional.selu,
        edges=(FAR, entries("an input of 0", 0.0, 1.5, kink=True)),
        kinks="x = 0: slopes 1.758 and 1.051 meet, torch takes the left one",
        source="Klambauer et al., Self-Normalizing Neural Networks (2017), eq. 2",
    ),
    activation(
        "celu",
        "Continuously differentiable exponential linear unit",
        lambda t: cases((t, t > 0), otherwise=a * (sp.exp(t / a) - 1)),
        lambda t: cases((sp.S.One, t > 0), otherwise=sp.exp(t / a)),
        functional.celu,
        options=(a,),
        edges=(
            entries("inputs of ±800", 800.0, -800.0, 0.5, a=0.5),
            entries("an input of 0", 0.0, 1.5, -0.5, a=0.5),
        ),
        kinks="none; the second derivative jumps at 0",
        deviations=dict.fromkeys(
            ("reverse", "forward"), "autograd rounds 1/a to single precision: the slope is right to eight digits only"
        ),
        source="Barron, Continuously Differentiable Exponential Linear Units (2017)",
    ),
)

SATURATING = (
    activation(
        "log_sigmoid",
        "Logarithm of the sigmoid",
        lambda t: -softplus(-t),
        lambda t: sigmoid(-t),
        functional.logsigmoid,
        edges=(FAR, ZERO),
        source="PyTorch documentation, torch.nn.functional.logsigmoid",
    ),
    activation(
        "mish",
        "Mish",
        lambda t: t * sp.tanh(softplus(t)),
        mish_slope,
        functional.mish,
        edges=(FAR, ZERO),
        source="Misra, Mish: A Self Regularized Non-Monotonic Activation Function (2020)",
    ),
    activation(
        "softplus_sharp",
        "Softplus with sharpness β, linear above the threshold τ",
        lambda t: cases((t, beta * t > threshold), otherwise=softplus(beta * t) / beta),
        lambda t: cases((sp.S.One, beta * t > threshold), otherwise=sigmoid(beta * t)),
        functional.softplus,
        options=(beta, threshold),
        edges=(
            entries("inputs of ±800", 800.0, -800.0, 0.5, β=2.0, τ=20.0),
            entries("inputs around a threshold of 2", 0.75, 1.5, -1.0, β=2.0, τ=2.0),
            entries("an input at a threshold of 2", 1.0, 0.5, jump=True, β=2.0, τ=2.0),
        ),
        kinks="at βx = τ the function jumps by log(1 + exp(-τ))/β, by 2e-9 with torch's own β = 1 and τ = 20",
        source="PyTorch documentation, torch.nn.functional.softplus",
    ),
    activation(
        "softsign",
        "Softsign",
        lambda t: t / (1 + absolute(t)),
        lambda t: 1 / (1 + absolute(t)) ** 2,
        functional.softsign,
        edges=(FAR, ZERO),
        kinks="none; the second derivative jumps at 0",
        source="PyTorch documentation, torch.nn.functional.softsign",
    ),
    activation(
        "tanhshrink",
        "Input less its hyperbolic tangent",
        lambda t: t - sp.tanh(t),
        lambda t: sp.tanh(t) ** 2,
        functional.tanhshrink,
        edges=(FAR, ZERO),
        source="PyTorch documentation, torch.nn.functional.tanhshrink",
    ),
    activation(
        "gelu_sigmoid",
        "Gaussian error linear unit, sigmoid approximation",
        lambda t: t * sigmoid(sp.Rational(1702, 1000) * t),
        lambda t: (
            sigmoid(sp.Rational(1702, 1000) * t)
            * (1 + sp.Rational(1702, 1000) * t * sigmoid(-sp.Rational(1702, 1000) * t))
        ),
        lambda x: x * torch.sigmoid(1.702 * x),
        edges=(FAR, ZERO),
        source="Hendrycks and Gimpel, Gaussian Error Linear Units (2016), section 2",
    ),
)

FORMULAS = EXPONENTIAL_LINEAR + SATURATING
