"""Powers, roots, exponentials and logarithms, entry by entry."""

from __future__ import annotations

from functools import partial

import sympy as sp
import torch
from sympy.codegen.cfunctions import expm1, log1p

from gradcheck.symbolic.domains import NONZERO, POSITIVE, UNIT_INTERVAL
from gradcheck.symbolic.elementwise import elementwise, entries, pairwise
from gradcheck.symbolic.formula import Edge
from gradcheck.symbolic.functions import sigmoid, softplus

TOPIC = "powers and logarithms"
DLMF = "NIST Digital Library of Mathematical Functions"
one_input, two_inputs = partial(elementwise, topic=TOPIC), partial(pairwise, topic=TOPIC)

FAR = entries("inputs of ±800", 800.0, -800.0, 0.5)
TINY = entries("inputs of 1e-8 and 1e8", 1e-8, 1e8, 1.0)
LN2, LN10 = sp.log(2), sp.log(10)

POWERS = (
    one_input(
        "square",
        "Square",
        lambda t: t**2,
        lambda t: 2 * t,
        torch.square,
        edges=(FAR, entries("an input of 0", 0.0, 1.0)),
        source="Spivak, Calculus, chapter 10",
    ),
    one_input(
        "cube",
        "Cube",
        lambda t: t**3,
        lambda t: 3 * t**2,
        lambda x: torch.pow(x, 3),
        edges=(FAR, entries("an input of 0", 0.0, 1.0)),
        source="Spivak, Calculus, chapter 10",
    ),
    one_input(
        "reciprocal",
        "Reciprocal",
        lambda t: 1 / t,
        lambda t: -1 / t**2,
        torch.reciprocal,
        domain=NONZERO,
        edges=(FAR, entries("inputs near the pole", 1e-3, -1e-3)),
        kinks="x = 0 is a pole: torch returns inf, and -inf as its slope",
        source="Spivak, Calculus, chapter 10",
    ),
    one_input(
        "square_root",
        "Square root",
        sp.sqrt,
        lambda t: 1 / (2 * sp.sqrt(t)),
        torch.sqrt,
        domain=POSITIVE,
        edges=(TINY,),
        kinks="x = 0: the slope is infinite, torch says inf, and nan once that is multiplied by 0",
        source="Spivak, Calculus, chapter 12",
    ),
    one_input(
        "reciprocal_square_root",
        "Reciprocal square root",
        lambda t: 1 / sp.sqrt(t),
        lambda t: -(t ** sp.Rational(-3, 2)) / 2,
        torch.rsqrt,
        domain=POSITIVE,
        edges=(entries("inputs of 0.01 and 800", 0.01, 800.0),),
        kinks="x = 0: neither the function nor its slope is finite",
        source="PyTorch documentation, torch.rsqrt",
    ),
    two_inputs(
        "power",
        "Power",
        lambda a, b: a**b,
        (lambda a, b: b * a ** (b - 1), lambda a, b: sp.log(a) * a**b),
        torch.pow,
        domains=(POSITIVE, NONZERO),
        edges=(
            Edge("an exponent of 0", {"x": [2.0, 0.5], "y": [0.0, 1.0]}),
            Edge("a base of 1", {"x": [1.0, 1.0], "y": [3.0, -800.0]}),
        ),
        kinks="a base of 0: torch takes the slope 0 by the exponent where the exponent is at least 0",
        source=f"{DLMF}, section 4.7",
    ),
)

EXPONENTIALS = (
    one_input(
        "exponential",
        "Exponential",
        sp.exp,
        sp.exp,
        torch.exp,
        edges=(entries("inputs of -800 and 20", -800.0, 20.0, 0.0),),
        kinks="none; above 709.78 the result is inf in double precision",
        source=f"{DLMF}, section 4.7",
    ),
    one_input(
        "exponential_base_2",
        "Power of two",
        lambda t: 2**t,
        lambda t: LN2 * 2**t,
        torch.exp2,
        edges=(entries("inputs of -800 and 20", -800.0, 20.0, 0.0),),
        source=f"{DLMF}, section 4.7",
    ),
    one_input(
        "exponential_less_1",
        "Exponential less 1, right for small inputs",
        expm1,
        sp.exp,
        torch.expm1,
        edges=(entries("inputs of -800 and 20", -800.0, 20.0), entries("inputs of ±1e-12", 1e-12, -1e-12)),
        source="PyTorch documentation, torch.expm1",
    ),
)

