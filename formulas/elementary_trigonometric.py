"""Trigonometric and hyperbolic functions and their inverses, entry by entry."""

from __future__ import annotations

import math
from functools import partial

import sympy as sp
import torch

from gradcheck.symbolic.domains import NONZERO, Domain
from gradcheck.symbolic.elementwise import elementwise, entries, pairwise
from gradcheck.symbolic.formula import Edge
from gradcheck.symbolic.piecewise import cases

DLMF = "NIST Digital Library of Mathematical Functions"
trigonometric = partial(elementwise, topic="trigonometric functions")
hyperbolic = partial(elementwise, topic="hyperbolic functions")

FAR = entries("inputs of ±800", 800.0, -800.0, 0.5)
ZERO = entries("an input of 0", 0.0, 0.5)
QUARTERS = entries("0, π/2, π", 0.0, math.pi / 2, math.pi)
NEAR_ONE = entries("inputs of ±0.999", 0.999, -0.999, 0.0)

WITHIN_ONE = Domain("numbers between -1 and 1", lambda generator, shape, _: generator.uniform(-0.9, 0.9, shape))
ABOVE_ONE = Domain("numbers above 1", lambda generator, shape, _: generator.uniform(1.2, 3.0, shape))
WITHIN_QUARTER = Domain("numbers between -π/2 and π/2", WITHIN_ONE.draw)

TRIGONOMETRIC = (
    trigonometric("sine", "Sine", sp.sin, sp.cos, torch.sin, edges=(FAR, QUARTERS), source=f"{DLMF}, section 4.20"),
    trigonometric(
        "cosine",
        "Cosine",
        sp.cos,
        lambda t: -sp.sin(t),
        torch.cos,
        edges=(FAR, QUARTERS),
        source=f"{DLMF}, section 4.20",
    ),
    trigonometric(
        "tangent",
        "Tangent",
        sp.tan,
        lambda t: 1 / sp.cos(t) ** 2,
        torch.tan,
        domain=WITHIN_QUARTER,
        edges=(ZERO, entries("inputs near the pole", 1.56, -1.56), entries("another branch", 3.0, -4.0)),
        kinks="odd multiples of π/2 are poles",
        source=f"{DLMF}, section 4.20",
    ),
    trigonometric(
        "arcsine",
        "Inverse sine",
        sp.asin,
        lambda t: 1 / sp.sqrt(1 - t**2),
        torch.asin,
        domain=WITHIN_ONE,
        edges=(NEAR_ONE,),
        kinks="x = ±1: the slope is infinite, torch says inf",
        source=f"{DLMF}, section 4.24",
    ),
    trigonometric(
        "arccosine",
        "Inverse cosine",
        sp.acos,
        lambda t: -1 / sp.sqrt(1 - t**2),
        torch.acos,
        domain=WITHIN_ONE,
        edges=(NEAR_ONE,),
        kinks="x = ±1: the slope is infinite, torch says -inf",
        source=f"{DLMF}, section 4.24",
    ),
    trigonometric(
        "arctangent",
        "Inverse tangent",
        sp.atan,
        lambda t: 1 / (1 + t**2),
        torch.atan,
        edges=(FAR, ZERO),
        source=f"{DLMF}, section 4.24",
    ),
    pairwise(
        "arctangent_of_two",
        "Angle of the point (y, x)",
        sp.atan2,
        (lambda a, b: b / (a**2 + b**2), lambda a, b: -a / (a**2 + b**2)),
        torch.atan2,
        topic="trigonometric functions",
        domains=(NONZERO, NONZERO),
        edges=(
            Edge("inputs of ±800", {"x": [800.0, -800.0], "y": [0.5, -0.25]}),
            Edge("on an axis", {"x": [0.0, 1.0, -2.0], "y": [1.0, 0.0, 0.0]}),
            Edge("across the branch cut", {"x": [0.0, 0.5], "y": [-1.0, -0.5]}, jump=True),
        ),
        kinks="the angle jumps by 2π across x = 0 where y < 0, torch takes the slopes beside it, and 0 at the origin",
        source="PyTorch documentation, torch.atan2",
    ),
    trigonometric(
        "sinc",
        "Normalised sinc",
        lambda t: cases((sp.sin(sp.pi * t) / (sp.pi * t), sp.Ne(t, 0)), otherwise=sp.S.One),
        lambda t: cases(
            ((sp.pi * t * sp.cos(sp.pi * t) - sp.sin(sp.pi * t)) / (sp.pi * t**2), sp.Ne(t, 0)), otherwise=sp.S.Zero
        ),
        torch.sinc,
        edges=(ZERO, entries("whole numbers", 1.0, -2.0), FAR),
        kinks="none; at 0 the value 1 and the slope 0 are the limits",
        source="PyTorch documentation, torch.sinc",
    ),
)

HYPERBOLIC = (
    hyperbolic(
        "hyperbolic_sine",
        "Hyperbolic sine",
        sp.sinh,
        sp.cosh,
        torch.sinh,
        edges=(ZERO, entries("inputs of ±20", 20.0, -20.0)),
        kinks="none; beyond ±710.48 the result is infinite in double precision",
        source=f"{DLMF}, section 4.34",
    ),
    hyperbolic(
        "hyperbolic_cosine",
        "Hyperbolic cosine",
        sp.cosh,
        sp.sinh,
        torch.cosh,
        edges=(ZERO, entries("inputs of ±20", 20.0, -20.0)),
        kinks="none; beyond ±710.48 the result is infinite in double precision",
        source=f"{DLMF}, section 4.34",
    ),
    hyperbolic(
        "inverse_hyperbolic_sine",
        "Inverse hyperbolic sine",
        sp.asinh,
        lambda t: 1 / sp.sqrt(1 + t**2),
        torch.asinh,
        edges=(ZERO, FAR),
        source=f"{DLMF}, section 4.38",
    ),
    hyperbolic(
        "inverse_hyperbolic_cosine",
        "Inverse hyperbolic cosine",
        sp.acosh,
        lambda t: 1 / sp.sqrt(t**2 - 1),
        torch.acosh,
        domain=ABOVE_ONE,
        edges=(entries("inputs of 1.001 and 800", 1.001, 800.0),),
        kinks="x = 1: the slope is infinite",
        source=f"{DLMF}, section 4.38",
    ),
    hyperbolic(
        "inverse_hyperbolic_tangent",
        "Inverse hyperbolic tangent",
        sp.atanh,
        lambda t: 1 / (1 - t**2),
        torch.atanh,
        domain=WITHIN_ONE,
        edges=(NEAR_ONE,),
        kinks="±1 are poles",
        source=f"{DLMF}, section 4.38",
    ),
)

FORMULAS = TRIGONOMETRIC + HYPERBOLIC
