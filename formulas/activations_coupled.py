"""The activations of torch.nn.functional in which entries depend on one another: gates, softmin, normalisation."""

from __future__ import annotations

import sympy as sp
import torch
from torch.nn import functional

from gradcheck.symbolic.domains import NONZERO, POSITIVE
from gradcheck.symbolic.formula import Edge, Formula
from gradcheck.symbolic.functions import absolute, sigmoid, sign
from gradcheck.symbolic.tensors import delta, dimension, index, logsumexp, scalar, sum_over, tensor

n = dimension("n")
i = index("i")
x, y, z, g = (tensor(name, n) for name in "xyzg")
T, p = scalar("T"), scalar("p")


def softmin_at(k: sp.Expr) -> sp.Expr:
    """The k-th softmin probability."""
    return sp.exp(-z[k] - logsumexp(n, lambda l: -z[l]))


def gumbel_at(k: sp.Expr) -> sp.Expr:
    """The k-th probability of the softmax of the logits with noise, over the temperature."""
    return sp.exp((z[k] + g[k]) / T - logsumexp(n, lambda l: (z[l] + g[l]) / T))


SQUARED_NORM = sum_over(n, lambda k: x[k] ** 2)
POWER_SUM = sum_over(n, lambda k: absolute(x[k]) ** p)

FORMULAS = (
    Formula(
        name="glu",
        title="Gated linear unit, the input and its gate",
        topic="activations",
        definition=x[i] * sigmoid(y[i]),
        variables=(x, y),
        output={i: n},
        torch=lambda x, y: functional.glu(torch.cat([x, y])),
        stated={
            "x": lambda j: delta(i, j) * sigmoid(y[i]),
            "y": lambda j: delta(i, j) * x[i] * sigmoid(y[i]) * (1 - sigmoid(y[i])),
        },
        edges=(Edge("gates of ±800 and 0", {"x": [1.5, -2.0, 0.5], "y": [800.0, -800.0, 0.0]}),),
        source="Dauphin et al., Language Modeling with Gated Convolutional Networks (2017), eq. 1",
    ),
    Formula(
        name="softmin",
        title="Softmin",
        topic="softmax",
        definition=softmin_at(i),
        variables=(z,),
        output={i: n},
        torch=lambda z: functional.softmin(z, -1),
        stated={"z": lambda j: -softmin_at(i) * (delta(i, j) - softmin_at(j))},
        edges=(
            Edge("logits of ±800", {"z": [800.0, -800.0, 0.0]}),
            Edge("tied logits", {"z": [2.0, 2.0, 2.0]}),
        ),
        source="PyTorch documentation, torch.nn.functional.softmin",
    ),
    Formula(
        name="gumbel_softmax",
        title="Gumbel-softmax with its noise given",
        topic="softmax",
        definition=gumbel_at(i),
        variables=(z, g, T),
        wrt=("z",),
        output={i: n},
        domains={"T": POSITIVE},
        torch=lambda z, g, T: torch.softmax((z + g) / T, -1),
        stated={"z": lambda j: gumbel_at(i) * (delta(i, j) - gumbel_at(j)) / T},
        edges=(
            Edge("logits of ±800, cold", {"z": [800.0, -800.0, 0.0], "g": [0.5, 1.5, -0.25], "T": 0.5}),
            Edge("tied logits without noise", {"z": [1.0, 1.0], "g": [0.0, 0.0], "T": 1.0}),
        ),
        source="Jang, Gu and Poole, Categorical Reparameterization with Gumbel-Softmax (2017), eq. 2",
    ),
    Formula(
        name="normalize",
        title="Vector over its Euclidean norm",
        topic="activations",
        definition=x[i] / sp.sqrt(SQUARED_NORM),
        variables=(x,),
        output={i: n},
        domains={"x": NONZERO},
        torch=lambda x: functional.normalize(x, dim=-1),
        stated={"x": lambda j: (delta(i, j) - x[i] * x[j] / SQUARED_NORM) / sp.sqrt(SQUARED_NORM)},
        edges=(
            Edge("entries of ±800 and 0", {"x": [800.0, -800.0, 0.0]}),
            Edge("one entry", {"x": [-2.0]}),
        ),
        kinks="the origin: torch divides by 1e-12 there, and its slope is 1e12",
        source="PyTorch documentation, torch.nn.functional.normalize",
    ),
    Formula(
        name="normalize_p",
        title="Vector over its p-norm",
        topic="activations",
        definition=x[i] / POWER_SUM ** (1 / p),
        variables=(x, p),
        wrt=("x",),
        output={i: n},
        domains={"x": NONZERO, "p": POSITIVE},
        torch=lambda x, p: functional.normalize(x, p=p.detach().item(), dim=-1),
        stated={
            "x": lambda j: (
                (delta(i, j) - x[i] * sign(x[j]) * absolute(x[j]) ** (p - 1) / POWER_SUM) / POWER_SUM ** (1 / p)
            )
        },
        edges=(Edge("the sum of sizes", {"x": [2.0, -0.5, 1.0], "p": 1.0}),),
        kinks="an entry of 0 where p <= 1; the origin",
        source="PyTorch documentation, torch.nn.functional.normalize",
    ),
)
