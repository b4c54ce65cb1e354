"""Padding by entries of the tensor."""

from __future__ import annotations

from torch.nn import functional

from tests.symbolic.graphs.operator_cases.case import Case, real

WIDTHS = {1: (1, 2), 2: (1, 2, 1, 0), 3: (1, 1, 0, 1, 1, 0)}
SHAPES = {1: (2, 4), 2: (2, 3, 4), 3: (2, 3, 2, 4)}


def case(mode: str, axes: int) -> Case:
    """Padding along so many axes."""
    return Case(lambda x: functional.pad(x, WIDTHS[axes], mode=mode), real(SHAPES[axes]))


CASES = {
    **{f"reflection_pad{axes}d": case("reflect", axes) for axes in (1, 2, 3)},
    **{f"replication_pad{axes}d": case("replicate", axes) for axes in (1, 2, 3)},
}
