"""Sizes that are expressions of other sizes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy as sp
import torch

from gradcheck.symbolic.compile import compile_expression
from gradcheck.symbolic.sizes import dimensions, measured, readings
from gradcheck.symbolic.tensors import delta, dimension, index, sum_over, tensor

n, q, k = dimension("n q k")
i = index("i")
x, w = tensor("x", 2 * (q - 1) + k), tensor("w", k)


def test_a_dimension_that_is_no_axis_is_read_off_an_expression() -> None:
    windows = sum_over(k, lambda r: w[r] * x[2 * i + r])
    convolve = compile_expression(windows, [x, w], {i: q})
    assert convolve(np.arange(5.0), np.array([1.0, 10.0, 100.0])).tolist() == [210.0, 432.0]


def test_padding_is_a_delta_that_meets_nothing() -> None:
    padded = tensor("x", 2 * (q - 1) + k - 2)
    body = sum_over(k, lambda r: sum_over(padded.shape[0], lambda s: w[r] * padded[s] * delta(s, 2 * i + r - 1)))
    convolve = compile_expression(body, [padded, w], {i: q})
    assert convolve(np.array([1.0, 2.0, 3.0]), np.array([1.0, 10.0, 100.0])).tolist() == [210.0, 32.0]


def test_dimensions_come_in_order_of_appearance_and_are_measured_on_shapes() -> None:
    shapes = [("x", x.shape), ("w", w.shape)]
    assert dimensions(shape for _, shape in shapes) == (k, q)
    assert measured(shapes, {"x": (7,), "w": (3,)}) == {"k": 3, "q": 3}
    assert [(r.dimension, r.variable) for r in readings(shapes)] == [(k, "w"), (q, "x")]


def test_a_size_that_no_shape_gives_is_named() -> None:
    with pytest.raises(ValueError, match="size n is not the size of any"):
        compile_expression(sum_over(n, lambda r: x[0] * r), [x, w], {})


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_a_size_may_be_rounded_down_and_an_index_may_run_over_a_part(backend: Any) -> None:
    half, entries = sp.floor((n - 1) / 2) + 1, tensor("x", n)
    mean = sum_over(half, lambda r: entries[r]) / half
    argument = torch.arange(5.0) if backend == "torch" else np.arange(5.0)
    assert compile_expression(mean, [entries], {}, backend)(argument) == 1.0
    first = compile_expression(entries[i], [entries], {i: half}, backend)
    assert first(argument).tolist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize(("size", "expected"), [(sp.floor(n / 2), 3), (sp.Min(n, q), 4), (n / 7, 1), (sp.Mod(n, q), 3)])
def test_code_for_a_size_counts_in_whole_numbers(size: sp.Expr, expected: int) -> None:
    marked = sum_over(size, lambda _: sp.S.One)
    assert compile_expression(marked, [tensor("x", n), tensor("y", q)], {})(np.zeros(7), np.zeros(4)) == expected
