"""A gradient that is wrong: the test fails, and says how."""

from __future__ import annotations

import torch
from layers import swish

from gradcheck import assert_gradients


def test_swish() -> None:
    assert_gradients(swish, torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64))
