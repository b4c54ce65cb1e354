"""A direction worked out piece by piece says what the dense one says; gradients are handed over leaf by leaf."""

from __future__ import annotations

import pytest
import torch

from gradcheck.checking.evaluation.directions import dense, input_directions
from gradcheck.checking.evaluation.graph import BackwardError, Graph
from gradcheck.checking.evaluation.large_copy import LargeCopy
from gradcheck.checking.evaluation.large_direction import BLOCK, PIECE, LargeDirection
from gradcheck.checking.evaluation.products import inner, inner_and_norms, norm_of_differences, norm_of_products
from gradcheck.checking.evaluation.torch_function import LARGE, torch_function
from gradcheck.checking.isolation import isolated
from tests.checking.planted import normal

SIZE = PIECE + LARGE + 77
X = normal(SIZE)


def drawn(x: torch.Tensor) -> torch.Tensor | LargeDirection:
    return input_directions([x], torch.Generator().manual_seed(3))[0]


def large() -> LargeDirection:
    direction = drawn(X)
    assert isinstance(direction, LargeDirection)
    return direction


def test_every_entry_moves_in_proportion_to_its_own_size() -> None:
    factors = dense(large(), X.shape) / X
    assert float(factors.abs().min()) > 0.05
    outer = torch.outer(large().heads, large().cycle).reshape(-1)[:SIZE]
    assert torch.allclose(factors, outer, rtol=1e-15)


def test_entries_that_are_zero_move_too() -> None:
    x = X.clone()
    x[::5] = 0
    assert not (dense(drawn(x), x.shape) == 0).any()


@pytest.mark.parametrize("x", [X[:LARGE], X.float(), X.reshape(-1, 1).expand(-1, 2)])
def test_small_narrow_and_scattered_tensors_have_dense_directions(x: torch.Tensor) -> None:
    assert isinstance(drawn(x), torch.Tensor)


@pytest.mark.parametrize("part", [(0, SIZE), (5, 6), (BLOCK - 1, BLOCK + 1), (PIECE - 3, SIZE - 1), (SIZE - 1, SIZE)])
@pytest.mark.parametrize("rising", [False, True])
def test_a_part_is_the_dense_one_there_and_zero_elsewhere(part: tuple[int, int], rising: bool) -> None:
    first, last = part
    expected = torch.zeros(SIZE, dtype=torch.float64)
    rise = torch.arange(0.5, last - first, dtype=torch.float64) / (last - first) if rising else 1.0
    expected[first:last] = dense(large(), X.shape)[first:last] * rise
    direction = large().part(first, last, rising=rising)
    assert torch.allclose(direction.dense(X.shape), expected, rtol=1e-15)
    assert torch.allclose(LargeCopy(X).displaced(direction, 0.3), X + 0.3 * expected, rtol=1e-15)


def test_products_are_those_of_the_dense_direction() -> None:
    g, other, whole = normal(SIZE, seed=1), normal(SIZE, seed=2), dense(large(), X.shape)
    expected = float(torch.dot(g, whole)), float((g * whole).norm())
    assert (inner([g], [large()]), norm_of_products([g], [large()])) == pytest.approx(expected, rel=1e-12)
    dot, norms = inner_and_norms([g], [large()])
    assert (dot, *norms) == pytest.approx(expected, rel=1e-12)
    difference = float(((g - other) * whole).norm())
    assert norm_of_differences(g, other, large()) == pytest.approx(difference, rel=1e-12)
    assert norm_of_differences(g, other, whole) == pytest.approx(difference, rel=1e-12)


def two_leaves() -> Graph:
    def function(a: torch.Tensor, b: torch.Tensor, c: torch.Tensor) -> torch.Tensor:
        return a * b + c.detach()

    with isolated() as state:
        return Graph.of(torch_function(function, (normal(4), normal(4, seed=1), normal(4, seed=2)), {}, None, state))


def test_what_is_handed_over_is_the_gradient_and_none_of_it_is_kept() -> None:
    graph, v, parts = two_leaves(), [normal(4, seed=3)], dict[int, torch.Tensor]()
    graph.hand_over(v, parts.__setitem__)
    *expected, silent = graph.backward(v)
    assert silent is None
    assert sorted(parts) == [0, 1]
    assert all(part is not None and torch.equal(parts[number], part) for number, part in enumerate(expected))
    assert all(leaf.grad is None for leaf in graph.leaves)


def test_a_gradient_repeats_only_bit_for_bit() -> None:
    graph, v = two_leaves(), [normal(4, seed=3)]
    first, second, _ = graph.backward(v)
    assert first is not None
    assert graph.repeats(v, [first, second, None])
    assert not graph.repeats(v, [first * (1 + 1e-15), second, None])
    assert not graph.repeats(v, [None, second, None])
    assert not graph.repeats(v, [first, second, first])
    assert not graph.repeats([v[0] * torch.nan], [first * torch.nan, second, None])


def test_a_graph_used_once_is_used_up() -> None:
    graph, v = two_leaves(), [normal(4, seed=3)]
    graph.hand_over(v, lambda number, part: None, once=True)
    with pytest.raises(BackwardError):
        graph.backward(v)
