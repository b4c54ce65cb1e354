"""Tensors that the tests of the symbolic core share, of distinct dimensions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcheck.symbolic.tensors import dimension, index, integer_tensor, scalar, tensor
from tests.symbolic.cases import SIZES

m, n = dimension("m n")
i, j, a, b = index("i j a b")


class Symbols:
    """Tensors over dimensions m and n, an integer tensor, a square matrix, a scalar, and free indices."""

    m, n, i, j, a, b = m, n, i, j, a, b
    x, z, y, X, A = tensor("x", n), tensor("z", n), tensor("y", m), tensor("X", m, n), tensor("A", n, n)
    c, s = integer_tensor("c", m), scalar("s")


@pytest.fixture
def t() -> type[Symbols]:
    return Symbols


@pytest.fixture
def point() -> dict[Any, Any]:
    """Values of all symbols; positive, so that logarithms and powers are defined."""
    generator = np.random.default_rng(3)
    shapes = {"x": (2,), "z": (2,), "y": (3,), "X": (3, 2), "A": (2, 2), "s": ()}
    values = {name: generator.uniform(0.3, 1.7, shape) for name, shape in shapes.items()}
    return {**values, "c": np.array([1, 0, 1]), **SIZES}
