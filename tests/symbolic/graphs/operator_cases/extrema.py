"""The largest and smallest entries along axes, and where they stand."""

from __future__ import annotations

import torch

from tests.symbolic.graphs.operator_cases.case import Case, real

X = real((2, 3, 4))

CASES = {
    "amax": Case(lambda x: x.amax(-1) + x.amax((0, 2), keepdim=True)[0].T + x.amax(), X),
    "amin": Case(lambda x: x.amin(0) + x.amin((0, 1)), X),
    "aminmax": Case(lambda x: torch.mul(*torch.aminmax(x, dim=1, keepdim=True)) + torch.aminmax(x).max, X),
    "max": Case(torch.max, X),
    "min": Case(torch.min, X),
    "max.dim": Case(lambda x: x.max(-1).values + x.max(1, keepdim=True).values[:, :, 0], X),
    "min.dim": Case(lambda x: x.min(-1).values, X),
    "argmax": Case(lambda x: x * x.argmax(-1, keepdim=True) + x.argmax(), X),
    "argmin": Case(lambda x: x * x.argmin(0), X),
}
