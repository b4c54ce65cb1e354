"""Matrix calculus: linear and quadratic forms, traces, determinants, inverses and norms."""

from __future__ import annotations

import sympy as sp
import torch

from gradcheck.symbolic.domains import NONZERO, POSITIVE_DETERMINANT
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.tensors import Determinant, Inverse, delta, dimension, index, sum_over, tensor

m, n, p = dimension("m n p")
i, k = index("i k")
x, a = tensor("x", n), tensor("a", n)
u, v = tensor("u", m), tensor("v", n)
X, S = tensor("X", m, n), tensor("X", n, n)
SQUARE, ROWS = tensor("A", n, n), tensor("A", m, m)

COOKBOOK = "Petersen and Pedersen, The Matrix Cookbook (2012)"


def quadratic_form(vector: sp.IndexedBase, matrix: sp.IndexedBase, size: sp.Expr) -> sp.Expr:
    """xᵀAx."""
    return sum_over(size, lambda row: sum_over(size, lambda column: vector[row] * matrix[row, column] * vector[column]))


def sum_of_squares() -> sp.Expr:
    """The sum of the squares of the entries of X."""
    return sum_over(m, lambda row: sum_over(n, lambda column: X[row, column] ** 2))


SQUARED_LENGTH = sum_over(n, lambda r: x[r] ** 2)
RAYLEIGH = quadratic_form(x, SQUARE, n) / SQUARED_LENGTH

FORMS = (
    Formula(
        name="linear_form",
        title="Linear form aᵀx",
        topic="matrix",
        definition=sum_over(n, lambda r: a[r] * x[r]),
        variables=(x, a),
        wrt=("x",),
        torch=lambda x, a: a @ x,
        stated={"x": lambda j: a[j]},
        source=f"{COOKBOOK}, eq. 69",
    ),
    Formula(
        name="quadratic_form",
        title="Quadratic form xᵀAx, A of no symmetry",
        topic="matrix",
        definition=quadratic_form(x, SQUARE, n),
        variables=(x, SQUARE),
        torch=lambda x, A: x @ A @ x,
        stated={
            "x": lambda j: sum_over(n, lambda r: (SQUARE[j, r] + SQUARE[r, j]) * x[r]),
            "A": lambda row, column: x[row] * x[column],
        },
        source=f"{COOKBOOK}, eq. 81 and 72",
    ),
    Formula(
        name="bilinear_form",
        title="Bilinear form uᵀXv",
        topic="matrix",
        definition=sum_over(m, lambda r: sum_over(n, lambda s: u[r] * X[r, s] * v[s])),
        variables=(X, u, v),
        wrt=("X",),
        torch=lambda X, u, v: u @ X @ v,
        stated={"X": lambda row, column: u[row] * v[column]},
        source=f"{COOKBOOK}, eq. 70, with u for a and v for b",
    ),
    Formula(
        name="rayleigh_quotient",
        title="Rayleigh quotient xᵀAx/xᵀx, A of no symmetry",
        topic="matrix",
        definition=RAYLEIGH,
        variables=(x, SQUARE),
        wrt=("x",),
        domains={"x": NONZERO},
        torch=lambda x, A: (x @ A @ x) / (x @ x),
        stated={
            "x": lambda j: (
                (sum_over(n, lambda r: (SQUARE[j, r] + SQUARE[r, j]) * x[r]) - 2 * RAYLEIGH * x[j]) / SQUARED_LENGTH
            )
        },
        kinks="undefined at x = 0",
        source="Horn and Johnson, Matrix Analysis, section 4.2; the quotient rule where A is not symmetric",
    ),
)

LEFT, RIGHT = tensor("A", p, m), tensor("B", n, p)
FACTOR, COFACTOR = tensor("A", n, m), tensor("A", n, p)

