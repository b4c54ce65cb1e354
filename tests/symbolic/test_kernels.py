"""NumPy's kernels carry a complex step, and keep their values and dtype at the ends of the line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcheck.symbolic.kernels import NUMPY

STEP = 1e-30
SLOPES_AT_ZERO = {"sigmoid": 0.25, "softplus": 0.5, "relu": 0.0}


@pytest.mark.parametrize(("name", "slope"), SLOPES_AT_ZERO.items())
def test_a_complex_step_at_zero_gives_the_slope(name: str, slope: float) -> None:
    kernel: Callable[..., Any] = NUMPY[name]
    assert np.imag(kernel(np.array([0.0 + STEP * 1j]))) / STEP == pytest.approx([slope])


def test_softplus_and_relu_at_infinity() -> None:
    ends = np.array([-np.inf, np.inf])
    assert NUMPY["relu"](ends).tolist() == [0.0, np.inf]
    assert NUMPY["softplus"](ends).tolist() == [0.0, np.inf]


@pytest.mark.parametrize("name", ["sigmoid", "softplus", "relu", "absolute"])
def test_single_precision_stays_single(name: str) -> None:
    assert NUMPY[name](np.array([-1.5, 2.0], dtype=np.float32)).dtype == np.float32
