"""Norms of vectors and matrices."""

from __future__ import annotations

import numpy as np
import sympy as sp
import torch

from gradcheck.symbolic.domains import NONZERO, Domain
from gradcheck.symbolic.formula import Edge, Formula
from gradcheck.symbolic.functions import absolute, sign
from gradcheck.symbolic.matrix_functions import Eigenvalue, Eigenvector
from gradcheck.symbolic.tensors import ArgMax, delta, dimension, index, matrix_of, max_over, scalar, sum_over, tensor

m, n = dimension("m n")
i = index("i")
x, p = tensor("x", n), scalar("p")
X, TALL = tensor("X", m, n), tensor("X", m + n, n)

TOPIC = "norms"
GOLUB = "Golub and Van Loan, Matrix Computations (4th edition)"
GRADED = Domain(
    "matrices whose rows and columns differ in size",
    lambda generator, shape, _: (
        generator.uniform(0.5, 1.0, shape)
        * generator.choice([-1.0, 1.0], shape)
        * 2.0 ** (np.arange(shape[0])[:, None] + np.arange(shape[1]))
    ),
)
EXPONENT = Domain("exponents between 1.5 and 4", lambda generator, shape, _: generator.uniform(1.5, 4.0, shape))

LENGTH = sum_over(n, lambda r: absolute(x[r]) ** p) ** (1 / p)
LARGEST = max_over(n, lambda r: absolute(x[r]))
PLACE = ArgMax(*LARGEST.args)

VECTORS = (
    Formula(
        name="norm_1",
        title="Sum of absolute values",
        topic=TOPIC,
        definition=sum_over(n, lambda r: absolute(x[r])),
        variables=(x,),
        torch=lambda x: torch.linalg.vector_norm(x, 1),
        stated={"x": lambda j: sign(x[j])},
        edges=(Edge("an entry of 0", {"x": [0.0, 1.5, -0.5]}, kink=True),),
        kinks="an entry of 0: any slope in [-1, 1] is a subgradient, torch takes 0",
        source=f"{GOLUB}, section 2.2.1",
    ),
    Formula(
        name="norm_p",
        title="p-norm of a vector",
        topic=TOPIC,
        definition=LENGTH,
        variables=(x, p),
        wrt=("x",),
        domains={"x": NONZERO, "p": EXPONENT},
        torch=lambda x, p: torch.linalg.vector_norm(x, p.detach().item()),
        stated={"x": lambda j: sign(x[j]) * (absolute(x[j]) / LENGTH) ** (p - 1)},
        kinks="x = 0, and for p = 1 every entry of 0",
        source=f"{GOLUB}, section 2.2.1",
    ),
    Formula(
        name="norm_inf",
        title="Largest absolute value",
        topic=TOPIC,
        definition=LARGEST,
        variables=(x,),
        domains={"x": NONZERO},
        torch=lambda x: torch.linalg.vector_norm(x, float("inf")),
        stated={"x": lambda j: delta(j, PLACE) * sign(x[j])},
        kinks="two entries of the same largest size",
        source=f"{GOLUB}, section 2.2.1",
    ),
)


def column_sum(column: sp.Expr) -> sp.Expr:
    """The sum of a column's absolute values."""
    return sum_over(m, lambda r: absolute(X[r, column]))


def row_sum(row: sp.Expr) -> sp.Expr:
    """The sum of a row's absolute values."""
    return sum_over(n, lambda r: absolute(X[row, r]))


GRAM = matrix_of(n, lambda r, s: sum_over(m + n, lambda t: TALL[t, r] * TALL[t, s]))


def singular_value(k: sp.Expr) -> sp.Expr:
    """The root of an eigenvalue of XᵀX, in ascending order."""
    return sp.sqrt(Eigenvalue(GRAM, k))


def singular_pair(k: sp.Expr, row: sp.Expr, column: sp.Expr) -> sp.Expr:
    """The entry of u vᵀ for the k-th singular value: u = Xv/σ."""
    image = sum_over(n, lambda r: TALL[row, r] * Eigenvector(GRAM, r, k))
    return image * Eigenvector(GRAM, column, k) / singular_value(k)


MATRICES = (
    Formula(
        name="matrix_norm_1",
        title="Largest sum of absolute values of a column",
        topic=TOPIC,
        definition=max_over(n, column_sum),
        variables=(X,),
        domains={"X": GRADED},
        torch=lambda X: torch.linalg.matrix_norm(X, 1),
        stated={"X": lambda row, column: delta(column, ArgMax(*max_over(n, column_sum).args)) * sign(X[row, column])},
        kinks="two columns of the same largest sum, or an entry of 0 in the largest",
        source=f"{GOLUB}, eq. 2.3.9",
    ),
    Formula(
        name="matrix_norm_inf",
        title="Largest sum of absolute values of a row",
        topic=TOPIC,
        definition=max_over(m, row_sum),
        variables=(X,),
        domains={"X": GRADED},
        torch=lambda X: torch.linalg.matrix_norm(X, float("inf")),
        stated={"X": lambda row, column: delta(row, ArgMax(*max_over(m, row_sum).args)) * sign(X[row, column])},
        kinks="two rows of the same largest sum, or an entry of 0 in the largest",
        source=f"{GOLUB}, eq. 2.3.10",
    ),
    Formula(
        name="spectral_norm",
        title="Spectral norm: the largest singular value",
        topic=TOPIC,
        definition=singular_value(n - 1),
        variables=(TALL,),
        torch=lambda X: torch.linalg.matrix_norm(X, 2),
        stated={"X": lambda row, column: singular_pair(n - 1, row, column)},
        kinks="two equal largest singular values",
        source="Watson, Characterization of the Subdifferential of Some Matrix Norms (1992), section 2",
    ),
    Formula(
        name="nuclear_norm",
        title="Nuclear norm: the sum of the singular values",
        topic=TOPIC,
        definition=sum_over(n, singular_value),
        variables=(TALL,),
        torch=lambda X: torch.linalg.matrix_norm(X, "nuc"),
        stated={"X": lambda row, column: sum_over(n, lambda k: singular_pair(k, row, column))},
        kinks="a singular value of 0",
        source="Watson, Characterization of the Subdifferential of Some Matrix Norms (1992), section 2",
    ),
)

FORMULAS = VECTORS + MATRICES
