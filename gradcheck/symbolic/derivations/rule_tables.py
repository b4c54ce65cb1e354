"""The derivatives of the elementary functions, as a table: one row a function, one rule a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p

from gradcheck.symbolic import functions

STEWART = "Stewart, Calculus: Early Transcendentals, section"
DLMF = "NIST Digital Library of Mathematical Functions, section"
TORCH = "PyTorch documentation, torch.nn.functional; Nesterov, Lectures on Convex Optimization, section 3.1.6"


class Row(NamedTuple):
    """A function of one argument, its derivative, the function's name, a sentence, and where to read of it."""

    function: type
    slope: Callable[[sp.Expr], sp.Expr]
    title: str
    prose: str
    reference: str


TABLE: tuple[Row, ...] = (
    Row(sp.exp, sp.exp, "Exponential", "The exponential is its own derivative.", f"{STEWART} 3.1"),
    Row(
        sp.log,
        lambda u: 1 / u,
        "Logarithm",
        "The slope of the natural logarithm at u is one over u.",
        f"{STEWART} 3.6",
    ),
    Row(sp.sin, sp.cos, "Sine", "The derivative of the sine is the cosine.", f"{STEWART} 3.3"),
    Row(sp.cos, lambda u: -sp.sin(u), "Cosine", "The derivative of the cosine is minus the sine.", f"{STEWART} 3.3"),
    Row(
        sp.tan,
        lambda u: 1 + sp.tan(u) ** 2,
        "Tangent",
        "The derivative of the tangent is one plus its square, the squared secant.",
        f"{STEWART} 3.3",
    ),
    Row(
        sp.asin,
        lambda u: 1 / sp.sqrt(1 - u**2),
        "Arcsine",
        "The arcsine has the slope one over the root of 1 - u².",
        f"{STEWART} 3.5",
    ),
    Row(
        sp.acos,
        lambda u: -1 / sp.sqrt(1 - u**2),
        "Arccosine",
        "The arccosine falls as fast as the arcsine rises.",
        f"{STEWART} 3.5",
    ),
    Row(
        sp.atan,
        lambda u: 1 / (1 + u**2),
        "Arctangent",
        "The arctangent has the slope one over 1 + u².",
        f"{STEWART} 3.5",
    ),
    Row(
        sp.sinh,
        sp.cosh,
        "Hyperbolic sine",
        "The derivative of the hyperbolic sine is the hyperbolic cosine.",
        f"{STEWART} 3.11",
    ),
    Row(
        sp.cosh,
        sp.sinh,
        "Hyperbolic cosine",
        "The derivative of the hyperbolic cosine is the hyperbolic sine, without a change of sign.",
        f"{STEWART} 3.11",
    ),
    Row(
        sp.tanh,
        lambda u: 1 - sp.tanh(u) ** 2,
        "Hyperbolic tangent",
        "The derivative of the hyperbolic tangent is one less its square.",
        f"{STEWART} 3.11",
    ),
    Row(
        sp.asinh,
        lambda u: 1 / sp.sqrt(1 + u**2),
        "Inverse hyperbolic sine",
        "The inverse hyperbolic sine has the slope one over the root of 1 + u².",
        f"{STEWART} 3.11",
    ),
    Row(
        sp.acosh,
        lambda u: 1 / (sp.sqrt(u - 1) * sp.sqrt(u + 1)),
        "Inverse hyperbolic cosine",
        "The inverse hyperbolic cosine has the slope one over the root of u² - 1.",
        f"{STEWART} 3.11",
    ),
    Row(
        sp.atanh,
        lambda u: 1 / (1 - u**2),
        "Inverse hyperbolic tangent",
        "The inverse hyperbolic tangent has the slope one over 1 - u².",
        f"{STEWART} 3.11",
    ),
    Row(
        sp.erf,
        lambda u: 2 * sp.exp(-(u**2)) / sp.sqrt(sp.pi),
        "Error function",
        "The error function is the integral of a Gaussian, which is its derivative.",
        f"{DLMF} 7.10",
    ),
    Row(
        sp.erfc,
        lambda u: -2 * sp.exp(-(u**2)) / sp.sqrt(sp.pi),
        "Complementary error function",
        "What the error function gains, its complement loses.",
        f"{DLMF} 7.10",
    ),
    Row(
        sp.erfinv,
        lambda u: sp.sqrt(sp.pi) * sp.exp(sp.erfinv(u) ** 2) / 2,
        "Inverse error function",
        "The slope of an inverse is one over the slope of the function at that place.",
        f"{DLMF} 7.17",
    ),
    Row(
        sp.loggamma,
        lambda u: sp.polygamma(0, u),
        "Logarithm of the gamma function",
        "The derivative of log Γ is the digamma function.",
        f"{DLMF} 5.2",
    ),
    Row(
        expm1,
        sp.exp,
        "Exponential less one",
        "The constant 1 does not change the slope of the exponential.",
        f"{STEWART} 3.1",
    ),
    Row(
        log1p,
        lambda u: 1 / (1 + u),
        "Logarithm of one plus",
        "The slope of log(1 + u) is one over 1 + u.",
        f"{STEWART} 3.6",
    ),
)
"""SymPy's functions. Those of our own say their slopes themselves, in `functions.py`."""

TITLES: dict[type, str] = {
    functions.sigmoid: "Logistic sigmoid",
    functions.softplus: "Softplus",
    functions.step: "Step",
    functions.relu: "Rectifier",
    functions.sign: "Sign",
    functions.absolute: "Absolute value",
    functions.clip: "Clipping",
    functions.huber: "Huber's function",
    functions.held: "Held constant",
}
"""How our own functions are called; any other by its class's name."""

CONSTANTS: dict[type, int] = {functions.clip: 1, functions.huber: 1}
"""How many constants a function takes besides its argument, where it takes any."""
