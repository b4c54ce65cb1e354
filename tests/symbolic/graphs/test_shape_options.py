"""Operators on shapes and indices with their options, in place and out of place; and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.nn import functional

from gradcheck.symbolic.graphs.refusals import NotTraceable
from gradcheck.symbolic.graphs.trace import trace
from tests.symbolic.graphs.operator_cases.case import places, real, together
from tests.symbolic.graphs.test_operators import demand_same_jacobians


def overwritten(x: torch.Tensor) -> torch.Tensor:
    """Parts written to, one through a view."""
    y = x * 1
    y[0] = 2.0
    y[1:, 2] = x[0, 0]
    return y


Example = Callable[[torch.Generator], tuple[torch.Tensor, ...]]
VARIANTS: dict[str, tuple[Callable[..., Any], Example]] = {
    "flatten": (lambda x: x.flatten(), real((2, 3, 4))),
    "unflatten": (lambda x: x.unflatten(-1, (2, -1)), real((3, 6))),
    "tile": (lambda x: x.tile(2), real((2, 3))),
    "repeat_interleave": (lambda x: x.repeat_interleave(2, 0), real((2, 3))),
    "movedim": (lambda x: x.movedim(0, -1), real((2, 3, 4))),
    "roll of all entries": (lambda x: x.roll(2), real((3, 2))),
    "rot90": (torch.rot90, real((2, 3))),
    "diag of a vector": (torch.diag, real((3,))),
    "diag of a matrix": (lambda x: torch.diag(x, 1), real((3, 4))),
    "trace": (torch.trace, real((3, 3))),
    "chunk": (lambda x: x.chunk(2, 1)[1], real((2, 5))),
    "narrow": (lambda x: x.narrow(0, 1, 2), real((5, 3))),
    "half": (lambda x: x[x.shape[0] // 2 :], real((5, 2))),
    "sum of a part": (lambda x: x[1:].sum(0) + x[::2].mean(0), real((5, 2))),
    "differences": (lambda x: (x[1:] - x[:-1]).pow(2).sum(), real((4,))),
    "squares of a part": (lambda x: x[:-1].pow(2).sum() + x[:2].sin().sum(), real((5,))),
    "trace of a wide matrix": (lambda x: x.pow(2).diagonal().sum(), real((2, 3))),
    "constant padding": (lambda x: functional.pad(x, (1, 2, 0, 1), value=0.5), real((2, 3))),
    "cutting off": (lambda x: functional.pad(x, (-1, 1)), real((2, 3))),
    "circular padding": (lambda x: functional.pad(x, (1, 2), mode="circular"), real((2, 3, 4))),
    "softmax over a concatenation": (lambda x, y: torch.cat([x, y], 1).softmax(1), real((2, 3), (2, 1))),
    "sum over a concatenation": (lambda x, y: torch.cat([x, y]).pow(2).sum(), real((3,), (2,))),
    "kron": (torch.kron, real((2, 3), (3, 2))),
    "outer": (torch.outer, real((2,), (3,))),
    "rows and columns": (lambda x, s, t: x[s, t], together(real((3, 4)), places(3, 5), places(4, 5))),
    "one entry a row": (lambda x, t: x[torch.arange(x.shape[0]), t].sum(), together(real((3, 4)), places(4, 3))),
    "an axis kept": (lambda x, t: x[:, t].sum(0), together(real((3, 4)), places(4, 5))),
    "axes apart": (lambda x, s, t: x[s, :, t], together(real((3, 2, 4)), places(3, 5), places(4, 5))),
    "the last by range": (lambda x: x[torch.arange(-1, 2)], real((3, 2))),
    "counted from the end": (lambda x, t: x[t - 3], together(real((3,)), places(3, 2))),
    "take": (torch.take, together(real((3, 4)), places(12, 5))),
    "written to": (overwritten, real((3, 4))),
    "a part of each row": (lambda x, t: x.gather(1, t).pow(2).sum(), together(real((4, 3)), places(3, 2, 2))),
    "taken along an axis": (lambda x, t: x.take_along_dim(t[None], 0), together(real((5, 2)), places(5, 2))),
    "a vector product": (torch.linalg.cross, real((2, 3), (2, 3))),
    "nearest neighbours": (lambda x: torch.nn.functional.interpolate(x, scale_factor=2), real((1, 2, 3))),
    "between neighbours": (lambda x: torch.nn.functional.interpolate(x, size=5, mode="linear"), real((1, 2, 3))),
    "rows set to one value": (lambda x, t: x.index_put((t,), x.sum()), together(real((5, 2)), places(5, 1))),
    "chosen without axes": (lambda x, t: x.index_select(0, t) * x.gather(0, t[0]), together(real(()), places(1, 1))),
    "added without axes": (lambda x, t, s: x.index_add(0, t, s), together(real(()), places(1, 1), real(()))),
    "scattered without axes": (lambda x, t: x.scatter_add(0, t, x.exp()), together(real(()), places(1))),
    "unfolded without axes": (lambda x: x.unfold(0, 1, 1), real(())),
    "filled by index": (lambda x, t: x.index_fill(0, t, 2.0), together(real((5, 2)), places(5, 3))),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_variants_have_formulas_with_their_derivatives(name: str) -> None:
    function, draw = VARIANTS[name]
    demand_same_jacobians(trace(function, *draw(torch.Generator().manual_seed(0))))


REFUSED: dict[str, tuple[Callable[..., Any], Example, str]] = {
    "a mask": (lambda x: x[x > 0], real((3, 4)), "depends on values"),
    "positions": (lambda x: x[x.nonzero()[:, 0]], real((3,)), "depends on values"),
    "memory": (lambda x: x.as_strided((2, 2), (1, 2)), real((3, 4)), "as_strided"),
    "places written twice": (
        lambda x, t, v: x.index_put((t,), v),
        together(real((3, 2)), places(3, 4), real((4, 2))),
        "in no order",
    ),
    "the largest sent to a place": (
        lambda x, t: x.scatter_reduce(0, t, x, "amax"),
        together(real((2, 2)), places(2, 2, 2)),
        "amax",
    ),
    "slopes divided by counts": (
        lambda t, w: functional.embedding(t, w, scale_grad_by_freq=True),
        together(places(5, 3), real((5, 2))),
        "scale_grad_by_freq",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_formula_is_refused_in_words(name: str) -> None:
    function, draw, words = REFUSED[name]
    with pytest.raises(NotTraceable, match=words):
        trace(function, *draw(torch.Generator().manual_seed(0)))


def test_indices_are_drawn_below_the_size_of_their_axis() -> None:
    (formula,) = trace(lambda x, t: x[t], torch.zeros(7, 2), torch.tensor([0, 1])).formulas
    assert formula.domain("t").description == "whole numbers from 0 to m - 1"


def test_an_index_below_zero_is_refused() -> None:
    with pytest.raises(NotTraceable, match="below 0"):
        trace(lambda x, t: x[t], torch.zeros(7), torch.tensor([0, -1]))


def test_an_index_below_zero_is_refused_for_merged_axes() -> None:
    with pytest.raises(NotTraceable, match="below 0"):
        trace(torch.take, torch.zeros(3, 4), torch.tensor([0, -1]))


def test_indices_are_drawn_below_the_size_of_merged_axes() -> None:
    (formula,) = trace(lambda x, t: x.take(t), torch.zeros(3, 4), torch.tensor([0, 1])).formulas
    assert formula.domain("t").description == "whole numbers from 0 to m*n - 1"
