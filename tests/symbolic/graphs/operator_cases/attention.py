"""Attention."""

from __future__ import annotations

from torch.nn import functional

from tests.symbolic.graphs.operator_cases.case import Case, real

CASES = {
    "_safe_softmax": Case(functional.scaled_dot_product_attention, real((1, 2, 3), (1, 3, 3), (1, 3, 2))),
}
