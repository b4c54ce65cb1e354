"""The complex step: the imaginary part of f(x + ih), over h, is the derivative exact to rounding.

No difference is taken, so nothing cancels and h can be far below rounding. That holds for analytic f only: a
function that branches on the real part is fine, one that takes `abs` or a conjugate is not. What can be seen from
outside is refused (outputs that lost their imaginary part, a derivative that depends on h); the rest must be caught
by agreement with a finite difference before either convicts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradcheck.numeric.estimate import Estimate

Array = NDArray[np.float64]

STEP = 1e-150
"""Small enough that its square vanishes beside 1, large enough that its products do not underflow."""

ULPS = 64.0
"""Factor on the rounding of the derivative: that of a few dozen operations, each off by at most one unit."""


class ComplexStepUnsupported(Exception):
    """A function cannot be differentiated by the complex step; `reason` says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def jacobian(f: Callable[..., ArrayLike], inputs: Sequence[NDArray[Any]], wrt: int = 0) -> Estimate:
    """The dense Jacobian of `f(*inputs)` with respect to `inputs[wrt]`: output axes, then input axes.

    ComplexStepUnsupported where f rejects complex input, drops the imaginary part, or is not finite.

    >>> j = jacobian(lambda x: x**3, [np.array(2.0)])
    >>> float(j.value)
    12.0
    """
    arguments = [np.array(x) for x in inputs]
    point = arguments[wrt].astype(np.complex128)
    columns = []
    for entry in range(point.size):
        arguments[wrt] = point.copy()
        arguments[wrt].flat[entry] += 1j * STEP
        columns.append(_outputs(f, arguments))
    if not columns:
        raise ComplexStepUnsupported("there is no input entry to step")
    stacked = np.stack(columns, axis=-1)
    value = stacked.imag / STEP
    if not np.isfinite(value).all():
        raise ComplexStepUnsupported("f is not finite at a complex point")
    bar = ULPS * np.finfo(np.float64).eps * (np.abs(value) + np.max(np.abs(value), initial=0.0))
    shape = (*stacked.shape[:-1], *point.shape)
    return Estimate(value.reshape(shape), bar.reshape(shape), point.size)


def _outputs(f: Callable[..., ArrayLike], arguments: Sequence[NDArray[Any]]) -> NDArray[np.complex128]:
    """The complex outputs of f, or the reason why there are none."""
    try:
        with np.errstate(all="ignore"):
            outputs = np.asarray(f(*arguments))
    except Exception as error:
        raise ComplexStepUnsupported(f"f rejects complex input: {_first_line(error)}") from error
    if outputs.dtype.kind != "c":
        raise ComplexStepUnsupported(f"f drops the imaginary part: its output is of dtype {outputs.dtype}")
    return np.array(outputs, dtype=np.complex128)


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
