"""Convolution and its transpose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from gradcheck.symbolic.graphs.indices import part_of, remainder
from gradcheck.symbolic.graphs.operators import Operator
from gradcheck.symbolic.graphs.tensors import GraphTensor, summed
from gradcheck.symbolic.tensors import delta

Sizes = Sequence[Any]


def out_size(length: sp.Expr, reach: sp.Expr, stride: Any, padding: Any) -> sp.Expr:
    """How often a window that reaches over so many places fits."""
    return sp.floor((length + 2 * padding - reach) / stride) + 1


def under(
    x: GraphTensor, lead: Sequence[sp.Expr], places: Sequence[sp.Expr], padding: Sizes, beyond: bool = False
) -> sp.Expr:
    """The entry at places that may lie on the padding, where it is 0: a sum over padded axes, sifted by deltas.

    `beyond` says that they may lie outside of axes without padding too.
    """
    padded = [axis for axis, width in enumerate(padding) if beyond or width != 0]
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
    stride, padding, dilation, transposed, wider, groups = options
    if transposed:
        return _transposed(x, weight, bias, (stride, padding, dilation, wider), groups)
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


def _transposed(
    x: GraphTensor, weight: GraphTensor, bias: GraphTensor | None, geometry: Sequence[Sizes], groups: Any
) -> GraphTensor:
    """Each input spreads the kernel, times itself, over the output: deltas say which taps reach a place of it."""
    stride, padding, dilation, wider = geometry
    taps, units = weight.shape[2:], weight.shape[1]
    channels = weight.shape[0]
    reaches = [by * (size - 1) + 1 for by, size in zip(dilation, taps, strict=True)]
    spans = zip(x.shape[2:], stride, padding, reaches, wider, strict=True)

    def entry(sample: sp.Expr, unit: sp.Expr, *places: sp.Expr) -> sp.Expr:
        own = unit if groups == 1 else remainder(unit, units)

        def term(channel: sp.Expr, *rest: sp.Expr) -> sp.Expr:
            parts = (part_of(channel, channels, groups), part_of(unit, units * groups, groups))
            tap, at = rest[: len(taps)], rest[len(taps) :]
            reached = (s * q + d * t for s, q, d, t in zip(stride, at, dilation, tap, strict=True))
            here = (delta(place + w, there) for place, w, there in zip(places, padding, reached, strict=True))
            same = sp.S.One if groups == 1 else delta(*parts)
            return sp.Mul(x.entry(sample, channel, *at), weight.entry(channel, own, *tap), same, *here)

        total = summed([channels, *taps, *x.shape[2:]], term)
        return total if bias is None else total + bias.entry(unit)

    sizes = ((length - 1) * s - 2 * w + reach + more for length, s, w, reach, more in spans)
    return GraphTensor((x.shape[0], units * groups, *sizes), entry)


OPERATORS: dict[str, Operator] = {"convolution": convolution}
