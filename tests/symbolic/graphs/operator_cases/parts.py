"""Parts of tensors, tensors put together, and parts that are written to."""

from __future__ import annotations

import torch

from tests.symbolic.graphs.operator_cases.case import Case, real

aten = torch.ops.aten


def copied(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """A row that is written to through a view."""
    z = x * 1
    z[0].copy_(y)
    return z


CASES = {
    "select.int": Case(lambda x: x[-1] * x.select(0, 0), real((3, 4))),
    "slice.Tensor": Case(lambda x: x[:, 1:-1:2], real((3, 6))),
    "split_with_sizes": Case(lambda x: x.split([2, 3], -1)[1], real((2, 5))),
    "unbind.int": Case(lambda x: aten.unbind.int(x, 1)[2], real((2, 3))),
    "unbind_copy.int": Case(lambda x: aten.unbind_copy.int(x, 1)[2], real((2, 3))),
    "unfold": Case(lambda x: x.unfold(0, 3, 2), real((7, 2))),
    "cat": Case(lambda x, y, z: torch.cat([x, y.exp(), z], -1), real((2, 3), (2, 1), (2, 4))),
    "stack": Case(lambda x, y: torch.stack([x, y, x * y], 1), real((2, 3), (2, 3))),
    "diagonal": Case(lambda x: x.diagonal(1, -1, 0), real((3, 2, 4))),
    "diag_embed": Case(lambda x: torch.diag_embed(x, -2, 0, -1), real((2, 3))),
    "tril": Case(lambda x: torch.tril(x, -1), real((3, 4))),
    "triu": Case(lambda x: torch.triu(x.exp(), 1), real((2, 3, 4))),
    "copy": Case(copied, real((2, 3), (3,))),
    "slice_scatter": Case(lambda x, y: x.slice_scatter(y, -1, 1, 6, 2), real((2, 7), (2, 3))),
    "select_scatter": Case(lambda x, y: x.select_scatter(y, 1, -1), real((2, 3), (2,))),
    "diagonal_scatter": Case(lambda x, y: x.diagonal_scatter(y, -1), real((3, 4), (2,))),
}
