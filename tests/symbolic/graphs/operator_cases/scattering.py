"""Entries written to, or added to, where whole numbers say."""

from __future__ import annotations

import warnings

import torch

from tests.symbolic.graphs.operator_cases.case import Case, places, real, together


def averaged(x: torch.Tensor, t: torch.Tensor, s: torch.Tensor) -> torch.Tensor:
    """Slices and means; torch warns that it may change the function."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return x.index_reduce(0, t, s, "mean")


CASES = {
    "index_add": Case(
        lambda x, t, s: x.index_add(1, t, s, alpha=0.5), together(real((2, 3)), places(3, 4), real((2, 4)))
    ),
    "scatter_add": Case(lambda x, t, s: x.scatter_add(0, t, s), together(real((3, 4)), places(3, 5, 2), real((5, 2)))),
    "scatter.value": Case(lambda x, t: x.scatter(1, t, 2.0), together(real((2, 5)), places(5, 2, 2))),
    "scatter_reduce.two": Case(
        lambda x, t, s: x.scatter_reduce(0, t, s, "mean", include_self=False) * x.scatter_reduce(0, t, s, "sum"),
        together(real((4, 2)), places(4, 3, 2), real((3, 2))),
    ),
    "index_reduce": Case(averaged, together(real((3, 2)), places(3, 4), real((4, 2)))),
    "index_put": Case(
        lambda x, t, v: x.index_put((t,), v, accumulate=True), together(real((3, 2)), places(3, 4), real((4, 2)))
    ),
}
