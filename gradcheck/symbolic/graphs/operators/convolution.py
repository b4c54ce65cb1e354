"""Convolution, and pooling by means and by maxima."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from gradcheck.symbolic.graphs.indices import Index, part_of, within
from gradcheck.symbolic.graphs.operators import Operator
from gradcheck.symbolic.graphs.refusals import NotTraceable
from gradcheck.symbolic.graphs.tensors import GraphTensor, summed
from gradcheck.symbolic.tensors import ArgMax, MaxOver, delta

Sizes = Sequence[Any]


def out_size(length: sp.Expr, reach: sp.Expr, stride: Any, padding: Any) -> sp.Expr:
    """How often a window that reaches over so many places fits."""
    return sp.floor((length + 2 * padding - reach) / stride) + 1


def under(x: GraphTensor, lead: Sequence[sp.Expr], places: Sequence[sp.Expr], padding: Sizes) -> sp.Expr:
    """The entry at places that may lie on the padding, where it is 0: a sum over padded axes, sifted by deltas."""
    padded = [axis for axis, width in enumerate(padding) if width != 0]
    sizes = [x.shape[len(lead) + axis] for axis in padded]

    def at(*own: sp.Expr) -> sp.Expr:
        met = dict(zip(padded, own, strict=True))
        entry = x.entry(*lead, *(met.get(axis, place) for axis, place in enumerate(places)))
        return sp.Mul(entry, *(delta(met[axis], places[axis] - padding[axis]) for axis in padded))

    return summed(sizes, at)


def convolution(x: GraphTensor, weight: GraphTensor, bias: GraphTensor | None, *options: Any) -> GraphTensor:
    """Each output is the sum over channels and taps of what the kernel covers, times the kernel.

    Options: stride, padding, dilation, whether transposed, the output's padding, the number of groups.
    """
    stride, padding, dilation, transposed, _, groups = options
    if transposed:
        raise NotTraceable("a transposed convolution has no formula here", REMEDY)
    taps, channels = weight.shape[2:], weight.shape[1]
    reaches = [by * (size - 1) + 1 for by, size in zip(dilation, taps, strict=True)]
    sizes = map(out_size, x.shape[2:], reaches, stride, padding)

    def entry(sample: sp.Expr, unit: sp.Expr, *places: sp.Expr) -> sp.Expr:
        first = sp.S.Zero if groups == 1 else part_of(unit, weight.shape[0], groups) * channels

        def term(channel: sp.Expr, *tap: sp.Expr) -> sp.Expr:
            at = [s * p + d * t for s, p, d, t in zip(stride, places, dilation, tap, strict=True)]
            return weight.entry(unit, channel, *tap) * under(x, (sample, first + channel), at, padding)

        total = summed([channels, *taps], term)
        return total if bias is None else total + bias.entry(unit)

    return GraphTensor((x.shape[0], weight.shape[0], *sizes), entry)


REMEDY = "check this function with the numeric oracles, which know every operator"


def _options(axes: int, kernel: Sizes, stride: Sizes, padding: Sizes) -> tuple[Sizes, Sizes, Sizes]:
    wide = [list(each) * axes if len(each) == 1 else list(each) for each in (kernel, stride or kernel, padding)]
    return wide[0], wide[1], wide[2]


def average_pool(axes: int) -> Operator:
    """Means over windows of the last axes."""

    def pool(x: GraphTensor, kernel: Sizes, stride: Sizes = (), padding: Sizes = (0,), *options: Any) -> GraphTensor:
        defaults: tuple[Any, ...] = (False, True, None)
        ceil, count_padding, divisor = (*options, *defaults[len(options) :])
        kernel, stride, padding = _options(axes, kernel, stride, padding)
        if ceil or (any(padding) and not count_padding):
            raise NotTraceable("pooling with ceil_mode or without counting the padding has no formula here", REMEDY)
        lead = x.ndim - axes
        sizes = map(out_size, x.shape[lead:], kernel, stride, padding)
        number = sp.sympify(divisor) if divisor is not None else sp.Mul(*kernel)

        def entry(*i: sp.Expr) -> sp.Expr:
            def term(*tap: sp.Expr) -> sp.Expr:
                at = [s * place + t for s, place, t in zip(stride, i[lead:], tap, strict=True)]
                return under(x, i[:lead], at, padding)

            return summed(list(map(sp.sympify, kernel)), term) / number

        return GraphTensor((*x.shape[:lead], *sizes), entry)

    return pool


def adaptive_average_pool(axes: int) -> Operator:
    """Means over so many windows that share the axis without a remainder."""

    def pool(x: GraphTensor, sizes: Sizes) -> GraphTensor:
        lead = x.ndim - axes
        kernel = [sp.cancel(size / wanted) for size, wanted in zip(x.shape[lead:], sizes, strict=True)]
        if not all(size.is_integer for size in kernel):
            raise NotTraceable(
                "windows of an adaptive pooling differ in length where the sizes do not divide",
                'fix the pooled sizes, such as sizes="x: m c 4 6", or pool with windows of one length',
            )

        def entry(*i: sp.Expr) -> sp.Expr:
            def term(*tap: sp.Expr) -> sp.Expr:
                places = (k * place + t for k, place, t in zip(kernel, i[lead:], tap, strict=True))
                return x.entry(*i[:lead], *places)

            return summed(kernel, term) / sp.Mul(*kernel)

        return GraphTensor((*x.shape[:lead], *map(sp.sympify, sizes)), entry)

    return pool


def max_pool(axes: int) -> Operator:
    """Maxima over windows of the last axes, and where in the pooled axes they stand, counted row by row.

    A window that reaches over the edge holds the place at the edge, which may as well stand for those beyond.
    """

    def pool(
        x: GraphTensor, kernel: Sizes, stride: Sizes = (), padding: Sizes = (0,), *options: Any
    ) -> tuple[GraphTensor, GraphTensor]:
        defaults: tuple[Any, ...] = ((1,), False)
        dilation, ceil = (*options, *defaults[len(options) :])
        kernel, stride, padding = _options(axes, kernel, stride, padding)
        if ceil or (any(padding) and any(by != 1 for by in dilation)):
            raise NotTraceable("pooling with ceil_mode, or with padding and dilation, has no formula here", REMEDY)
        dilation = list(dilation) * axes if len(dilation) == 1 else dilation
        lead = x.ndim - axes
        reaches = [by * (size - 1) + 1 for by, size in zip(dilation, kernel, strict=True)]
        sizes = list(map(out_size, x.shape[lead:], reaches, stride, padding))

        def window(i: Sequence[sp.Expr], tap: Sequence[sp.Expr]) -> list[sp.Expr]:
            parts = zip(stride, i[lead:], dilation, tap, padding, x.shape[lead:], strict=True)
            return [within(s * p + d * t - w, n) if w else s * p + d * t for s, p, d, t, w, n in parts]

        def entry(*i: sp.Expr) -> sp.Expr:
            return _maximum(kernel, lambda *tap: x.entry(*i[:lead], *window(i, tap)))

        def place(*i: sp.Expr) -> sp.Expr:
            largest = _place_of_maximum(kernel, lambda *tap: x.entry(*i[:lead], *window(i, tap)))
            flat: sp.Expr = sp.S.Zero
            for own, size in zip(window(i, largest), x.shape[lead:], strict=True):
                flat = flat * size + own
            return flat

        shape = (*x.shape[:lead], *sizes)
        return GraphTensor(shape, entry), GraphTensor(shape, place)

    return pool


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


OPERATORS: dict[str, Operator] = {
    "convolution": convolution,
    "avg_pool2d": average_pool(2),
    "avg_pool3d": average_pool(3),
    "_adaptive_avg_pool2d": adaptive_average_pool(2),
    "_adaptive_avg_pool3d": adaptive_average_pool(3),
    "max_pool2d_with_indices": max_pool(2),
    "max_pool3d_with_indices": max_pool(3),
}
