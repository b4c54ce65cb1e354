"""Contraction rewrites sums by identities: the value never changes, the form becomes the expected one."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from gradcheck.symbolic.binding import canonical
from gradcheck.symbolic.contract import contract
from gradcheck.symbolic.evaluate import evaluate
from gradcheck.symbolic.tensors import delta, dimension, index, sum_over, tensor
from tests.symbolic.cases import positions

n = dimension("n")
i, j = index("i j")
x, z, A = tensor("x", n), tensor("z", n), tensor("A", n, n)
VALUES: dict[Any, Any] = {"x": [0.5, -1.25, 2.0], "z": [1.5, 0.75, -0.5], n: 3}
MATRIX = {(p, q): 0.25 * p - 0.5 * q + 1 for p in range(3) for q in range(3)}


def terms(free: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    """Random factors over the free indices."""
    at = st.sampled_from(free)
    return st.one_of(
        st.builds(lambda k: x[k], at),
        st.builds(lambda k: z[k] ** 2, at),
        st.builds(lambda k, l: A[k, l], at, at),
        st.builds(delta, at, at),
        st.builds(lambda k, l: delta(k, l) - x[k], at, at),
    )


@st.composite
def nested_sums(draw: st.DrawFn) -> sp.Expr:
    """A double sum of random products, the inner one inside a further factor."""
    k, l = index("k l")
    inner = sp.Mul(*draw(st.lists(terms((i, j, k, l)), min_size=1, max_size=3)))
    outer = sp.Mul(*draw(st.lists(terms((i, j, k)), min_size=0, max_size=2)))
    return sp.Sum(outer * sp.Sum(inner, (l, 0, n - 1)), (k, 0, n - 1))


@given(nested_sums())
def test_contraction_never_changes_the_value(expression: sp.Expr) -> None:
    contracted = canonical(contract(expression))
    for p in range(3):
        environment: dict[Any, Any] = {**VALUES, "A": MATRIX, i: p, j: (p + 1) % 3}
        before, after = evaluate(expression, environment), evaluate(contracted, environment)
        assert abs(before - after) <= 1e-30 * (1 + abs(before))


def test_a_constant_leaves_the_sum() -> None:
    assert contract(sum_over(n, lambda k: x[i] * z[k])).args[0] == x[i]


def test_a_sum_of_a_constant_is_the_constant_times_the_size() -> None:
    assert contract(sum_over(n, lambda _: x[i])) == n * x[i]


def test_a_delta_is_sifted_through_two_sums() -> None:
    double = sum_over(n, lambda k: sum_over(n, lambda l: A[k, l] * delta(k, i) * delta(l, j)))
    assert contract(double) == A[i, j]


def test_sifting_does_not_capture_a_bound_index() -> None:
    k = index("k")
    expression = sp.Sum(delta(k, j) * sp.Sum(A[k, j] * x[j], (j, 0, n - 1)), (k, 0, n - 1))
    sifted = contract(expression)
    environment: dict[Any, Any] = {**VALUES, "A": MATRIX, j: 1}
    assert evaluate(sifted, environment) == sum(MATRIX[1, q] * VALUES["x"][q] for q in range(3))


def test_sums_without_deltas_keep_their_factored_form() -> None:
    squares = sum_over(n, lambda k: (x[k] - z[k]) ** 2)
    assert canonical(contract(squares)) == canonical(squares)


@pytest.mark.parametrize("shift", [1, -1])
def test_an_affine_delta_stays_as_a_mask(shift: int) -> None:
    shifted = sum_over(n, lambda k: delta(i, k + shift) * x[k])
    assert contract(shifted).has(sp.KroneckerDelta)
    for p in range(3):
        inside = 0 <= p - shift < 3
        expected = VALUES["x"][p - shift] if inside else 0
        assert evaluate(contract(shifted), {**VALUES, i: p}) == expected


def test_positions_cover_every_entry() -> None:
    assert len(positions({i: dimension("m"), j: n})) == 6