LOGARITHMS = (
    one_input(
        "logarithm",
        "Natural logarithm",
        sp.log,
        lambda t: 1 / t,
        torch.log,
        domain=POSITIVE,
        edges=(TINY,),
        kinks="x = 0 is a pole: torch returns -inf, and inf as its slope",
        source=f"{DLMF}, section 4.7",
    ),
    one_input(
        "logarithm_base_2",
        "Logarithm to base 2",
        lambda t: sp.log(t) / LN2,
        lambda t: 1 / (t * LN2),
        torch.log2,
        domain=POSITIVE,
        edges=(TINY,),
        kinks="x = 0 is a pole",
        source="PyTorch documentation, torch.log2",
    ),
    one_input(
        "logarithm_base_10",
        "Logarithm to base 10",
        lambda t: sp.log(t) / LN10,
        lambda t: 1 / (t * LN10),
        torch.log10,
        domain=POSITIVE,
        edges=(TINY,),
        kinks="x = 0 is a pole",
        source="PyTorch documentation, torch.log10",
    ),
    one_input(
        "logarithm_of_1_plus",
        "Logarithm of 1 + x, right for small inputs",
        log1p,
        lambda t: 1 / (1 + t),
        torch.log1p,
        domain=POSITIVE,
        edges=(entries("inputs of ±1e-12", 1e-12, -1e-12), entries("inputs of 1e8 and -0.99", 1e8, -0.99)),
        kinks="x = -1 is a pole",
        source="PyTorch documentation, torch.log1p",
    ),
    one_input(
        "logit",
        "Log-odds",
        lambda t: sp.log(t / (1 - t)),
        lambda t: 1 / (t * (1 - t)),
        torch.logit,
        domain=UNIT_INTERVAL,
        edges=(entries("near-certain inputs", 1e-6, 1 - 1e-6, 0.5),),
        kinks="0 and 1 are poles",
        source="Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, section 4.4",
    ),
    one_input(
        "entropy_term",
        "Term of an entropy -x log x",
        lambda t: -t * sp.log(t),
        lambda t: -sp.log(t) - 1,
        torch.special.entr,
        domain=POSITIVE,
        edges=(entries("inputs of 1e-8 and 1/e", 1e-8, 0.36787944117144233),),
        kinks="x = 0: the value is 0, the slope is infinite",
        source="Cover and Thomas, Elements of Information Theory, section 2.1",
    ),
    two_inputs(
        "x_log_y",
        "x log y",
        lambda a, b: a * sp.log(b),
        (lambda _, b: sp.log(b), lambda a, b: a / b),
        torch.xlogy,
        domains=(POSITIVE, POSITIVE),
        edges=(Edge("an x of 0", {"x": [0.0, 1.0], "y": [0.5, 2.0]}),),
        kinks="x = y = 0: the value is 0 by convention, torch takes the slope 0 by x and nan by y",
        source="PyTorch documentation, torch.special.xlogy",
    ),
    two_inputs(
        "x_log_1_plus_y",
        "x log(1 + y)",
        lambda a, b: a * log1p(b),
        (lambda _, b: log1p(b), lambda a, b: a / (1 + b)),
        torch.special.xlog1py,
        domains=(POSITIVE, POSITIVE),
        edges=(Edge("an x of 0 and a small y", {"x": [0.0, 1.0], "y": [0.5, 1e-12]}),),
        source="PyTorch documentation, torch.special.xlog1py",
    ),
    two_inputs(
        "log_add_exp",
        "log(exp x + exp y)",
        lambda a, b: a + softplus(b - a),
        (lambda a, b: sigmoid(a - b), lambda a, b: sigmoid(b - a)),
        torch.logaddexp,
        edges=(
            Edge("inputs of ±800", {"x": [800.0, -800.0, 800.0], "y": [-800.0, 800.0, 800.0]}),
            Edge("a tie", {"x": [0.5, -1.0], "y": [0.5, -1.0]}),
        ),
        source="Boyd and Vandenberghe, Convex Optimization, section 3.1.5",
    ),
    two_inputs(
        "log_add_exp_base_2",
        "Logarithm to base 2 of a sum of powers of two",
        lambda a, b: a + softplus((b - a) * LN2) / LN2,
        (lambda a, b: sigmoid((a - b) * LN2), lambda a, b: sigmoid((b - a) * LN2)),
        torch.logaddexp2,
        edges=(
            Edge("inputs of ±800", {"x": [800.0, -800.0, 800.0], "y": [-800.0, 800.0, 800.0]}),
            Edge("a tie", {"x": [0.5, -1.0], "y": [0.5, -1.0]}),
        ),
        source="PyTorch documentation, torch.logaddexp2",
    ),
)

FORMULAS = POWERS + EXPONENTIALS + LOGARITHMS
