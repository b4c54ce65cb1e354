"""Error functions, gamma functions, and the functions with kinks, entry by entry."""

from __future__ import annotations

from functools import partial

import sympy as sp
import torch

from gradcheck.symbolic.domains import NONZERO, POSITIVE, Domain
from gradcheck.symbolic.elementwise import elementwise, entries, pairwise
from gradcheck.symbolic.formula import Edge
from gradcheck.symbolic.functions import absolute, sign
from gradcheck.symbolic.piecewise import cases, larger, smaller
from gradcheck.symbolic.tensors import scalar

DLMF = "NIST Digital Library of Mathematical Functions"
special = partial(elementwise, topic="special functions")
kinked = partial(elementwise, topic="functions with kinks")
kinked_pair = partial(pairwise, topic="functions with kinks")

FAR = entries("inputs of ±800", 800.0, -800.0, 0.5)
ZERO = entries("an input of 0", 0.0, 0.5)
WITHIN_ONE = Domain("numbers between -1 and 1", lambda generator, shape, _: generator.uniform(-0.9, 0.9, shape))
low, high = scalar("low"), scalar("high")
BELOW = Domain("numbers around -1", lambda generator, shape, _: generator.uniform(-1.2, -0.6, shape))
ABOVE = Domain("numbers around 1", lambda generator, shape, _: generator.uniform(0.6, 1.2, shape))


def bell(t: sp.Expr) -> sp.Expr:
    """The derivative of the error function."""
    return 2 * sp.exp(-(t**2)) / sp.sqrt(sp.pi)


ERROR_FUNCTIONS = (
    special(
        "error_function", "Error function", sp.erf, bell, torch.erf, edges=(FAR, ZERO), source=f"{DLMF}, section 7.10"
    ),
    special(
        "complementary_error_function",
        "Complementary error function",
        sp.erfc,
        lambda t: -bell(t),
        torch.erfc,
        edges=(FAR, ZERO, entries("the far tail", 20.0, 5.0)),
        source=f"{DLMF}, section 7.10",
    ),
    special(
        "inverse_error_function",
        "Inverse error function",
        sp.erfinv,
        lambda t: sp.sqrt(sp.pi) * sp.exp(sp.erfinv(t) ** 2) / 2,
        torch.erfinv,
        domain=WITHIN_ONE,
        edges=(entries("inputs of ±0.999 and 0", 0.999, -0.999, 0.0),),
        kinks="±1 are poles",
        source=f"{DLMF}, section 7.17",
    ),
    special(
        "normal_distribution_function",
        "Distribution function of the standard normal",
        lambda t: sp.erfc(-t / sp.sqrt(2)) / 2,
        lambda t: sp.exp(-(t**2) / 2) / sp.sqrt(2 * sp.pi),
        torch.special.ndtr,
        edges=(FAR, ZERO),
        source="PyTorch documentation, torch.special.ndtr",
    ),
)

GAMMA_FUNCTIONS = (
    special(
        "log_gamma",
        "Logarithm of the gamma function",
        sp.loggamma,
        lambda t: sp.polygamma(0, t),
        torch.lgamma,
        domain=POSITIVE,
        edges=(entries("inputs of 0.01, 1, 2 and 800", 0.01, 1.0, 2.0, 800.0),),
        kinks="0 and the negative integers are poles",
        source=f"{DLMF}, section 5.2",
    ),
    special(
        "digamma",
        "Digamma function",
        lambda t: sp.polygamma(0, t),
        lambda t: sp.polygamma(1, t),
        torch.digamma,
        domain=POSITIVE,
        kinks="0 and the negative integers are poles",
        deviations=dict.fromkeys(
            ("reverse", "forward"),
            "autograd takes torch.polygamma(1, x) as the slope, which is right to nine digits only",
        ),
        source=f"{DLMF}, section 5.15",
    ),
)

