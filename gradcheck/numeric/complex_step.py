"""The complex step: the imaginary part of f(x + ih), over h, is the derivative exact to rounding.

No difference is taken, so nothing cancels and h can be far below rounding. That holds for analytic f only: a
function that branches on the real part is fine, one that takes `abs` or a conjugate is not. What can be seen from
outside is refused (outputs that lost their imaginary part, a derivative that depends on h); the rest must be caught
by agreement with a finite difference before either convicts.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradcheck.numeric.estimate import Estimate

Array = NDArray[np.float64]

STEP = 1e-150
"""Small enough that its square vanishes beside 1, large enough that its products do not underflow."""

ULPS = 64.0
"""Factor on the rounding of the derivative, and on how it answers to moving the point by one rounding error: a few
dozen operations, each off by at most one unit."""


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
    point = arguments[wrt].astype(np.float64)
    if not point.size:
        raise ComplexStepUnsupported("there is no input entry to step")
    eps = float(np.finfo(np.float64).eps)
    value = _imaginary(f, arguments, wrt, point)
    signs = np.random.default_rng(0).choice([-1.0, 1.0], point.shape)
    moved = np.abs(_imaginary(f, arguments, wrt, np.asarray(point + eps * point * signs)) - value)
    largest = [np.max(part, initial=0.0) for part in (np.abs(value), moved)]
    bar = ULPS * (eps * (np.abs(value) + largest[0]) + largest[1])
    return Estimate(value, bar, 2 * point.size)


def _imaginary(f: Callable[..., ArrayLike], arguments: list[NDArray[Any]], wrt: int, point: Array) -> Array:
    """The Jacobian at one point, one complex evaluation for each input entry."""
    columns = []
    for entry in range(point.size):
        arguments[wrt] = point.astype(np.complex128)
        arguments[wrt].flat[entry] += 1j * STEP
        columns.append(_outputs(f, arguments))
    stacked = np.stack(columns, axis=-1).imag / STEP
    if not np.isfinite(stacked).all():
        raise ComplexStepUnsupported("f is not finite at a complex point")
    return np.asarray(stacked.reshape((*stacked.shape[:-1], *point.shape)))


def _outputs(f: Callable[..., ArrayLike], arguments: Sequence[NDArray[Any]]) -> NDArray[np.complex128]:
    """The complex outputs of f, or the reason why there are none."""
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)  # float() in f drops the imaginary part
            outputs = np.asarray(f(*arguments))
    except Exception as error:
        raise ComplexStepUnsupported(f"f rejects complex input: {_first_line(error)}") from error
    if outputs.dtype.kind != "c":
        raise ComplexStepUnsupported(f"f drops the imaginary part: its output is of dtype {outputs.dtype}")
    return np.array(outputs, dtype=np.complex128)


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
