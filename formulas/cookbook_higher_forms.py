"""The Matrix Cookbook on weighted squares, powers, quotients and Hessians, identity by identity as printed."""

from __future__ import annotations

import sympy as sp
import torch

from gradcheck.symbolic.differentiate import derivative
from gradcheck.symbolic.domains import NONZERO, SYMMETRIC
from gradcheck.symbolic.matrix_notation import Matrix, matrix
from gradcheck.symbolic.tensors import delta, dimension, index, tensor

from ._cookbook import identity

m, n = dimension("m n")
i, k = index("i k")
x, a_n, b_n = (tensor(name, n) for name in "xab")
SQUARE = tensor("X", n, n)
S, AS, BS = matrix(SQUARE), matrix(tensor("A", n, n)), matrix(tensor("B", n, n))
vx, an, bn = map(matrix, (x, a_n, b_n))
TOPIC = "matrix cookbook: forms"
POWER, CUBE = S @ S, S @ S @ S

x_m, s_n, s_m = tensor("x", m), tensor("s", n), tensor("s", m)
vxm, vs, vsm = map(matrix, (x_m, s_n, s_m))
AM, W = matrix(tensor("A", m, n)), matrix(tensor("W", m, m))
RESIDUAL, DIFFERENCE = vxm - AM @ vs, vxm - vsm
WEIGHTED, WEIGHTED_DIFFERENCE = (RESIDUAL.T @ W @ RESIDUAL)(), (DIFFERENCE.T @ W @ DIFFERENCE)()
WEIGHTS = {"W": SYMMETRIC}


def weighted_residual(x: torch.Tensor, A: torch.Tensor, s: torch.Tensor, W: torch.Tensor) -> torch.Tensor:
    """(x - As)ᵀW(x - As)."""
    return (x - A @ s) @ W @ (x - A @ s)


def weighted_difference(x: torch.Tensor, s: torch.Tensor, W: torch.Tensor) -> torch.Tensor:
    """(x - s)ᵀW(x - s)."""
    return (x - s) @ W @ (x - s)


WEIGHTED_SQUARES = (
    identity(
        "84",
        "(x - As)ᵀW(x - As) by s, W symmetric",
        WEIGHTED,
        -2 * (AM.T @ W @ RESIDUAL),
        lambda s, x, A, W: weighted_residual(x, A, s, W),
        (s_n, x_m, AM.base, W.base),
        domains=WEIGHTS,
        topic=TOPIC,
    ),
    identity(
        "85",
        "(x - s)ᵀW(x - s) by x, W symmetric",
        WEIGHTED_DIFFERENCE,
        2 * (W @ DIFFERENCE),
        weighted_difference,
        (x_m, s_m, W.base),
        domains=WEIGHTS,
        topic=TOPIC,
    ),
    identity(
        "86",
        "(x - s)ᵀW(x - s) by s, W symmetric",
        WEIGHTED_DIFFERENCE,
        -2 * (W @ DIFFERENCE),
        lambda s, x, W: weighted_difference(x, s, W),
        (s_m, x_m, W.base),
        domains=WEIGHTS,
        topic=TOPIC,
    ),
    identity(
        "87",
        "(x - As)ᵀW(x - As) by x, W symmetric",
        WEIGHTED,
        2 * (W @ RESIDUAL),
        weighted_residual,
        (x_m, AM.base, s_n, W.base),
        domains=WEIGHTS,
        topic=TOPIC,
    ),
    identity(
        "88",
        "(x - As)ᵀW(x - As) by A, W symmetric",
        WEIGHTED,
        -2 * (W @ RESIDUAL @ vs.T),
        lambda A, x, s, W: weighted_residual(x, A, s, W),
        (AM.base, x_m, s_n, W.base),
        domains=WEIGHTS,
        topic=TOPIC,
    ),
)

AX, BX = AS @ vx, BS @ vx
ABOVE, BELOW = (AX.T @ AX)(), (BX.T @ BX)()
TANH = Matrix(n, sp.S.One, lambda r, _: sp.tanh(x[r]))
TANH_SLOPE = Matrix(n, n, lambda r, s: delta(r, s) * (1 - sp.tanh(x[r]) ** 2))


def total(*terms: Matrix) -> Matrix:
    """The sum of the matrices."""
    first, *rest = terms
    for term in rest:
        first = first + term
    return first


