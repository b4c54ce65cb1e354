"""Functions that are constant around a point (rounding, counting, comparing): there a gradient of 0 is right.

Finite differences over steps that reach the next stair see the mean slope. But arithmetic in a low precision makes
stairs of a smooth function too, and there a gradient of 0 is wrong; low and narrow stairs leave that open.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch

from gradcheck.checking.directions import Direction
from gradcheck.checking.line import Line
from gradcheck.checking.torch_function import Tensors, TorchFunction
from gradcheck.results import Verdict

CLOSE = 1e-6
"""A distance, relative to the point, within which a plateau does not move, and any arithmetic of float32 does."""

FAR = 0.05
"""A distance at which every number of bfloat16, whose digits are the coarsest, has become another one."""

FARTHEST = 0.5
"""What does not move within this distance either is a constant."""

WIDE = (4e-3, 8e-3, 0.02, FAR, FARTHEST)
"""Distances over which the height of the stairs is seen."""

PLATEAU_EVALUATIONS = 2 * (2 + len(WIDE))

STAIR = 2.0**-6
"""A stair higher than this beside the value is none of bfloat16's."""

MOVED = 0.75
"""Where more than this fraction of the outputs has moved at the far distance, low precision may be the reason."""


def plateau(function: TorchFunction, u: Direction, base: Tensors) -> Verdict | None:
    """CORRECT where outputs are constant around the point, INCONCLUSIVE where low precision may be why, or None."""
    if any(out.dtype not in (torch.float64, torch.complex128) for out in base):
        return None
    try:
        return _judged(Line(function, u), base)
    except ArithmeticError:  # some distances lead out of the domain
        return None


def _judged(line: Line, base: Tensors) -> Verdict | None:
    if any(change.any() for change, _ in _changes(line, CLOSE, base)):
        return None
    far = torch.cat([change.reshape(-1) != 0 for change, _ in _changes(line, FAR, base)])
    if not far.any() and not any(change.any() for change, _ in _changes(line, FARTHEST, base)):
        return Verdict.CORRECT
    heights = (height for distance in WIDE for height in _heights(line, distance, base))
    clear = min(heights, default=1.0) > STAIR and int(far.sum()) <= MOVED * far.numel()
    return Verdict.CORRECT if clear else Verdict.INCONCLUSIVE


def _changes(line: Line, distance: float, base: Tensors) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """How far outputs move on both sides, and the larger of the two values."""
    for t in (distance, -distance):
        for out, before in zip(line(t), base, strict=True):
            yield (out - before).abs(), torch.maximum(out.abs(), before.abs())


def _heights(line: Line, distance: float, base: Tensors) -> Iterator[float]:
    """The least relative moves among the entries that do move."""
    for change, size in _changes(line, distance, base):
        moved = change > 0
        if moved.any():
            yield float((change / size)[moved].min())