KINKED = (
    kinked(
        "absolute_value",
        "Absolute value",
        absolute,
        sign,
        torch.abs,
        edges=(FAR, entries("an input of 0", 0.0, 1.5, kink=True)),
        kinks="x = 0: any slope in [-1, 1] is a subgradient, torch takes 0",
        source="Boyd and Vandenberghe, Subgradients (notes for EE364b), section 2",
    ),
    kinked(
        "sign",
        "Sign",
        sign,
        lambda _: sp.S.Zero,
        torch.sign,
        domain=NONZERO,
        edges=(FAR, entries("an input of 0", 0.0, 1.5, jump=True)),
        kinks="jumps at 0; torch takes the slope 0 everywhere",
        source="PyTorch documentation, torch.sign",
    ),
    kinked(
        "clamp",
        "Clamp between two bounds",
        lambda t: cases((low, t < low), (high, t > high), otherwise=t),
        lambda t: cases((sp.S.Zero, t < low), (sp.S.Zero, t > high), otherwise=sp.S.One),
        torch.clamp,
        options={low: BELOW, high: ABOVE},
        edges=(
            entries("inputs of ±800", 800.0, -800.0, 0.5, low=-1.0, high=1.0),
            entries("inputs at the bounds", 1.0, -1.0, 0.5, kink=True, low=-1.0, high=1.0),
        ),
        kinks="at both bounds any slope in [0, 1] is a subgradient, torch takes 1 (hardtanh takes 0)",
        source="PyTorch documentation, torch.clamp",
    ),
    kinked_pair(
        "maximum",
        "The larger of two",
        larger,
        (
            lambda a, b: cases((sp.S.One, a > b), (sp.S.Zero, a < b), otherwise=sp.S.Half),
            lambda a, b: cases((sp.S.Zero, a > b), (sp.S.One, a < b), otherwise=sp.S.Half),
        ),
        torch.maximum,
        edges=(Edge("a tie", {"x": [1.0, 2.0, -1.0], "y": [1.0, 0.5, 3.0]}, kink=True),),
        kinks="x = y: any slope in [0, 1] is a subgradient, torch takes 1/2 for both",
        source="PyTorch documentation, torch.maximum",
    ),
    kinked_pair(
        "minimum",
        "The smaller of two",
        smaller,
        (
            lambda a, b: cases((sp.S.One, a < b), (sp.S.Zero, a > b), otherwise=sp.S.Half),
            lambda a, b: cases((sp.S.Zero, a < b), (sp.S.One, a > b), otherwise=sp.S.Half),
        ),
        torch.minimum,
        edges=(Edge("a tie", {"x": [1.0, 2.0, -1.0], "y": [1.0, 0.5, 3.0]}, kink=True),),
        kinks="x = y: any slope between 0 and 1 lies between the two, torch takes 1/2 for both",
        source="PyTorch documentation, torch.minimum",
    ),
    kinked_pair(
        "fmax",
        "The larger of two, ties going to the first",
        lambda a, b: cases((a, a >= b), otherwise=b),
        (
            lambda a, b: cases((sp.S.One, a >= b), otherwise=sp.S.Zero),
            lambda a, b: cases((sp.S.Zero, a >= b), otherwise=sp.S.One),
        ),
        torch.fmax,
        edges=(Edge("a tie", {"x": [1.0, 2.0, -1.0], "y": [1.0, 0.5, 3.0]}, kink=True),),
        kinks="x = y: torch takes 1 for the first and 0 for the second, unlike torch.maximum",
        source="PyTorch documentation, torch.fmax",
    ),
    kinked_pair(
        "hypotenuse",
        "Hypotenuse",
        lambda a, b: sp.sqrt(a**2 + b**2),
        (lambda a, b: a / sp.sqrt(a**2 + b**2), lambda a, b: b / sp.sqrt(a**2 + b**2)),
        torch.hypot,
        domains=(NONZERO, NONZERO),
        edges=(
            Edge("inputs of ±800", {"x": [800.0, -800.0], "y": [0.5, -600.0]}),
            Edge("on an axis", {"x": [0.0, -2.0], "y": [1.0, 0.0]}),
        ),
        kinks="the origin: any slope of size up to 1 is a subgradient, torch says nan",
        source="PyTorch documentation, torch.hypot",
    ),
)

FORMULAS = ERROR_FUNCTIONS + GAMMA_FUNCTIONS + KINKED
