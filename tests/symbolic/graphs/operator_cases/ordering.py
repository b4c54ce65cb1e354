"""Entries in order of size."""

from __future__ import annotations

import torch

from tests.symbolic.graphs.operator_cases.case import Case, real

CASES = {
    "sort": Case(lambda x: torch.sort(x, 0, descending=True).values, real((3, 2))),
    "sort.stable": Case(lambda x: x.gather(1, torch.sort(x, stable=True).indices) * x, real((2, 3))),
    "topk": Case(
        lambda x: torch.topk(x, 2).values * torch.topk(x, 1, 0, largest=False, sorted=False).values, real((2, 2))
    ),
    "kthvalue": Case(lambda x: torch.kthvalue(x, 2, 0, keepdim=True).values, real((3, 2))),
    "median": Case(torch.median, real((2, 2))),
    "median.dim": Case(lambda x: torch.median(x, -1).values, real((2, 3))),
}
