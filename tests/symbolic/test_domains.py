"""Points drawn in a domain lie in it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from gradcheck.symbolic import domains


@pytest.mark.parametrize("shape", [(1,), (5,), (2, 3), (40, 100)])
def test_probability_vectors_are_positive_and_sum_to_one_exactly(shape: tuple[int, ...]) -> None:
    drawn = domains.SIMPLEX.sample(np.random.default_rng(0), shape, {})
    assert drawn.shape == shape
    assert (drawn > 0).all()
    rows = drawn.reshape(-1, shape[-1])
    assert {sum(map(Fraction, row)) for row in rows.tolist()} == {1}


def test_class_indices_are_below_the_dimension_they_name() -> None:
    drawn = domains.class_index("n").sample(np.random.default_rng(0), (50,), {"n": 3})
    assert set(drawn.tolist()) == {0, 1, 2}
