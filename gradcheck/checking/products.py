"""Inner products of lists of tensors in double precision; complex entries count as pairs of real ones."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import torch

from gradcheck.checking.directions import Direction, Segment
from gradcheck.checking.torch_function import Tensors

CHUNK = 65536
"""Products of so many entries at a time stay in a processor's cache."""


SAFE = 1e-150
"""Norms between this and its inverse have squares that neither vanish nor overflow."""


def inner(left: Sequence[torch.Tensor | None], right: Direction) -> float:
    """The real inner product of a list of tensors and a direction; None counts as zero."""
    return sum(torch.dot(a, b).item() for a, b in _pairs(left, right))


def inner_of_flat(left: Sequence[torch.Tensor], right: Sequence[torch.Tensor]) -> float:
    """The inner product where the left side is `flat` already, because it serves many times."""
    return sum(torch.dot(a, flat(b)).item() for a, b in zip(left, right, strict=True))


def norm_of_products(left: Sequence[torch.Tensor | None], right: Direction) -> float:
    """The root of the sum of the squared products of their entries; None counts as zero."""
    return math.hypot(*norms_of_products(left, right))


def norms_of_products(left: Sequence[torch.Tensor | None], right: Direction) -> list[float]:
    """The same for each pair of tensors alone, those left out in which one is None."""
    return [_norm_of_product(a, b) for a, b in _pairs(left, right)]


def _norm_of_product(a: torch.Tensor, b: torch.Tensor) -> float:
    if a.numel() <= CHUNK:
        return _norm(a * b)
    pieces = zip(a.split(CHUNK), b.split(CHUNK), strict=True)
    return math.hypot(*(_norm(x * y) for x, y in pieces))


def _norm(product: torch.Tensor) -> float:
    """The norm; of entries whose squares overflow or vanish, in units of the largest."""
    norm = float(torch.linalg.vector_norm(product))
    if SAFE < norm < 1 / SAFE or not product.numel():
        return norm
    largest = float(product.abs().max())
    return largest * float(torch.linalg.vector_norm(product / largest)) if 0 < largest < math.inf else norm


def widened(tensors: Sequence[torch.Tensor]) -> Tensors:
    """The same values in double precision; complex ones stay complex."""
    return [x.to(torch.complex128) if x.is_complex() else x.double() for x in tensors]


def _pairs(left: Sequence[torch.Tensor | None], right: Direction) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """The tensors present on both sides, flat and real."""
    for a, b in zip(left, right, strict=True):
        if a is None or b is None:
            continue
        if isinstance(b, Segment):
            yield flat(a.reshape(-1)[b.place]), flat(b.values)
        else:
            yield flat(a), flat(b)


def flat(tensor: torch.Tensor) -> torch.Tensor:
    """The tensor's entries in a row, as real numbers in double precision."""
    detached = (tensor.detach() if tensor.requires_grad else tensor).reshape(-1)
    if tensor.dtype is torch.float64:
        return detached
    if not tensor.is_complex():
        return detached.double()
    return torch.view_as_real(detached.resolve_conj().to(torch.complex128)).reshape(-1)
