"""Entries chosen by whole numbers, and written to."""

from __future__ import annotations

from torch.nn import functional

from tests.symbolic.graphs.operator_cases.case import Case, places, real, together

CASES = {
    "index_select": Case(lambda x, t: x.index_select(-1, t), together(real((2, 3)), places(3, 5))),
    "gather": Case(lambda x, t: x.gather(1, t), together(real((3, 4)), places(4, 3, 2))),
    "embedding": Case(functional.embedding, together(places(5, 3, 2), real((5, 4)))),
    "index.Tensor": Case(lambda x, s, t: x[s[:, None], :, t], together(real((3, 4, 2)), places(3, 5), places(2, 6))),
    "index_add": Case(
        lambda x, t, s: x.index_add(1, t, s, alpha=0.5), together(real((2, 3)), places(3, 4), real((2, 4)))
    ),
    "scatter_add": Case(lambda x, t, s: x.scatter_add(0, t, s), together(real((3, 4)), places(3, 5, 2), real((5, 2)))),
    "scatter.value": Case(lambda x, t: x.scatter(1, t, 2.0), together(real((2, 5)), places(5, 2, 2))),
    "index_put": Case(
        lambda x, t, v: x.index_put((t,), v, accumulate=True), together(real((3, 2)), places(3, 4), real((4, 2)))
    ),
}
