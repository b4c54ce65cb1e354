"""Entries at the place that a tensor without axes names, x[i]: torch itself asks for its value, and forgets it."""

from __future__ import annotations

from typing import Any

import torch


def selected(x: torch.Tensor, index: Any) -> torch.Tensor:
    """x[index], where tensors of whole numbers without axes stay tensors, unless None or `...` stands before one.

    >>> selected(torch.eye(3), (slice(None), torch.tensor(1)))
    tensor([0., 1., 0.])
    """
    parts = list(index) if isinstance(index, tuple) else [index]
    numbers = [place for place, part in enumerate(parts) if _is_number(part)]
    if not numbers or any(part is None or part is Ellipsis for part in parts[: numbers[-1]]):
        return x[index]
    for axis in reversed(numbers):
        x = x.index_select(axis, parts.pop(axis).reshape(1)).squeeze(axis)
    return x[tuple(parts)] if parts else x


def _is_number(part: Any) -> bool:
    return (
        torch.is_tensor(part) and part.ndim == 0 and part.dtype in (torch.int8, torch.int16, torch.int32, torch.int64)
    )
