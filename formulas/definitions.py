"""The three kinds of first derivative that textbooks define before any rule, each on a smooth example."""

from __future__ import annotations

import sympy as sp
import torch

from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.tensors import dimension, index, scalar, sum_over, tensor

m, n = dimension("m n")
i = index("i")
u, x, c = tensor("u", n), tensor("x", n), tensor("c", n)
A, X = tensor("A", m, n), tensor("X", m, n)
t = scalar("t")

TOTAL = sum_over(n, lambda k: x[k])

FORMULAS = (
    Formula(
        name="scalar_by_vector",
        title="Gradient of a scalar by a vector",
        topic="definitions",
        definition=sum_over(n, lambda k: u[k] * sp.sin(x[k])) + TOTAL**2 / 2,
        variables=(x, u),
        wrt=("x",),
        torch=lambda x, u: u @ torch.sin(x) + x.sum() ** 2 / 2,
        stated={"x": lambda j: u[j] * sp.cos(x[j]) + TOTAL},
        source="Magnus and Neudecker, Matrix Differential Calculus, chapter 5",
    ),
    Formula(
        name="scalar_by_matrix",
        title="Gradient of a scalar by a matrix, in the layout of the matrix",
        topic="definitions",
        definition=sum_over(m, lambda k: sum_over(n, lambda r: A[k, r] * X[k, r] ** 2)),
        variables=(X, A),
        wrt=("X",),
        torch=lambda X, A: torch.sum(A * X**2),
        stated={"X": lambda row, column: 2 * A[row, column] * X[row, column]},
        source="Petersen and Pedersen, The Matrix Cookbook (2012), section 2.5",
    ),
    Formula(
        name="vector_by_scalar",
        title="Derivative of a vector by a scalar",
        topic="definitions",
        definition=u[i] * sp.exp(c[i] * t),
        variables=(t, u, c),
        wrt=("t",),
        output={i: n},
        torch=lambda t, u, c: u * torch.exp(c * t),
        stated={"t": lambda: u[i] * c[i] * sp.exp(c[i] * t)},
        source="Petersen and Pedersen, The Matrix Cookbook (2012), chapter 2",
    ),
)
