"""Inner products of lists of tensors in double precision; complex entries count as pairs of real ones."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import torch

from gradcheck.checking.evaluation.movement import Direction, Partial
from gradcheck.checking.evaluation.torch_function import Tensors

CHUNK = 65536
"""Products of so many entries at a time stay in a processor's cache."""


SAFE = 1e-150
"""Norms between this and its inverse have squares that neither vanish nor overflow."""


def inner(left: Sequence[torch.Tensor | None], right: Direction) -> float:
    """The real inner product of a list of tensors and a direction; None counts as zero."""
    return sum(torch.dot(a, b).item() for pieces in _present(left, right) for a, b in pieces)


def inner_of_flat(left: Sequence[torch.Tensor], right: Sequence[torch.Tensor]) -> float:
    """The inner product where the left side is `flat` already, because it serves many times."""
    return sum(torch.dot(a, flat(b)).item() for a, b in zip(left, right, strict=True))


def norm_of_products(left: Sequence[torch.Tensor | None], right: Direction) -> float:
    """The root of the sum of the squared products of their entries; None counts as zero."""
    return math.hypot(*norms_of_products(left, right))


def norms_of_products(left: Sequence[torch.Tensor | None], right: Direction) -> list[float]:
    """The same for each pair of tensors alone, those left out in which one is None."""
    return [math.hypot(*(_norm(a * b) for a, b in pieces)) for pieces in _present(left, right)]


def norm_of_differences(left: torch.Tensor, other: torch.Tensor | None, right: torch.Tensor | Partial | None) -> float:
    """The same for how far one tensor lies from another, which is never kept whole."""
    if other is None or right is None:
        return 0.0
    pieces = zip(_pieces(left, right), _pieces(other, right), strict=True)
    return math.hypot(*(_norm((a - b) * c) for (a, c), (b, _) in pieces))


def inner_and_norms(left: Sequence[torch.Tensor | None], right: Direction) -> tuple[float, list[float]]:
    """`inner` and `norms_of_products` in one pass over memory."""
    found = [[(torch.dot(a, b).item(), _norm(a * b)) for a, b in pieces] for pieces in _present(left, right)]
    norms = [math.hypot(*(norm for _, norm in parts)) for parts in found]
    return sum(dot for parts in found for dot, _ in parts), norms


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


Pieces = Iterator[tuple[torch.Tensor, torch.Tensor]]


def _present(left: Sequence[torch.Tensor | None], right: Direction) -> Iterator[Pieces]:
    """For each tensor present on both sides the pieces of both, flat and real."""
    return (_pieces(a, b) for a, b in zip(left, right, strict=True) if a is not None and b is not None)


def _pieces(a: torch.Tensor, b: torch.Tensor | Partial) -> Pieces:
    if not isinstance(b, torch.Tensor):
        entries = a.reshape(-1)
        return ((flat(entries[place]), flat(part)) for place, part in b.pieces())
    pair = flat(a), flat(b)
    return iter((pair,)) if a.numel() <= CHUNK else zip(*(part.split(CHUNK) for part in pair), strict=True)


def flat(tensor: torch.Tensor) -> torch.Tensor:
    """The tensor's entries in a row, as real numbers in double precision."""
    detached = (tensor.detach() if tensor.requires_grad else tensor).reshape(-1)
    if tensor.dtype is torch.float64:
        return detached
    if not tensor.is_complex():
        return detached.double()
    return torch.view_as_real(detached.resolve_conj().to(torch.complex128)).reshape(-1)
