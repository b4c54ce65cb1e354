"""Functions that are constant around a point (rounding, counting, comparing): there a gradient of 0 is right.

Finite differences over steps that reach the next stair see the mean slope. But arithmetic in a low precision makes
stairs of a smooth function too, and there a gradient of 0 is wrong; low and narrow stairs leave that open.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import torch

from gradcheck.checking.evaluation.line import Line
from gradcheck.checking.evaluation.movement import Direction
from gradcheck.checking.evaluation.torch_function import Tensors, TorchFunction
from gradcheck.results import Verdict

CLOSE = 1e-6
"""A distance, relative to the point, within which a plateau does not move, and any arithmetic of float32 does."""

FAR = 0.05
"""A distance at which every number of bfloat16, whose digits are the coarsest, has become another one."""

FARTHEST = 0.5
"""What does not move within this distance either is a constant."""

BETWEEN = (4e-3, -8e-3, 0.02)
"""Places where the height of the stairs is seen beside these: some distance is a step or two of bfloat16's, whatever
the direction."""

PLATEAU_EVALUATIONS = 6 + len(BETWEEN)
"""At most so many."""

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
    if any(change.any() for change, _ in _changes(line, (CLOSE, -CLOSE), base)):
        return None
    far, farthest = (list(_changes(line, (distance, -distance), base)) for distance in (FAR, FARTHEST))
    if not any(change.any() for change, _ in (*far, *farthest)):
        return Verdict.CORRECT
    few = sum(int(change.count_nonzero()) - MOVED * change.numel() for change, _ in far) <= 0
    seen = chain(far, farthest, _changes(line, BETWEEN, base))
    return Verdict.CORRECT if few and all(_is_high(*change) for change in seen) else Verdict.INCONCLUSIVE


def _changes(line: Line, places: Sequence[float], base: Tensors) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """How far outputs move at these places on the line, and the outputs before."""
    for t in places:
        for out, before in zip(line(t), base, strict=True):
            yield out - before, before


def _is_high(change: torch.Tensor, before: torch.Tensor) -> bool:
    """Whether every entry that does move climbs a stair that is none of arithmetic's."""
    moved = change.reshape(-1).nonzero()[:, 0]
    if not moved.numel():
        return True
    start, height = before.reshape(-1)[moved], change.reshape(-1)[moved]
    return bool((height.abs() > STAIR * torch.maximum(start.abs(), (start + height).abs())).all())
