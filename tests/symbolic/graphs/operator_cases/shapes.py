"""Axes moved, merged, split and repeated."""

from __future__ import annotations

import torch

from tests.symbolic.graphs.operator_cases.case import Case, real

aten = torch.ops.aten

CASES = {
    "permute": Case(lambda x: x.permute(2, 0, -2), real((2, 3, 4))),
    "permute_copy": Case(lambda x: torch.permute_copy(x, (1, 0)), real((2, 3))),
    "transpose.int": Case(lambda x: x.transpose(-1, 0), real((2, 3, 4))),
    "t": Case(lambda x: x.t() * 1, real((2, 3))),
    "unsqueeze": Case(lambda x: x[:, None] * x[None, :], real((3,))),
    "squeeze": Case(lambda x: x.sum(1, keepdim=True).squeeze(), real((2, 3))),
    "squeeze.dim": Case(lambda x: x.mean(-1, keepdim=True).squeeze(-1), real((2, 3))),
    "squeeze.dims": Case(lambda x: x.mean((0, 2), keepdim=True).squeeze((0, -1)), real((2, 3, 4))),
    "expand": Case(lambda x, y: x.expand(-1, 4) * y, real((2, 1), (2, 4))),
    "view": Case(lambda x: x.view(x.shape[0], -1).tanh(), real((2, 3, 4))),
    "_unsafe_view": Case(lambda x: aten._unsafe_view(x, [x.shape[1], x.shape[0]]), real((2, 3))),
    "view_copy": Case(lambda x: aten.view_copy(x, [-1]), real((2, 3))),
    "repeat": Case(lambda x: x.repeat(2, 1, 3), real((2, 3))),
    "flip": Case(lambda x: x.flip(0, -1), real((2, 3, 4))),
    "roll": Case(lambda x: x.roll((1, -2), (0, -1)), real((3, 4))),
}
