"""Where a formula's variables live, and how a random point is drawn there.

Points are short decimals, so that a failing one can be read and typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
Sizes = Mapping[str, int]
DECIMALS = 3


@dataclass(frozen=True)
class Domain:
    """A set of tensors: its description, and a sampler taking (generator, shape, sizes by dimension name).

    Draws are rounded to `decimals`, or kept as they are where that is None.
    """

    description: str
    draw: Callable[[np.random.Generator, tuple[int, ...], Sizes], Array]
    decimals: int | None = DECIMALS

    def sample(self, generator: np.random.Generator, shape: tuple[int, ...], sizes: Sizes) -> Array:
        """A point of the domain, rounded to a few decimals.

        >>> UNIT_INTERVAL.sample(np.random.default_rng(0), (2,), {}).round(1)
        array([0.6, 0.3])
        """
        drawn = np.asarray(self.draw(generator, shape, sizes))
        return drawn if drawn.dtype.kind == "i" or self.decimals is None else np.round(drawn, self.decimals)


def _simplex(generator: np.random.Generator, shape: tuple[int, ...], _: Sizes) -> Array:
    """Positive multiples of a power of two, so that each row sums to 1 exactly and not just to rounding."""
    *rows, n = shape
    parts = 2 ** (4 + n.bit_length())
    weights = generator.dirichlet(np.full(n, 2.0), size=rows)
    return (1 + generator.multinomial(parts - n, weights)) / parts


def _positive_determinant(generator: np.random.Generator, shape: tuple[int, ...], _: Sizes) -> Array:
    return 2 * np.eye(shape[-1]) + generator.uniform(-0.6, 0.6, shape)


def _dominant_diagonal(generator: np.random.Generator, shape: tuple[int, ...], _: Sizes) -> Array:
    return 2 * np.eye(shape[-1]) + generator.uniform(-1.0, 1.0, shape) / (2 * shape[-1])


def _symmetric(generator: np.random.Generator, shape: tuple[int, ...], _: Sizes) -> Array:
    drawn = generator.normal(size=shape)
    return np.triu(drawn) + np.triu(drawn, 1).swapaxes(-1, -2)


def _positive_definite(generator: np.random.Generator, shape: tuple[int, ...], sizes: Sizes) -> Array:
    """Twice the identity outweighs the off-diagonal entries' sum."""
    return 2 * np.eye(shape[-1]) + _symmetric(generator, shape, sizes) / (2 * shape[-1])


def _nonzero(generator: np.random.Generator, shape: tuple[int, ...], _: Sizes) -> Array:
    return generator.uniform(0.2, 2.0, shape) * generator.choice([-1.0, 1.0], shape)


REAL = Domain("real numbers", lambda generator, shape, _: generator.normal(size=shape))
NONZERO = Domain("real numbers away from 0", _nonzero)
POSITIVE = Domain("positive numbers", lambda generator, shape, _: generator.uniform(0.3, 2.5, shape))
UNIT_INTERVAL = Domain("numbers between 0 and 1", lambda generator, shape, _: generator.uniform(0.1, 0.9, shape))
SMALL = Domain("numbers between -0.3 and 0.3", lambda generator, shape, _: generator.uniform(-0.3, 0.3, shape))
SIMPLEX = Domain("probability vectors along the last axis", _simplex, decimals=None)
POSITIVE_DETERMINANT = Domain("square matrices of positive determinant", _positive_determinant)
SYMMETRIC = Domain("symmetric matrices", _symmetric)
POSITIVE_DEFINITE = Domain("symmetric positive definite matrices", _positive_definite)
DOMINANT_DIAGONAL = Domain("square matrices with a dominant diagonal", _dominant_diagonal)


def class_index(dimension: str) -> Domain:
    """Integers from 0 to the named dimension less one."""
    return Domain(
        f"class indices below {dimension}",
        lambda generator, shape, sizes: generator.integers(0, sizes[dimension], shape),
    )
