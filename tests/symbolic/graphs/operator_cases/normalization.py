"""Normalisation by mean and variance."""

from __future__ import annotations

import torch
from torch.nn import functional

from tests.symbolic.graphs.operator_cases.case import Case, real

aten = torch.ops.aten

CASES = {
    "native_layer_norm": Case(
        lambda x, w, b: functional.layer_norm(x, x.shape[1:], w, b, 0.1), real((2, 3, 2), (3, 2), (3, 2))
    ),
    "native_batch_norm": Case(
        lambda x, w, b: functional.batch_norm(x, None, None, w, b, training=True), real((3, 2, 2), (2,), (2,))
    ),
    "_native_batch_norm_legit": Case(
        lambda x, w: aten._native_batch_norm_legit(
            x, w, None, x[0].detach() * 0, x[0].detach() * 0 + 1, False, 0.1, 0.5
        )[0],
        real((3, 2), (2,)),
    ),
    "_native_batch_norm_legit.no_stats": Case(
        lambda x, w: aten._native_batch_norm_legit.no_stats(x, w, None, True, 0.1, 0.5)[0], real((3, 2), (2,))
    ),
    "native_group_norm": Case(lambda x, w, b: functional.group_norm(x, 2, w, b), real((2, 4, 3), (4,), (4,))),
}