HIGHER_ORDER = (
    identity(
        "90",
        "Xᵏ, entry by entry, for k = 3",
        CUBE(i, k),
        lambda row, column: sum(((S**r)(i, row) * (S ** (2 - r))(column, k) for r in range(3)), sp.S.Zero),
        lambda X: torch.linalg.matrix_power(X, 3),
        (SQUARE,),
        output={i: n, k: n},
        topic=TOPIC,
    ),
    identity(
        "91",
        "aᵀXᵏb, for k = 3",
        (an.T @ CUBE @ bn)(),
        total(*((S**r).T @ an @ bn.T @ (S ** (2 - r)).T for r in range(3))),
        lambda X, a, b: a @ torch.linalg.matrix_power(X, 3) @ b,
        (SQUARE, a_n, b_n),
        topic=TOPIC,
    ),
    identity(
        "92",
        "aᵀ(Xᵏ)ᵀXᵏb, for k = 2",
        (an.T @ POWER.T @ POWER @ bn)(),
        total(*((S**r).T @ POWER @ (bn @ an.T + an @ bn.T) @ (S ** (1 - r)).T for r in range(2))),
        lambda X, a, b: (torch.linalg.matrix_power(X, 2) @ a) @ (torch.linalg.matrix_power(X, 2) @ b),
        (SQUARE, a_n, b_n),
        printed=total(
            *(S ** (1 - r) @ an @ bn.T @ POWER.T @ S**r for r in range(2)),
            *((S**r).T @ POWER @ an @ bn.T @ (S ** (1 - r)).T for r in range(2)),
        ),
        slip="the first of the two terms is printed transposed: it should be (Xʳ)ᵀXᵏbaᵀ(Xᵏ⁻¹⁻ʳ)ᵀ",
        topic=TOPIC,
    ),
    identity(
        "93",
        "sᵀAr, for s = tanh x and r = Bx",
        (TANH.T @ AS @ BX)(),
        TANH_SLOPE.T @ AS @ BX + BS.T @ AS.T @ TANH,
        lambda x, A, B: torch.tanh(x) @ A @ (B @ x),
        (x, AS.base, BS.base),
        topic=TOPIC,
    ),
    identity(
        "94",
        "Quotient (Ax)ᵀ(Ax)/(Bx)ᵀ(Bx), its squares written as forms",
        ABOVE / BELOW,
        lambda j: derivative((vx.T @ AS.T @ AS @ vx)() / (vx.T @ BS.T @ BS @ vx)(), x[j]),
        lambda x, A, B: ((A @ x) @ (A @ x)) / ((B @ x) @ (B @ x)),
        (x, AS.base, BS.base),
        domains={"x": NONZERO},
        topic=TOPIC,
    ),
    identity(
        "95",
        "Quotient (Ax)ᵀ(Ax)/(Bx)ᵀ(Bx)",
        ABOVE / BELOW,
        2 * (AS.T @ AX) / BELOW - 2 * ABOVE * (BS.T @ BX) / BELOW**2,
        lambda x, A, B: ((A @ x) @ (A @ x)) / ((B @ x) @ (B @ x)),
        (x, AS.base, BS.base),
        domains={"x": NONZERO},
        printed=2 * (AS.T @ AX) / (vx.T @ BS @ BS @ vx)() - 2 * ABOVE * (BS.T @ BX) / BELOW**2,
        needs="B symmetric",
        under={"B": SYMMETRIC},
        slip="the first denominator reads xᵀBBx for xᵀBᵀBx",
        topic=TOPIC,
    ),
)

QUADRATIC = (vx.T @ AS @ vx)() + (bn.T @ vx)()


def quadratic(x: torch.Tensor, A: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """xᵀAx + bᵀx."""
    return x @ A @ x + b @ x


GRADIENT_AND_HESSIAN = (
    identity(
        "97",
        "xᵀAx + bᵀx",
        QUADRATIC,
        (AS + AS.T) @ vx + bn,
        quadratic,
        (x, AS.base, b_n),
        topic=TOPIC,
    ),
    identity(
        "98",
        "Hessian of xᵀAx + bᵀx",
        derivative(QUADRATIC, x[i]),
        lambda j: AS(i, j) + AS(j, i),
        torch.func.grad(quadratic),
        (x, AS.base, b_n),
        output={i: n},
        topic=TOPIC,
    ),
)

FORMULAS = WEIGHTED_SQUARES + HIGHER_ORDER + GRADIENT_AND_HESSIAN
