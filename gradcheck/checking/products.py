"""Inner products of lists of tensors in double precision; complex entries count as pairs of real ones."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from gradcheck.checking.torch_function import Tensors


def inner(left: Sequence[torch.Tensor | None], right: Sequence[torch.Tensor | None]) -> float:
    """The real inner product of two lists of tensors; None counts as zero."""
    pairs = zip(left, right, strict=True)
    return sum(float(torch.sum(_real(a) * _real(b))) for a, b in pairs if a is not None and b is not None)


def norm_of_products(left: Sequence[torch.Tensor | None], right: Sequence[torch.Tensor | None]) -> float:
    """The root of the sum of the squared products of their entries; None counts as zero."""
    pairs = zip(left, right, strict=True)
    norms = (torch.linalg.vector_norm(_real(a) * _real(b)) for a, b in pairs if a is not None and b is not None)
    return math.hypot(*(float(norm) for norm in norms))


def widened(tensors: Sequence[torch.Tensor]) -> Tensors:
    """The same values in double precision; complex ones stay complex."""
    return [x.to(torch.complex128) if x.is_complex() else x.double() for x in tensors]


def _real(tensor: torch.Tensor) -> torch.Tensor:
    detached = tensor.detach()
    return (
        torch.view_as_real(detached.resolve_conj().to(torch.complex128)) if tensor.is_complex() else detached.double()
    )
