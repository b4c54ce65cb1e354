"""Layers with their options: formulas with autograd's derivatives, ties included, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from gradcheck.symbolic.graphs.refusals import NotTraceable
from gradcheck.symbolic.graphs.trace import trace
from tests.symbolic.graphs.operator_cases.case import real
from tests.symbolic.graphs.test_operators import demand_same_jacobians

Example = Callable[[torch.Generator], tuple[torch.Tensor, ...]]
LAYERS: dict[str, tuple[Callable[..., Any], Example]] = {
    "convolution of one sample": (functional.conv1d, real((2, 5), (3, 2, 2))),
    "two axes, one padded": (
        lambda x, w: functional.conv2d(x, w, stride=(2, 1), padding=(0, 1)),
        real((1, 1, 5, 3), (2, 1, 2, 2)),
    ),
    "three axes": (functional.conv3d, real((1, 1, 2, 3, 2), (2, 1, 1, 2, 2))),
    "padding to the same size": (lambda x, w: functional.conv1d(x, w, padding="same"), real((1, 2, 4), (2, 2, 3))),
    "groups": (lambda x, w: functional.conv1d(x, w, groups=2), real((1, 4, 3), (6, 2, 2))),
    "groups and a bias": (lambda x, w, b: functional.conv1d(x, w, b, groups=2), real((1, 4, 3), (6, 2, 2), (6,))),
    "a transposed convolution": (
        lambda x, w, b: functional.conv_transpose1d(x, w, b, 2, 1, output_padding=1, dilation=2, groups=2),
        real((1, 4, 3), (4, 1, 2), (2,)),
    ),
    "a transposed convolution of two axes": (
        lambda x, w: functional.conv_transpose2d(x, w, stride=(1, 2), padding=(0, 1)),
        real((1, 2, 2, 3), (2, 1, 2, 3)),
    ),
    "a channel by itself": (lambda x, w: functional.conv1d(x, w, groups=2), real((1, 2, 4), (4, 1, 2))),
    "a block": (nn.Sequential(nn.Conv1d(2, 3, 2), nn.ReLU(), nn.Conv1d(3, 1, 2)).double(), real((1, 2, 4))),
    "means of a line": (lambda x: functional.avg_pool1d(x, 3, 2), real((2, 7))),
    "means by another number": (lambda x: functional.avg_pool2d(x, 2, divisor_override=3), real((1, 2, 4, 2))),
    "means beyond an edge": (lambda x: functional.avg_pool1d(x, 3, 2, 1, ceil_mode=True), real((1, 6))),
    "means within the edges": (lambda x: functional.avg_pool1d(x, 3, 2, 1, True, False), real((1, 6))),
    "means of shares": (lambda x: functional.adaptive_avg_pool2d(x, (2, 3)), real((1, 3, 4))),
    "mean of all places": (lambda x: functional.adaptive_avg_pool2d(x, 1), real((2, 2, 3, 4))),
    "maxima of a line": (lambda x: functional.max_pool1d(x, 3, 2), real((2, 7))),
    "maxima of dilated windows": (lambda x: functional.max_pool2d(x, 2, 1, dilation=(1, 2)), real((1, 1, 3, 5))),
    "maxima beyond an edge": (lambda x: functional.max_pool1d(x, 2, 2, 1, 3, ceil_mode=True), real((1, 7))),
    "maxima of shares": (lambda x: functional.adaptive_max_pool1d(x, 3), real((1, 5))),
    "layer normalisation": (nn.LayerNorm(3).double(), real((2, 3))),
    "instance normalisation": (
        lambda x, w, b: functional.instance_norm(x, weight=w, bias=b),
        real((2, 2, 3), (2,), (2,)),
    ),
    "root mean square": (lambda x, w: functional.rms_norm(x, (3,), w, 0.1), real((2, 3), (3,))),
    "distances by sums": (lambda a, b: torch.cdist(a, b, 1.0), real((2, 3), (3, 3))),
    "products of batches": (torch.matmul, real((2, 1, 2, 3), (2, 3, 2))),
    "einsum of three": (lambda a, b, c: torch.einsum("bi,ijk,bk->bj", a, b, c), real((2, 3), (3, 1, 2), (2, 2))),
    "attention to what came before": (
        lambda q, k, v: functional.scaled_dot_product_attention(q, k, v, is_causal=True),
        real((1, 3, 2), (1, 3, 2), (1, 3, 2)),
    ),
    "a gated cell": (nn.GRUCell(1, 2).double(), real((1, 1), (1, 2))),
    "attention under a mask": (
        lambda q, k, v, m: functional.scaled_dot_product_attention(q, k, v, attn_mask=m > 0),
        real((1, 2, 2), (1, 3, 2), (1, 3, 2), (2, 3)),
    ),
    "bilinear": (functional.bilinear, real((2, 3), (2, 4), (2, 3, 4), (2,))),
    "no dropout": (lambda x: functional.dropout(x, 0.5, training=False) * 2, real((2, 3))),
}


@pytest.mark.parametrize("name", LAYERS)
def test_layers_have_formulas_with_their_derivatives(name: str) -> None:
    function, draw = LAYERS[name]
    demand_same_jacobians(trace(function, *draw(torch.Generator().manual_seed(0))))


@pytest.mark.parametrize(
    ("pool", "shape"),
    [
        (lambda x: functional.max_pool1d(x, 3, 2, 1), (1, 1, 5)),
        (lambda x: functional.max_pool2d(x, 3, 2, 1), (1, 1, 5, 4)),
        (lambda x: functional.max_pool1d(x, 2, 2, 1, 2, ceil_mode=True), (1, 5)),
        (lambda x: functional.adaptive_max_pool1d(x, 2), (1, 3)),
    ],
)
def test_of_equal_maxima_the_first_has_the_slope(pool: Callable[..., Any], shape: tuple[int, ...]) -> None:
    demand_same_jacobians(trace(pool, torch.ones(shape, dtype=torch.float64)))


def test_maxima_of_a_line_fix_no_size() -> None:
    assert trace(nn.MaxPool1d(2), torch.randn(1, 5)).notes == ()


def test_running_statistics_are_taken_as_they_are() -> None:
    layer = nn.BatchNorm1d(2).double().eval()
    formula = trace(layer, torch.randn(3, 2, dtype=torch.float64)).formulas[0]
    assert str(formula.gradient("bias")) == "KroneckerDelta(j, q)"


REFUSED: dict[str, tuple[Callable[..., Any], Example, str]] = {
    "dropout": (functional.dropout, real((2, 3)), "random"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_formula_is_refused_in_words(name: str) -> None:
    function, draw, words = REFUSED[name]
    with pytest.raises(NotTraceable, match=words):
        trace(function, *draw(torch.Generator().manual_seed(0)))
