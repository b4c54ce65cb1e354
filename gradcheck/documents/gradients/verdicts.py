"""Decides from what was measured whether a stated gradient is that of a loss, and names what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.checking.diagnosis.diagnose import diagnose
from gradcheck.checking.verdict import compare
from gradcheck.numeric.estimate import Estimate
from gradcheck.results import Diagnosis, Verdict

Array = NDArray[np.float64]

APPROXIMATE = 1e-4
"""A gradient this near the measured one, relative to its largest entry, may be a difference quotient itself."""

NAMED = ("factor", "sign", "transposed", "missing_sum", "stale", "missing_derivative", "zero")
"""Mistakes that are recognised entry by entry; any other could be the fault of made-up values."""


@dataclass(frozen=True)
class Match:
    """How one stated gradient compares to one loss over all points.

    `verdict` is CORRECT where it is the gradient in some world in which the code runs, WRONG where it is it in none,
    and INCONCLUSIVE where nothing could be compared. `given` tells whether the values are the document's own.
    """

    verdict: Verdict
    diagnosis: Diagnosis | None = None
    reason: str = ""
    points: int = 0
    given: bool = False
    stated: Array | None = None
    true: Array | None = None
    bar: float = 0.0
    usable: bool = True


def match(points: Sequence[Mapping[str, Any]], given: bool, gradient: int, loss: int, sign: int) -> Match:
    """Compares the stated gradient number `gradient`, times `sign`, with the slopes of the loss number `loss`."""
    worlds: dict[int, list[Mapping[str, Any]]] = {}
    for point in points:
        worlds.setdefault(point["world"], []).append(point)
    found = [_in_world(each, gradient, loss, sign, given) for each in worlds.values()]
    decided = [each for each in found if each.verdict is not Verdict.INCONCLUSIVE]
    right = [each for each in decided if each.verdict is Verdict.CORRECT]
    if right:
        return right[0]
    if not decided:
        return found[0] if found else Match(Verdict.INCONCLUSIVE, reason="nothing was measured", usable=False)
    kinds = {each.diagnosis.kind for each in decided if each.diagnosis}
    named = kinds & set(NAMED)
    if len(named or kinds) > 1:
        return Match(Verdict.INCONCLUSIVE, reason="it depends on the values how the two differ", given=given)
    return next(each for each in decided if not named or (each.diagnosis and each.diagnosis.kind in named))


def repaired(points: Sequence[Mapping[str, Any]], gradient: int, loss: int, sign: int) -> int | None:
    """The number of the first change that makes the stated gradient right wherever it could be measured."""
    for number in range(len(points[0]["repairs"]) if points else 0):
        found = [_with_repair(point, number, gradient) for point in points]
        if all(each is not None for each in found):
            changed = [each for each in found if each is not None]
            if match(changed, True, gradient, loss, sign).verdict is Verdict.CORRECT:
                return number
    return None


def _with_repair(point: Mapping[str, Any], number: int, gradient: int) -> dict[str, Any] | None:
    values = point["repairs"][number]
    if values is None or not values[gradient]:
        return None
    shapes = [point["shape"] if place == gradient else each for place, each in enumerate(point["shapes"])]
    gradients = [values[gradient] if place == gradient else each for place, each in enumerate(point["gradients"])]
    return {**point, "gradients": gradients, "shapes": shapes}


def _in_world(points: Sequence[Mapping[str, Any]], gradient: int, loss: int, sign: int, given: bool) -> Match:
    found = [_at_point(point, gradient, loss, sign, given) for point in points]
    informative = [each for each in found if each.verdict is not Verdict.INCONCLUSIVE]
    if not informative:
        return found[0]
    wrong = [each for each in informative if each.verdict is Verdict.WRONG]
    if not wrong:
        first = informative[0]
        return Match(Verdict.CORRECT, None, "", len(informative), given, first.stated, first.true, first.bar)
    if len(wrong) < len(informative):
        return Match(Verdict.INCONCLUSIVE, reason="it agrees at some points and differs at others", given=given)
    if len({_name(each) for each in wrong}) > 1:
        nameless = [each for each in wrong if each.diagnosis and each.diagnosis.kind not in NAMED]
        if given and nameless:
            return nameless[0]
        return Match(Verdict.INCONCLUSIVE, reason="the difference has another form at every point", given=given)
    return wrong[0]


def _name(found: Match) -> str:
    if found.diagnosis is None:
        return ""
    return found.diagnosis.text if found.diagnosis.kind == "factor" else found.diagnosis.kind


def _at_point(point: Mapping[str, Any], gradient: int, loss: int, sign: int, given: bool) -> Match:
    slope = point["slopes"][loss]
    if slope["reason"]:
        return Match(Verdict.INCONCLUSIVE, reason=slope["reason"], given=given, usable=False)
    estimate = Estimate(np.array(slope["value"]), np.array(slope["bar"]), 0, np.array(slope["jump"]))
    claimed = sign * np.array(point["gradients"][gradient], dtype=float)
    if not np.any(np.abs(estimate.value) > estimate.error_bar):
        return Match(Verdict.INCONCLUSIVE, reason="it does not depend on the parameter", given=given, usable=False)
    if not np.isfinite(claimed).all():
        return Match(Verdict.INCONCLUSIVE, reason="the stated gradient is not finite", given=given)
    if point["whole"]:
        estimate, claimed = estimate.reshape(*point["shape"]), claimed.reshape(point["shapes"][gradient])
    if claimed.shape != estimate.value.shape:
        return _of_other_shape(claimed, estimate, given, point["whole"])
    return _of_same_shape(claimed, estimate, given, point["sizes"])


def _of_same_shape(claimed: Array, estimate: Estimate, given: bool, sizes: Mapping[str, int]) -> Match:
    found, bar = compare(claimed, estimate), float(np.max(estimate.error_bar))
    if found.verdict is Verdict.INCONCLUSIVE:
        return Match(found.verdict, reason=found.reason, given=given)
    if found.verdict is Verdict.CORRECT:
        return Match(found.verdict, None, "", 1, given, claimed, estimate.value, bar)
    error = float(np.max(np.abs(claimed - estimate.value)))
    if error <= APPROXIMATE * float(np.max(np.abs(estimate.value))):
        return Match(
            Verdict.INCONCLUSIVE, reason="it is near the gradient, and may be a difference quotient", given=given
        )
    return Match(Verdict.WRONG, diagnose(claimed, estimate, 0, sizes), "", 1, given, claimed, estimate.value, bar)


_OTHER_SHAPE = Diagnosis("shape", "the gradient has another shape than its parameter")


def _kept_axes_summed(claimed: Array, true: Array) -> Array:
    """A gradient with those axes in front that are of length one in its parameter, so that their sum can be missed."""
    if claimed.ndim != true.ndim or not any(size == 1 for size in true.shape):
        return claimed
    kept = [axis for axis, size in enumerate(true.shape) if size == 1 and claimed.shape[axis] != 1]
    rest = [size for axis, size in enumerate(true.shape) if axis not in kept]
    moved = np.moveaxis(claimed, kept, range(len(kept)))
    same = list(moved.shape[len(kept) :]) == rest
    return moved.reshape(*moved.shape[: len(kept)], *true.shape) if kept and same else claimed


def _of_other_shape(claimed: Array, estimate: Estimate, given: bool, whole: bool) -> Match:
    diagnosis = diagnose(_kept_axes_summed(claimed, estimate.value), estimate) if whole else _OTHER_SHAPE
    if diagnosis.kind not in ("shape", "transposed", "missing_sum"):
        diagnosis = _OTHER_SHAPE
    if diagnosis.kind == "shape":
        reason = f"the gradient has the shape {claimed.shape}, its parameter {estimate.value.shape}"
        return Match(Verdict.INCONCLUSIVE, reason=reason, given=given)
    return Match(Verdict.WRONG, diagnosis, "", 1, given, claimed, estimate.value, float(np.max(estimate.error_bar)))