TRACES = (
    Formula(
        name="trace_of_product",
        title="Trace tr(AX)",
        topic="matrix",
        definition=sum_over(n, lambda r: sum_over(m, lambda s: FACTOR[r, s] * X[s, r])),
        variables=(X, FACTOR),
        wrt=("X",),
        torch=lambda X, A: torch.trace(A @ X),
        stated={"X": lambda row, column: FACTOR[column, row]},
        source=f"{COOKBOOK}, eq. 100",
    ),
    Formula(
        name="trace_of_quadratic_form",
        title="Trace tr(XᵀAX), A of no symmetry",
        topic="matrix",
        definition=sum_over(n, lambda t: sum_over(m, lambda r: sum_over(m, lambda s: X[r, t] * ROWS[r, s] * X[s, t]))),
        variables=(X, ROWS),
        wrt=("X",),
        torch=lambda X, A: torch.trace(X.T @ A @ X),
        stated={
            "X": lambda row, column: (
                sum_over(m, lambda r: ROWS[row, r] * X[r, column]) + sum_over(m, lambda r: ROWS[r, row] * X[r, column])
            )
        },
        source=f"{COOKBOOK}, eq. 108",
    ),
    Formula(
        name="trace_of_triple_product",
        title="Trace tr(AXB)",
        topic="matrix",
        definition=sum_over(
            p, lambda t: sum_over(m, lambda r: sum_over(n, lambda s: LEFT[t, r] * X[r, s] * RIGHT[s, t]))
        ),
        variables=(X, LEFT, RIGHT),
        wrt=("X",),
        torch=lambda X, A, B: torch.trace(A @ X @ B),
        stated={"X": lambda row, column: sum_over(p, lambda r: LEFT[r, row] * RIGHT[column, r])},
        source=f"{COOKBOOK}, eq. 101",
    ),
    Formula(
        name="trace_of_inverse",
        title="Trace tr(AX⁻¹)",
        topic="matrix",
        definition=sum_over(n, lambda r: sum_over(n, lambda s: SQUARE[r, s] * Inverse(S, s, r))),
        variables=(S, SQUARE),
        wrt=("X",),
        domains={"X": POSITIVE_DETERMINANT},
        torch=lambda X, A: torch.trace(A @ torch.linalg.inv(X)),
        stated={
            "X": lambda row, column: (
                -sum_over(n, lambda r: sum_over(n, lambda s: Inverse(S, column, r) * SQUARE[r, s] * Inverse(S, s, row)))
            )
        },
        kinks="undefined where X is singular",
        source=f"{COOKBOOK}, eq. 124 with B the identity",
    ),
)

NORMS = (
    Formula(
        name="frobenius_norm",
        title="Frobenius norm ‖X‖",
        topic="matrix",
        definition=sp.sqrt(sum_of_squares()),
        variables=(X,),
        domains={"X": NONZERO},
        torch=torch.linalg.norm,
        stated={"X": lambda row, column: X[row, column] / sp.sqrt(sum_of_squares())},
        kinks="X = 0: any matrix of norm at most 1 is a subgradient, torch takes 0",
        source=f"{COOKBOOK}, eq. 129, entry by entry",
    ),
    Formula(
        name="squared_frobenius_norm",
        title="Squared Frobenius norm ‖X‖²",
        topic="matrix",
        definition=sum_of_squares(),
        variables=(X,),
        torch=lambda X: torch.linalg.norm(X) ** 2,
        stated={"X": lambda row, column: 2 * X[row, column]},
        source=f"{COOKBOOK}, eq. 132",
    ),
)

DETERMINANTS = (
    Formula(
        name="log_det",
        title="Log-determinant log det X",
        topic="matrix",
        definition=sp.log(Determinant(S)),
        variables=(S,),
        domains={"X": POSITIVE_DETERMINANT},
        torch=torch.logdet,
        stated={"X": lambda row, column: Inverse(S, column, row)},
        kinks="undefined where det X is not positive",
        source=f"{COOKBOOK}, eq. 57",
    ),
    Formula(
        name="det",
        title="Determinant det X",
        topic="matrix",
        definition=Determinant(S),
        variables=(S,),
        domains={"X": POSITIVE_DETERMINANT},
        torch=torch.linalg.det,
        stated={"X": lambda row, column: Determinant(S) * Inverse(S, column, row)},
        kinks="none; where X is singular the gradient is the transposed adjugate, which this form does not reach",
        source=f"{COOKBOOK}, eq. 49",
    ),
)

JACOBIANS = (
    Formula(
        name="inverse",
        title="Inverse X⁻¹, Jacobian of a matrix by a matrix",
        topic="matrix",
        definition=Inverse(S, i, k),
        variables=(S,),
        output={i: n, k: n},
        domains={"X": POSITIVE_DETERMINANT},
        torch=torch.linalg.inv,
        stated={"X": lambda row, column: -Inverse(S, i, row) * Inverse(S, column, k)},
        kinks="undefined where X is singular",
        source=f"{COOKBOOK}, eq. 60",
    ),
    Formula(
        name="matrix_product",
        title="Product XA, Jacobian of a matrix by a matrix",
        topic="matrix",
        definition=sum_over(n, lambda r: X[i, r] * COFACTOR[r, k]),
        variables=(X, COFACTOR),
        output={i: m, k: p},
        torch=torch.matmul,
        stated={
            "X": lambda row, column: delta(i, row) * COFACTOR[column, k],
            "A": lambda row, column: X[i, row] * delta(column, k),
        },
        source=f"{COOKBOOK}, eq. 74",
    ),
)

FORMULAS = FORMS + TRACES + NORMS + DETERMINANTS + JACOBIANS
