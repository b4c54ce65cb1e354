"""A mean in place of a sum over the axes along which an input is broadcast."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations
from math import prod

import torch

from gradcheck.checking.check import Finding
from gradcheck.checking.evaluation.torch_function import Tensors

MEAN_REMEDY = "Sum over the axis that the input is broadcast along; a mean divides by its length."

SLACK = 1e-6
"""How far, relatively, the factor may be from one over the lengths."""


def broadcast_axes(leaf: torch.Tensor, output: torch.Tensor) -> Iterator[int]:
    """The output's axes along which a leaf of this shape is stretched, where it broadcasts to the output's shape."""
    missing = output.ndim - leaf.ndim
    lengths = (1,) * missing + tuple(leaf.shape)
    if missing >= 0 and all(n in (1, m) for n, m in zip(lengths, output.shape, strict=True)):
        yield from (axis for axis, (n, m) in enumerate(zip(lengths, output.shape, strict=True)) if n == 1 < m)


def told_by_mean(finding: Finding, leaf: torch.Tensor, outputs: Tensors) -> Finding:
    """A finding about a factor, with the axes whose lengths it is one over, if it is."""
    if finding.kind != "factor" or len(outputs) != 1 or not finding.numeric:
        return finding
    (output,) = outputs
    axes = list(broadcast_axes(leaf, output))
    for chosen in chain.from_iterable(combinations(axes, count) for count in range(1, len(axes) + 1)):
        length = prod(output.shape[axis] for axis in chosen)
        if abs(finding.analytic / finding.numeric * length - 1) <= SLACK:
            return finding.renamed("factor", _told(chosen, length), MEAN_REMEDY)
    return finding


def _told(axes: tuple[int, ...], length: int) -> str:
    which = f"axis {axes[0]}" if len(axes) == 1 else f"axes {' and '.join(map(str, axes))}"
    return (
        f"the gradient is 1/{length} of the true one: a mean over {which} of the output ({length} entries), along which"
        " the input is broadcast, in place of the sum"
    )
