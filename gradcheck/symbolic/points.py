"""Points at which a formula is tried: sizes with distinct dimensions, and random values in each variable's domain."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, cycle
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp

from gradcheck.symbolic.compile import variable_name, variable_shape
from gradcheck.symbolic.domains import Array, Sizes
from gradcheck.symbolic.sizes import value

if TYPE_CHECKING:
    from gradcheck.symbolic.formula import Formula

SIZES = ((3, 2, 4, 5, 1), (2, 4, 3, 1, 5), (4, 3, 1, 2, 5))
"""Sizes of the first, second, ... dimension of a formula: within a row all differ, so that no transpose can hide."""
FURTHER = ((2, 3, 4), (3, 4, 2), (4, 2, 3))
"""Those of further dimensions, again and again: neighbours differ."""


def distinct_sizes(dimensions: Iterable[sp.Symbol], choice: int) -> dict[str, int]:
    """The sizes of that choice (0, 1 or 2), by dimension name.

    >>> from gradcheck.symbolic.tensors import dimension
    >>> distinct_sizes(dimension("m n"), 0)
    {'m': 3, 'n': 2}
    """
    sizes = chain(SIZES[choice], cycle(FURTHER[choice]))
    return {dimension.name: size for dimension, size in zip(dimensions, sizes, strict=False)}


def sample_point(formula: Formula, sizes: Sizes, generator: np.random.Generator) -> dict[str, Array]:
    """A random value of every variable, in its domain."""
    return {
        variable_name(variable): formula.domain(variable_name(variable)).sample(
            generator, tuple(value(size, sizes) for size in variable_shape(variable)), sizes
        )
        for variable in formula.variables
    }
