"""Where an example's values live, so that other points can be drawn that the function is made for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from gradcheck.symbolic.domains import (
    POSITIVE,
    POSITIVE_DEFINITE,
    REAL,
    SIMPLEX,
    UNIT_INTERVAL,
    Array,
    Domain,
)
from gradcheck.symbolic.sizes import value

TOLERANCE = 1e-6


def example_domain(values: Array) -> Domain:
    """The narrowest of a few domains that holds real numbers like these.

    >>> example_domain(np.array([[0.2, 0.8], [0.5, 0.5]])).description
    'probability vectors along the last axis'
    >>> example_domain(np.array([-1.0, 2.0])).description
    'real numbers'
    """
    return next((domain for holds, domain in KINDS if values.size and holds(values)), REAL)


def integers_below(size: sp.Expr) -> Domain:
    """Whole numbers from 0 to a size less one."""
    return Domain(
        f"whole numbers from 0 to {size - 1}",
        lambda generator, shape, sizes: generator.integers(0, value(size, sizes), shape),
    )


def integers_like(values: Array) -> Domain:
    """Whole numbers between the least and the largest of these."""
    low, high = (int(values.min()), int(values.max())) if values.size else (0, 1)
    if low == high:  # other points are to have other values, too
        low, high = (0, 1) if low in (0, 1) else (low, high + 1)
    return Domain(
        f"whole numbers from {low} to {high}", lambda generator, shape, _: generator.integers(low, high + 1, shape)
    )


def _is_positive_definite(values: Array) -> bool:
    square = values.ndim == 2 and values.shape[0] == values.shape[1] > 1
    return square and bool(np.allclose(values, values.T)) and bool((np.linalg.eigvalsh(values) > 0).all())


def _is_simplex(values: Array) -> bool:
    rows = values.ndim > 0 and values.shape[-1] > 1 and bool((values > 0).all())
    return rows and bool(np.abs(values.sum(-1) - 1).max() < TOLERANCE)


KINDS: tuple[tuple[Callable[[Any], bool], Domain], ...] = (
    (_is_positive_definite, POSITIVE_DEFINITE),
    (_is_simplex, SIMPLEX),
    (lambda values: bool(((values > 0) & (values < 1)).all()), UNIT_INTERVAL),
    (lambda values: bool((values > 0).all()), POSITIVE),
)
"""What tells a domain by an example; the first that fits."""
