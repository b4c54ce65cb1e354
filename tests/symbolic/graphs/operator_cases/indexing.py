"""Entries chosen by whole numbers."""

from __future__ import annotations

from torch.nn import functional

from tests.symbolic.graphs.operator_cases.case import Case, places, real, together

CASES = {
    "index_select": Case(lambda x, t: x.index_select(-1, t), together(real((2, 3)), places(3, 5))),
    "gather": Case(lambda x, t: x.gather(1, t), together(real((3, 4)), places(4, 3, 2))),
    "embedding": Case(functional.embedding, together(places(5, 3, 2), real((5, 4)))),
    "index.Tensor": Case(lambda x, s, t: x[s[:, None], :, t], together(real((3, 4, 2)), places(3, 5), places(2, 6))),
}
