"""Finite differences say who is right where a formula's derivative and autograd's differ."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from gradcheck.numeric.difference import Estimate, jacobian
from gradcheck.symbolic.graphs.reproduction import differentiable
from gradcheck.symbolic.graphs.trace import Trace


def settled(found: Any, expected: Any, differ: Any, measured: Estimate) -> str:
    """`kink` where there is no derivative at the entries that differ, `autograd` where the formula's are the measured.

    Otherwise, and where the measurement cannot tell the two apart, `wrong`.

    >>> slope = Estimate(np.array([1.0]), np.array([1e-9]), 1)
    >>> settled(np.array([1.0]), np.array([0.0]), np.array([True]), slope)
    'autograd'
    """
    jump = np.zeros(np.shape(found)) if measured.jump is None else measured.jump
    smooth = differ & (jump == 0)
    if not smooth.any():
        return "kink"
    holds, excused = (np.abs(each - measured.value) <= measured.error_bar for each in (found, expected))
    return "autograd" if bool((holds & ~excused)[smooth].all()) else "wrong"


def measure(traced: Trace, place: int, name: str, weight: torch.Tensor) -> Estimate:
    """The slopes of the weighted output by the entries of one argument."""
    names = [argument.name for argument in traced.call.arguments]
    dtypes = [argument.value.dtype for argument in traced.call.arguments]

    def weighted(*arrays: Any) -> float:
        values = [torch.from_numpy(np.array(x)).to(dtype) for x, dtype in zip(arrays, dtypes, strict=True)]
        return float((differentiable(traced.call.function(*values))[place] * weight).sum())

    return jacobian(weighted, [value.detach().numpy() for value in traced.call.values], names.index(name))
