"""A point one rounding error away, reached in place and left again bit for bit."""

from __future__ import annotations

import pytest
import torch

from gradcheck.checking.evaluation.nudged import nudged
from gradcheck.checking.evaluation.torch_function import LARGE

ENTRIES = LARGE + 70_000
"""More than one piece, the last of them not whole."""


def large(dtype: torch.dtype) -> torch.Tensor:
    """Normal numbers, zeros of both signs, the smallest numbers and the largest."""
    x = torch.randn(ENTRIES, generator=torch.Generator().manual_seed(0), dtype=torch.float64).to(dtype)
    tiny, largest = torch.finfo(dtype).smallest_normal, torch.finfo(dtype).max
    x[:6] = torch.tensor([0.0, -0.0, tiny, -tiny, largest, -largest], dtype=torch.float64).to(dtype)
    return x


def bits(x: torch.Tensor) -> torch.Tensor:
    return x.view({2: torch.int16, 4: torch.int32, 8: torch.int64}[x.element_size()])


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
def test_every_entry_but_zero_moves_by_a_few_units_and_comes_back(dtype: torch.dtype) -> None:
    x = large(dtype)
    before, version = x.clone(), x._version
    with nudged([x], torch.Generator().manual_seed(0)) as (moved,):
        assert moved is x
        assert torch.equal(moved != before, before != 0)
        assert int((bits(moved) - bits(before)).abs().max()) <= 3
        assert bool(torch.isfinite(moved).all())
    assert torch.equal(bits(x), bits(before))
    assert x._version == version  # a graph that was recorded with it can still be used


def test_an_error_at_that_point_leaves_the_values_as_they_were() -> None:
    x = large(torch.float64)
    before = x.clone()
    with pytest.raises(LookupError), nudged([x], torch.Generator()):
        raise LookupError
    assert torch.equal(bits(x), bits(before))


@pytest.mark.parametrize("x", [torch.ones(5), torch.ones(5, dtype=torch.complex128), torch.ones(400, 400).T[::2]])
def test_others_are_moved_as_new_tensors(x: torch.Tensor) -> None:
    with nudged([x], torch.Generator().manual_seed(0)) as (moved,):
        assert moved is not x
        assert 0 < float((moved - x).abs().max()) <= 2 * torch.finfo(x.dtype).eps
        assert bool((x == 1).all())
