"""The Matrix Cookbook on linear and quadratic forms, identity by identity as printed."""

from __future__ import annotations

import torch

from gradcheck.symbolic.matrix_notation import matrix, single_entry
from gradcheck.symbolic.tensors import delta, dimension, index, sum_over, tensor

from ._cookbook import identity

m, n, p = dimension("m n p")
i, k = index("i k")
x, a_n, b_n, c_n, d_m, b_m, a_m, c_m = (
    *(tensor(name, n) for name in ("x", "a", "b", "c")),
    *(tensor(name, m) for name in ("d", "b", "a", "c")),
)
MATRIX, SQUARE, ROWS = tensor("X", m, n), tensor("X", n, n), tensor("D", m, m)
X, S = matrix(MATRIX), matrix(SQUARE)
vx, an, bn, cn, am, bm, cm, dm = map(matrix, (x, a_n, b_n, c_n, a_m, b_m, c_m, d_m))
B, D = matrix(tensor("B", m, n)), matrix(ROWS)
C, E = matrix(tensor("C", m, p)), matrix(tensor("D", p, n))
d_p = tensor("d", p)
BS = matrix(tensor("B", n, n))
A, F = matrix(tensor("A", n, p)), matrix(tensor("A", m, p))
TOPIC = "matrix cookbook: forms"


FIRST_ORDER = (
    identity("69", "aᵀx", (an.T @ vx)(), an, lambda x, a: a @ x, (x, a_n), topic=TOPIC),
    identity("70", "aᵀXb", (am.T @ X @ bn)(), am @ bn.T, lambda X, a, b: a @ X @ b, (MATRIX, a_m, b_n), topic=TOPIC),
    identity(
        "71", "aᵀXᵀb", (an.T @ X.T @ bm)(), bm @ an.T, lambda X, a, b: a @ X.T @ b, (MATRIX, a_n, b_m), topic=TOPIC
    ),
    identity("72", "aᵀXa", (an.T @ S @ an)(), an @ an.T, lambda X, a: a @ X @ a, (SQUARE, a_n), topic=TOPIC),
    identity(
        "73",
        "X, entry by entry",
        X(i, k),
        lambda row, column: delta(i, row) * delta(k, column),
        lambda X: X.clone(),
        (MATRIX,),
        output={i: m, k: n},
        topic=TOPIC,
    ),
    identity(
        "74",
        "XA, entry by entry",
        (X @ A)(i, k),
        lambda row, column: delta(i, row) * A(column, k),
        torch.matmul,
        (MATRIX, A.base),
        output={i: m, k: p},
        topic=TOPIC,
    ),
    identity(
        "75",
        "XᵀA, entry by entry",
        (X.T @ F)(i, k),
        lambda row, column: delta(i, column) * F(row, k),
        lambda X, A: X.T @ A,
        (MATRIX, F.base),
        output={i: n, k: p},
        topic=TOPIC,
    ),
)

TOTAL = sum_over(m, lambda r: sum_over(n, lambda s: X(r, s)))
AFFINE, OTHER = B @ vx + bm, E @ vx + matrix(d_p)
SHIFTED = X @ bn + cm

SECOND_ORDER = (
    identity(
        "76",
        "Σ X_kl X_mn over all indices, the squared sum of the entries",
        TOTAL**2,
        lambda *_: 2 * TOTAL,
        lambda X: X.sum() ** 2,
        (MATRIX,),
        topic=TOPIC,
    ),
    identity(
        "77",
        "bᵀXᵀXc",
        (bn.T @ X.T @ X @ cn)(),
        X @ (bn @ cn.T + cn @ bn.T),
        lambda X, b, c: (X @ b) @ (X @ c),
        (MATRIX, b_n, c_n),
        topic=TOPIC,
    ),
    identity(
        "78",
        "(Bx + b)ᵀC(Dx + d)",
        (AFFINE.T @ C @ OTHER)(),
        B.T @ C @ OTHER + E.T @ C.T @ AFFINE,
        lambda x, B, b, C, D, d: (B @ x + b) @ C @ (D @ x + d),
        (x, B.base, b_m, C.base, E.base, d_p),
        topic=TOPIC,
    ),
    identity(
        "79",
        "XᵀBX, entry by entry",
        (S.T @ BS @ S)(i, k),
        lambda row, column: delta(k, column) * (S.T @ BS)(i, row) + delta(i, column) * (BS @ S)(row, k),
        lambda X, B: X.T @ B @ X,
        (SQUARE, BS.base),
        output={i: n, k: n},
        topic=TOPIC,
    ),
    identity(
        "80",
        "XᵀBX, as a matrix for each entry of X",
        (S.T @ BS @ S)(i, k),
        lambda row, column: (S.T @ BS @ single_entry(n, row, column) + single_entry(n, column, row) @ BS @ S)(i, k),
        lambda X, B: X.T @ B @ X,
        (SQUARE, BS.base),
        output={i: n, k: n},
        topic=TOPIC,
    ),
    identity("81", "xᵀBx", (vx.T @ BS @ vx)(), (BS + BS.T) @ vx, lambda x, B: x @ B @ x, (x, BS.base), topic=TOPIC),
    identity(
        "82",
        "bᵀXᵀDXc",
        (bn.T @ X.T @ D @ X @ cn)(),
        D.T @ X @ bn @ cn.T + D @ X @ cn @ bn.T,
        lambda X, b, D, c: (X @ b) @ D @ (X @ c),
        (MATRIX, b_n, ROWS, c_n),
        topic=TOPIC,
    ),
    identity(
        "83",
        "(Xb + c)ᵀD(Xb + c)",
        (SHIFTED.T @ D @ SHIFTED)(),
        (D + D.T) @ SHIFTED @ bn.T,
        lambda X, b, c, D: (X @ b + c) @ D @ (X @ b + c),
        (MATRIX, b_n, c_m, ROWS),
        topic=TOPIC,
    ),
)

FORMULAS = FIRST_ORDER + SECOND_ORDER
