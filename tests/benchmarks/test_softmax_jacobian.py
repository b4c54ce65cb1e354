"""The compiled softmax Jacobian at n = 1000, beside NumPy written by hand. Aim: within 1.5 times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from gradcheck import formula

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

LOGITS = np.random.default_rng(0).normal(size=1000)


def by_hand(logits: Any) -> Any:
    exponentials = np.exp(logits - logits.max())
    s = exponentials / exponentials.sum()
    return np.diag(s) - np.outer(s, s)


@pytest.mark.benchmark(group="softmax jacobian")
@pytest.mark.parametrize("function", [by_hand, formula("softmax").compile("numpy", "z")], ids=["by hand", "compiled"])
def test_softmax_jacobian(benchmark: BenchmarkFixture, function: Any) -> None:
    np.testing.assert_allclose(benchmark(function, LOGITS), by_hand(LOGITS), atol=1e-17)
