"""Pooling by means and by maxima: over windows of one length, or over so many that share an axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import sympy as sp

from gradcheck.symbolic.graphs.indices import Index, sum_over_index, within
from gradcheck.symbolic.graphs.operators import Operator
from gradcheck.symbolic.graphs.operators.convolution import Sizes, out_size, under
from gradcheck.symbolic.graphs.tensors import GraphTensor, summed
from gradcheck.symbolic.indices import Quotient, Remainder
from gradcheck.symbolic.piecewise import cases
from gradcheck.symbolic.tensors import ArgMax, MaxOver

Window = Callable[[Sequence[sp.Expr], Sequence[sp.Expr]], list[sp.Expr]]
"""From the places of an output and those in its window to those in the input."""


def _options(axes: int, *options: Sizes) -> list[list[Any]]:
    return [list(each) * axes if len(each) == 1 else list(each) for each in options]


def average_pool(axes: int) -> Operator:
    """Means over windows of the last axes; a window that reaches over an edge is counted as torch does."""

    def pool(x: GraphTensor, kernel: Sizes, stride: Sizes = (), padding: Sizes = (0,), *options: Any) -> GraphTensor:
        defaults: tuple[Any, ...] = (False, True, None)
        ceil, count_padding, divisor = (*options, *defaults[len(options) :])
        kernel, stride, padding = _options(axes, kernel, stride or kernel, padding)
        lead = x.ndim - axes
        sizes = map(out_size, x.shape[lead:], kernel, stride, padding)

        def count(axis: int, place: sp.Expr) -> sp.Expr:
            """How many places of a window are counted along an axis."""
            width, size = padding[axis], x.shape[lead + axis]
            if not ceil and (count_padding or not width):
                return sp.sympify(kernel[axis])
            low, high = (-width, size + width) if count_padding else (0, size)

            def counted(tap: sp.Expr) -> sp.Expr:
                at = stride[axis] * place + tap - width
                return cases((sp.S.One, sp.And(at >= low, at < high)), otherwise=sp.S.Zero)

            return sum_over_index(sp.sympify(kernel[axis]), counted)

        def entry(*i: sp.Expr) -> sp.Expr:
            def term(*tap: sp.Expr) -> sp.Expr:
                at = [s * place + t for s, place, t in zip(stride, i[lead:], tap, strict=True)]
                return under(x, i[:lead], at, padding, beyond=ceil)

            counts = (count(axis, place) for axis, place in enumerate(i[lead:]))
            number = sp.Mul(*counts) if divisor is None else sp.sympify(divisor)
            return summed(list(map(sp.sympify, kernel)), term) / number

        return GraphTensor((*x.shape[:lead], *sizes), entry)

    return pool


def max_pool(axes: int) -> Operator:
    """Maxima over windows of the last axes, and where in the pooled axes they stand, counted row by row.

    Of a window that reaches over an edge, its own place next to the edge may as well stand for those beyond.
    """

    def pool(
        x: GraphTensor, kernel: Sizes, stride: Sizes = (), padding: Sizes = (0,), *options: Any
    ) -> tuple[GraphTensor, GraphTensor]:
        defaults: tuple[Any, ...] = ((1,), False)
        dilation, ceil = (*options, *defaults[len(options) :])
        kernel, stride, padding, dilation = _options(axes, kernel, stride or kernel, padding, dilation)
        lead = x.ndim - axes
        reaches = [by * (size - 1) + 1 for by, size in zip(dilation, kernel, strict=True)]

        def window(places: Sequence[sp.Expr], tap: Sequence[sp.Expr]) -> list[sp.Expr]:
            axes = zip(stride, places, padding, dilation, tap, x.shape[lead:], strict=True)
            return [_kept(s * p - w, d, t, n) if ceil or w else s * p + d * t for s, p, w, d, t, n in axes]

        sizes = map(out_size, x.shape[lead:], reaches, stride, padding)
        return _largest(x, kernel, window, sizes)

    return pool


def _kept(start: sp.Expr, gap: Any, tap: sp.Expr, size: sp.Expr) -> sp.Expr:
    """A window's place on an axis; for one beyond an edge, the window's place next to that edge."""
    place = start + gap * tap
    if gap == 1:
        return within(place, size)
    first, last = Remainder(start, sp.sympify(gap)), size - 1 - Remainder(size - 1 - start, sp.sympify(gap))
    return cases((first, place < 0), (last, place >= size), otherwise=place)


def _largest(
    x: GraphTensor, kernel: Sizes, window: Window, sizes: Sequence[Any] | Any
) -> tuple[GraphTensor, GraphTensor]:
    """The largest entry of each window of the last axes, and its place in them, counted row by row."""
    lead = x.ndim - len(kernel)

    def entry_at(i: Sequence[sp.Expr], tap: Sequence[sp.Expr]) -> sp.Expr:
        return x.entry(*i[:lead], *window(i[lead:], tap))

    def entry(*i: sp.Expr) -> sp.Expr:
        return _maximum(kernel, lambda *tap: entry_at(i, tap))

    def place(*i: sp.Expr) -> sp.Expr:
        flat: sp.Expr = sp.S.Zero
        at = window(i[lead:], _place_of_maximum(kernel, lambda *tap: entry_at(i, tap)))
        for own, size in zip(at, x.shape[lead:], strict=True):
            flat = flat * size + own
        return flat

    shape = (*x.shape[:lead], *map(sp.sympify, sizes))
    return GraphTensor(shape, entry), GraphTensor(shape, place)


def _maximum(sizes: Sizes, body: Any) -> sp.Expr:
    """The maximum over each index in turn, the last one innermost, as the first of the largest entries is chosen."""
    if not sizes:
        return body()
    if sizes[0] == 1:
        return _maximum(sizes[1:], lambda *rest: body(sp.S.Zero, *rest))
    k = Index(sp.sympify(sizes[0]))
    return MaxOver(_maximum(sizes[1:], lambda *rest: body(k, *rest)), (k, 0, k.size - 1))


def _place_of_maximum(sizes: Sizes, body: Any) -> list[sp.Expr]:
    if not sizes:
        return []
    whole = _maximum(sizes, body)
    first = ArgMax(*whole.args) if isinstance(whole, MaxOver) and sizes[0] != 1 else sp.S.Zero
    return [first, *_place_of_maximum(sizes[1:], lambda *rest: body(first, *rest))]


def _lengths(x: GraphTensor, sizes: Sizes) -> list[sp.Expr | None]:
    """How long the windows along each of the last axes are; None where their lengths differ."""
    lengths = (sp.cancel(n / wanted) for n, wanted in zip(x.shape[x.ndim - len(sizes) :], sizes, strict=True))
    return [length if length.is_integer else None for length in lengths]


def _axes(x: GraphTensor, sizes: Sizes) -> list[sp.Expr]:
    """The sizes that an index of a window runs over: the window's, or the whole axis' where lengths differ."""
    pairs = zip(x.shape[x.ndim - len(sizes) :], _lengths(x, sizes), strict=True)
    return [n if length is None else length for n, length in pairs]


def adaptive_average_pool(x: GraphTensor, sizes: Sizes) -> GraphTensor:
    """Means over so many windows that share the last axes; where they differ in length, neighbours may overlap.

    The window p of w on an axis of n places holds those from ⌊p n/w⌋ to before ⌈(p + 1) n/w⌉.
    """
    lead, lengths = x.ndim - len(sizes), _lengths(x, sizes)

    def entry(*i: sp.Expr) -> sp.Expr:
        def inside(value: sp.Expr, taps: Sequence[sp.Expr]) -> sp.Expr:
            parts = zip(x.shape[lead:], sizes, i[lead:], taps, lengths, strict=True)
            pairs = (((k + 1) * w > p * n, k * w < (p + 1) * n) for n, w, p, k, length in parts if length is None)
            return cases((value, sp.And(*chain.from_iterable(pairs))), otherwise=sp.S.Zero)

        def term(*taps: sp.Expr) -> sp.Expr:
            parts = zip(lengths, i[lead:], taps, strict=True)
            return inside(x.entry(*i[:lead], *(k if n is None else n * p + k for n, p, k in parts)), taps)

        return summed(_axes(x, sizes), term) / summed(_axes(x, sizes), lambda *taps: inside(sp.S.One, taps))

    return GraphTensor((*x.shape[:lead], *map(sp.sympify, sizes)), entry)


def adaptive_max_pool(x: GraphTensor, sizes: Sizes) -> tuple[GraphTensor, GraphTensor]:
    """Maxima over so many windows that share the last axes, and where in these they stand, counted row by row."""
    lead, lengths = x.ndim - len(sizes), _lengths(x, sizes)

    def window(places: Sequence[sp.Expr], taps: Sequence[sp.Expr]) -> list[sp.Expr]:
        axes = zip(x.shape[lead:], sizes, places, taps, lengths, strict=True)
        return [_in_share(n, w, p, k) if length is None else length * p + k for n, w, p, k, length in axes]

    return _largest(x, _axes(x, sizes), window, sizes)


def _in_share(size: sp.Expr, parts: Any, part: sp.Expr, place: sp.Expr) -> sp.Expr:
    """The place, moved into a part of the axis."""
    first, last = (Quotient(at, sp.sympify(parts)) for at in (part * size, (part + 1) * size - 1))
    return cases((first, place < first), (last, place > last), otherwise=place)


OPERATORS: dict[str, Operator] = {
    "avg_pool2d": average_pool(2),
    "avg_pool3d": average_pool(3),
    **dict.fromkeys(("_adaptive_avg_pool2d", "_adaptive_avg_pool3d"), adaptive_average_pool),
    "max_pool2d_with_indices": max_pool(2),
    "max_pool3d_with_indices": max_pool(3),
    **dict.fromkeys(("adaptive_max_pool2d", "adaptive_max_pool3d"), adaptive_max_pool),
}
