"""Name the mistake behind a derivative that differs from the measured one.

`DETECTORS` is the whole list, in order: the first that recognises its mistake names it. A detector must explain every
entry, so that a name is never a guess: whatever none explains is `other`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradcheck.checking.diagnosis.case import Array, Case, at
from gradcheck.checking.diagnosis.factors import common_factor
from gradcheck.checking.diagnosis.permutations import permuted
from gradcheck.numeric.estimate import Estimate
from gradcheck.results import Diagnosis

__all__ = ["DETECTORS", "REMEDIES", "Case", "at", "diagnose"]

REMEDIES: Mapping[str, str] = {
    "shape": "Return one array of the expected shape: output axes first, then the input's axes.",
    "missing_sum": "Sum the gradient over the axes along which the input was broadcast.",
    "transposed": "Transpose it: the layout is output axes first, then the input's axes.",
    "not_finite": "Look for 0 * inf, 0 / 0 or log(0) in the gradient; mask the input of the branch, not its result.",
    "kink": "At a kink return a number between the slopes of the two sides.",
    "zero": "Look for a detached or rounded value, or a return statement that was left as a stub.",
    "sign": "Flip the sign; look for a difference taken in the wrong order.",
    "factor": "Multiply by what is missing; look for a square, a half or a mean in the definition.",
    "precision": "Keep float64 throughout the gradient.",
    "missing_coupling": "Add the terms by which each output depends on the other inputs.",
    "wrong_coupling": "Look at the term that sums over the other entries, as in softmax: y * (g - sum(g * y)).",
    "permuted": "Look for an index, a shift, a sort or a reshape that the forward pass lacks; undo its own in reverse.",
    "single_entry": "Look at the case that only this entry enters: an edge, an index off by one, a mask.",
    "row": "Look at how this output entry is formed: an index off by one, a mask, an edge.",
    "column": "Look at how this input entry enters: an index off by one, a mask, an edge.",
    "block": "Look at the slice that only these entries pass through.",
    "other": "Derive the gradient anew by the chain rule, and check it term by term.",
}
"""What to do about each kind of mistake. Its keys are all kinds, and they are stable."""

LOW_PRECISION = 2.0**-20
"""Relative error up to which a wrong entry counts as computed in float32: a few of its last digits."""


Detector = Callable[[Case], str | None]


def diagnose(
    analytic: ArrayLike, numeric: Estimate, output_ndim: int = 0, sizes: Mapping[str, int] | None = None
) -> Diagnosis:
    """Name the mistake in a derivative that was judged wrong.

    `analytic` is the claimed derivative, `numeric` the measured one: output axes (`output_ndim` of them), then input
    axes. `sizes` names numbers that a factor may come from, such as `{"the batch size": 32}`.

    >>> measured = Estimate(np.array([2.0, 6.0]), np.full(2, 1e-9), 44)
    >>> diagnose([1.0, 3.0], measured).text
    'the gradient is 1/2 of the true one'
    """
    case = Case(np.asarray(analytic, dtype=np.float64), numeric, output_ndim, sizes or {})
    detectors = DETECTORS if case.claimed.shape == case.true.shape else SHAPE_DETECTORS
    for kind, detector in detectors:
        text = detector(case)
        if text is not None:
            return Diagnosis(kind, text, REMEDIES[kind])
    raise AssertionError("the last detector recognises everything")


def _missing_sum(case: Case) -> str | None:
    extra = case.claimed.ndim - case.true.ndim
    if extra <= 0:
        return None
    axes = tuple(range(case.output_ndim, case.output_ndim + extra))
    summed = case.claimed.sum(axis=axes)
    if summed.shape != case.true.shape or not case.fits(summed):
        return None
    return f"the gradient lacks the sum over its broadcast axes: {_shapes(case)}"


def _transposed_shape(case: Case) -> str | None:
    swapped = _transpositions(case.claimed, case.output_ndim)
    if not any(s.shape == case.true.shape and case.fits(s) for s in swapped):
        return None
    return f"the gradient is transposed: {_shapes(case)}"


def _shape(case: Case) -> str:
    return f"the gradient has the wrong shape: {_shapes(case)}"


def _not_finite(case: Case) -> str | None:
    bad = np.argwhere(~np.isfinite(case.claimed))
    if not len(bad):
        return None
    index = tuple(int(i) for i in bad[0])
    return f"the gradient is {case.claimed[index]} at {case.at(index)}, where the true one is finite"


def _kink(case: Case) -> str | None:
    jump = case.estimate.jump
    if jump is None or not case.wrong.any() or not np.all(jump[case.wrong] != 0):
        return None
    index = tuple(int(i) for i in np.argwhere(case.wrong)[0])
    low, high = sorted((float(case.estimate.left[index]), float(case.estimate.right[index])))
    slopes = f"the slopes of the two sides, {low:.6g} to {high:.6g}"
    return f"at the kink at {case.at(index)} the gradient lies outside {slopes}"


def _zero(case: Case) -> str | None:
    return "the gradient is zero everywhere" if not case.claimed.any() else None


def _sign(case: Case) -> str | None:
    return "the gradient has the wrong sign" if case.fits(-case.claimed) else None


def _factor(case: Case) -> str | None:
    factor = common_factor(case.claimed, case.true, case.tolerance, case.sizes)
    return None if factor is None else f"the gradient is {factor.text}"


def _precision(case: Case) -> str | None:
    error = np.abs(case.claimed - case.true)
    if not np.all(error <= LOW_PRECISION * np.max(np.abs(case.true)) + case.tolerance):
        return None
    if not np.array_equal(case.claimed, case.claimed.astype(np.float32)):
        return None
    return "the gradient is right to float32 precision only"


def _transposed(case: Case) -> str | None:
    swapped = _transpositions(case.claimed, case.output_ndim)
    fitting = any(s.shape == case.true.shape and case.fits(s) for s in swapped)
    return "the gradient is transposed" if fitting else None


def _missing_coupling(case: Case) -> str | None:
    rows, columns = case.matrix_shape
    if rows != columns or rows < 2:
        return None
    diagonal = np.eye(rows, dtype=bool).reshape(case.true.shape)
    if case.claimed[~diagonal].any() or not case.wrong[~diagonal].any():
        return None
    incomplete = (case.wrong & ~diagonal).reshape(rows, rows).any(axis=0)
    if (incomplete & (case.claimed[diagonal] == 0)).any():
        return None
    return "the Jacobian has its diagonal only: the terms that couple different entries are missing"


def _wrong_coupling(case: Case) -> str | None:
    rows, columns = case.matrix_shape
    if rows != columns or rows < 2:
        return None
    coupling = ~np.eye(rows, dtype=bool).reshape(case.true.shape) & (np.abs(case.true) > case.tolerance)
    if any(coupling.reshape(rows, rows).any(axis=axis).sum() < 2 for axis in (0, 1)):
        return None
    if not case.wrong[coupling].all() or (case.wrong & (np.abs(case.true) <= case.tolerance)).any():
        return None
    named = _local_factor(case, coupling)
    return f"the terms that couple different entries are wrong{named}" if named else None


def _single_entry(case: Case) -> str | None:
    wrong = np.argwhere(case.wrong)
    if len(wrong) != 1 or case.wrong.size == 1:
        return None
    index = tuple(int(i) for i in wrong[0])
    return f"only the entry at {at(index)} is wrong{_local_factor(case)}"


def _row(case: Case) -> str | None:
    rows = np.flatnonzero(case.wrong.reshape(case.matrix_shape).any(axis=1))
    if case.matrix_shape[0] == 1 or len(rows) != 1:
        return None
    index = np.unravel_index(rows[0], case.true.shape[: case.output_ndim])
    return f"only the derivatives of the output entry {at(index)} are wrong{_local_factor(case)}"


def _column(case: Case) -> str | None:
    columns = np.flatnonzero(case.wrong.reshape(case.matrix_shape).any(axis=0))
    if case.matrix_shape[1] == 1 or len(columns) != 1:
        return None
    index = np.unravel_index(columns[0], case.true.shape[case.output_ndim :])
    return f"only the derivatives with respect to the input entry {at(index)} are wrong{_local_factor(case)}"


def _block(case: Case) -> str | None:
    wrong = np.argwhere(case.wrong)
    if not len(wrong):
        return None
    low, high = wrong.min(axis=0), wrong.max(axis=0) + 1
    box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    if not case.wrong[box].all() or case.wrong.all():
        return None
    written = ", ".join(f"{s.start}:{s.stop}" for s in box)
    return f"only the block [{written}] is wrong{_local_factor(case)}"


def _other(_: Case) -> str:
    return "the gradient is wrong in no way that has a name here"


SHAPE_DETECTORS: tuple[tuple[str, Detector], ...] = (
    ("missing_sum", _missing_sum),
    ("transposed", _transposed_shape),
    ("shape", _shape),
)
"""What is tried where the shape is wrong already."""

DETECTORS: tuple[tuple[str, Detector], ...] = (
    ("not_finite", _not_finite),
    ("kink", _kink),
    ("zero", _zero),
    ("sign", _sign),
    ("factor", _factor),
    ("precision", _precision),
    ("transposed", _transposed),
    ("missing_coupling", _missing_coupling),
    ("wrong_coupling", _wrong_coupling),
    ("permuted", permuted),
    ("single_entry", _single_entry),
    ("row", _row),
    ("column", _column),
    ("block", _block),
    ("other", _other),
)
"""What is tried where the shape is right, in this order."""


def _shapes(case: Case) -> str:
    return f"got {case.claimed.shape}, expected {case.true.shape}"


def _transpositions(claimed: Array, output_ndim: int) -> list[Array]:
    """The derivative with its parts swapped: input axes reversed, output axes reversed, input and output exchanged."""
    axes = tuple(range(claimed.ndim))
    orders = {
        (*axes[:output_ndim], *reversed(axes[output_ndim:])),
        (*reversed(axes[:output_ndim]), *axes[output_ndim:]),
        (*axes[claimed.ndim - output_ndim :], *axes[: claimed.ndim - output_ndim]),
    }
    return [claimed.transpose(order) for order in sorted(orders - {axes})]


def _local_factor(case: Case, where: NDArray[np.bool_] | None = None) -> str:
    """What the wrong entries, or those chosen, are of the true ones: one named factor, or the sign."""
    chosen = case.wrong if where is None else where
    claimed, true, tolerance = case.claimed[chosen], case.true[chosen], case.tolerance[chosen]
    if np.all(np.abs(claimed + true) <= tolerance):
        return ", with the wrong sign"
    factor = common_factor(claimed, true, tolerance, {})
    return f", {factor.text}" if factor and factor.named else ""
