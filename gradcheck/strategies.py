"""Hypothesis strategies for the points at which gradients are checked: clear of kinks, or right at them.

All draw short decimals, so that a counterexample can be read. Needs Hypothesis: `pip install 'gradcheck[testing]'`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import TypeVar

try:
    from hypothesis import strategies as st
except ImportError:
    raise ImportError("gradcheck.strategies needs Hypothesis; pip install 'gradcheck[testing]'") from None

import torch

from gradcheck.errors import UsageError

BOUND = 3.0
"""Numbers are drawn between minus this and this, where common functions neither saturate nor overflow."""

CLOSE = 1e-6
"""How far beside a kink a number is that stands close to it: less than a usual step of finite differences."""

T = TypeVar("T")


def tensors(
    shape: Sequence[int] | st.SearchStrategy[tuple[int, ...]] = (3,),
    dtype: torch.dtype = torch.float64,
    elements: st.SearchStrategy[float] | None = None,
) -> st.SearchStrategy[torch.Tensor]:
    """Tensors of one shape, or of shapes drawn from a strategy, with entries from `elements`.

    `elements` are decimals between -3 and 3 unless given; a complex tensor takes its two parts from them. Raises
    UsageError for a dtype that has no gradient, and for a negative size.

    >>> from hypothesis import find
    >>> find(tensors((2, 2)), lambda x: x.sum() > 0.5)
    tensor([[0.0000, 0.0000],
            [0.0000, 0.5100]], dtype=torch.float64)
    """
    if not (dtype.is_floating_point or dtype.is_complex):
        raise UsageError(f"dtype: {dtype} has no gradient; a floating-point or complex dtype is accepted")
    parts = decimals() if elements is None else elements
    drawn = st.tuples(parts, parts).map(lambda pair: complex(*pair)) if dtype.is_complex else parts
    if isinstance(shape, st.SearchStrategy):
        return shape.flatmap(partial(_filled, dtype=dtype, elements=drawn))
    return _filled(tuple(shape), dtype, drawn)


def decimals(bound: float = BOUND, places: int = 2) -> st.SearchStrategy[float]:
    """Decimals with at most `places` places between -bound and bound, simplest first.

    >>> from hypothesis import find
    >>> find(decimals(), lambda x: x < -1)
    -1.01
    """
    return st.sampled_from(_decimals(bound, places))


def away_from(
    kinks: Sequence[float] = (0.0,), margin: float = 0.1, bound: float = BOUND, places: int = 2
) -> st.SearchStrategy[float]:
    """Decimals between -bound and bound that keep at least `margin` from every kink.

    Raises UsageError where the kinks leave no room.

    >>> from hypothesis import find
    >>> find(away_from((0.0, 1.0), margin=0.25), lambda x: True)
    0.25
    """
    far = [x for x in _decimals(bound, places) if all(abs(x - kink) >= margin for kink in kinks)]
    if not far:
        raise UsageError(f"margin: {margin} leaves no number between {-bound} and {bound}; a smaller one is accepted")
    return st.sampled_from(far)


def at_kinks(kinks: Sequence[float] = (0.0,), close: float = CLOSE, bound: float = BOUND) -> st.SearchStrategy[float]:
    """Numbers that seek the kinks: exactly at one, `close` beside one, or elsewhere up to `bound`.

    Raises UsageError where no kink is given.

    >>> from hypothesis import find
    >>> find(at_kinks((1.0,)), lambda x: True), find(at_kinks((1.0,)), lambda x: x < 1)
    (1.0, 0.999999)
    """
    if not kinks:
        raise UsageError("kinks: none given; at least one number is accepted")
    beside = [x for kink in kinks for x in (kink + close, kink - close)]
    return st.one_of(st.sampled_from(list(kinks)), st.sampled_from(beside), decimals(bound))


def _decimals(bound: float, places: int) -> list[float]:
    """Simple ones first: those a failure shrinks to. Fewer places, then smaller, then positive."""
    scale = 10**places
    top = math.floor(bound * scale)
    return [sign * n / scale for n in range(top + 1) for sign in ((1, -1) if n else (1,))]


def _filled(
    shape: tuple[int, ...], dtype: torch.dtype, elements: st.SearchStrategy[T]
) -> st.SearchStrategy[torch.Tensor]:
    if any(size < 0 for size in shape):
        raise UsageError(f"shape: {shape} has a negative size; sizes of 0 and more are accepted")
    size = math.prod(shape)
    return st.lists(elements, min_size=size, max_size=size).map(
        lambda entries: torch.tensor(entries, dtype=dtype).reshape(shape)
    )
