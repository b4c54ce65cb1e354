"""Operators that sum, average or multiply over axes, and what is made of sums."""

from __future__ import annotations

import torch

from tests.symbolic.graphs.operator_cases.case import Case, between, real

X = real((2, 3, 4))
vector_norm = torch.linalg.vector_norm

CASES = {
    "sum": Case(lambda x: x.sum() + (x > 0).sum() * x.sum(), X),
    "sum.dim_IntList": Case(lambda x: x.sum((0, -1)) + x.sum(-1, keepdim=True).sum((0, 2)), X),
    "mean": Case(torch.mean, X),
    "mean.dim": Case(lambda x: x.mean((0, -1), keepdim=True) * x.mean(1, dtype=torch.float64)[:, None], X),
    "prod": Case(torch.prod, real((2, 3))),
    "prod.dim_int": Case(lambda x: x.prod(-1) + x.prod(1, keepdim=True).sum(), real((2, 3))),
    "var.correction": Case(lambda x: x.var(-1) + x.var((0, 2), correction=0, keepdim=True).sum() + x.var(), X),
    "std.correction": Case(lambda x: x.std(0) + x.std(), X),
    "var_mean.correction": Case(lambda x: torch.add(*torch.var_mean(x, 1)), X),
    "std_mean.correction": Case(lambda x: torch.add(*torch.std_mean(x, (0, 2), correction=0)), X),
    "linalg_vector_norm": Case(
        lambda x: (
            vector_norm(x)
            + vector_norm(x, 1, -1)
            + vector_norm(x, 3, 2)
            + vector_norm(x, float("inf"), (0, 2))[0]
            - vector_norm(x, -float("inf"), 2) * vector_norm(x, 0)
            + vector_norm(x[:, :1, :1], 2, 2)
            + vector_norm(x[0, 0, 0], 3)
        ),
        real((2, 3, 4)),
    ),
    "norm.ScalarOpt_dim": Case(lambda x: torch.ops.aten.norm.ScalarOpt_dim(x, 3, [1]), X),
    "norm.Scalar": Case(lambda x: torch.ops.aten.norm.Scalar(x, 1.5), X),
    "count_nonzero": Case(lambda x: x * torch.count_nonzero(x > 0), X),
    "count_nonzero.dim_IntList": Case(lambda x: x * torch.count_nonzero(x > 0, (0, 1)), X),
    "all": Case(lambda x: torch.where((x > -9).all(), x, -x) + torch.where((x > 0).all(), x, -x), X),
    "all.dim": Case(lambda x: torch.where((x > -0.5).all(-1, keepdim=True), x, -x), X),
    "all.dims": Case(lambda x: torch.where(torch.all(x > -1, (0, 2), keepdim=True), x, -x), X),
    "any": Case(lambda x: torch.where((x > 9).any(), x, -x) + torch.where((x > 0).any(), x, -x), X),
    "any.dim": Case(lambda x: torch.where((x > 1).any(-1, keepdim=True), x, -x), X),
    "any.dims": Case(lambda x: torch.where(torch.any(x > 1, (0, 2), keepdim=True), x, -x), X),
    "cumsum": Case(lambda x: x.cumsum(-1) + x.cumsum(0), real((2, 3))),
    "cumprod": Case(lambda x: x.cumprod(1), real((2, 3))),
    "logcumsumexp": Case(lambda x: (400 * x).logcumsumexp(-1), between(-2.0, 2.0, (2, 3))),
}
