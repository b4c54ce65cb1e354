"""Convolution."""

from __future__ import annotations

from torch.nn import functional

from tests.symbolic.graphs.operator_cases.case import Case, real

CASES = {
    "convolution": Case(
        lambda x, w, b: functional.conv1d(x, w, b, stride=2, padding=1, dilation=2),
        real((2, 2, 7), (3, 2, 2), (3,)),
    ),
}
