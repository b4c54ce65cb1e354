"""Normalisation by mean and variance: over a layer, a batch, or groups of channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from gradcheck.symbolic.graphs.indices import quotient
from gradcheck.symbolic.graphs.operators import Operator
from gradcheck.symbolic.graphs.operators.shapes import view
from gradcheck.symbolic.graphs.tensors import GraphTensor, averaged, elementwise, reduce_axes
from gradcheck.symbolic.tracing.scalars import exact

Several = tuple[GraphTensor, ...]


def normalized(x: GraphTensor, axes: Sequence[int], epsilon: Any) -> Several:
    """x less its mean over the axes, by √(variance + epsilon); the mean, and one over that root."""
    mean = reduce_axes(x, axes, True, averaged)
    square = elementwise(lambda a, m: (a - m) ** 2, x, mean)
    variance = reduce_axes(square, axes, True, averaged)
    rate = elementwise(lambda v: 1 / sp.sqrt(v + exact(epsilon)), variance)
    return elementwise(lambda a, m, r: (a - m) * r, x, mean, rate), mean, rate


def scaled(x: GraphTensor, weight: GraphTensor | None, bias: GraphTensor | None) -> GraphTensor:
    """weight x + bias, where there are such."""
    product = x if weight is None else elementwise(lambda a, w: a * w, x, weight)
    return product if bias is None else elementwise(lambda a, b: a + b, product, bias)


def layer_norm(x: GraphTensor, shape: Sequence[Any], weight: Any, bias: Any, epsilon: Any) -> Several:
    """Over the last axes, as many as the shape has."""
    values, mean, rate = normalized(x, range(x.ndim - len(shape), x.ndim), epsilon)
    return scaled(values, weight, bias), mean, rate


def _of_channels(x: GraphTensor, ndim: int) -> GraphTensor:
    """A vector along axis 1 of a tensor of so many axes."""
    return GraphTensor((sp.S.One, x.shape[0], *(sp.S.One,) * (ndim - 2)), lambda *i: x.entry(i[1]))


def _channelwise(x: GraphTensor, weight: Any, bias: Any) -> GraphTensor:
    return scaled(x, *(None if each is None else _of_channels(each, x.ndim) for each in (weight, bias)))


def batch_norm(x: GraphTensor, weight: Any, bias: Any, mean: Any, variance: Any, *options: Any) -> Several:
    """By the mean and variance of every channel over the batch in training, else by the running ones.

    Options: whether training, the momentum of the running ones, epsilon.
    """
    training, _, epsilon = options
    if training:
        axes = [axis for axis in range(x.ndim) if axis != 1]
        values, *statistics = normalized(x, axes, epsilon)
        flat = (GraphTensor((x.shape[1],), lambda c, s=s: s.entry(*_at_channel(c, x.ndim))) for s in statistics)
        return (_channelwise(values, weight, bias), *flat)
    centre, spread = _of_channels(mean, x.ndim), _of_channels(variance, x.ndim)
    values = elementwise(lambda a, m, v: (a - m) / sp.sqrt(v + exact(epsilon)), x, centre, spread)
    return _channelwise(values, weight, bias), mean, variance


def _at_channel(channel: sp.Expr, ndim: int) -> list[sp.Expr]:
    return [channel if axis == 1 else sp.S.Zero for axis in range(ndim)]


def batch_norm_without_statistics(x: GraphTensor, weight: Any, bias: Any, *options: Any) -> Several:
    """In training, without running statistics."""
    return batch_norm(x, weight, bias, None, None, *options)


def group_norm(x: GraphTensor, weight: Any, bias: Any, *sizes: Any) -> Several:
    """Over each group of channels and all their places. Sizes: batch, channels, places, groups, epsilon."""
    batch, channels, _, groups, epsilon = sizes
    share = sp.sympify(channels) / groups
    grouped = view(x, [batch, groups, share, *x.shape[2:]])
    _, mean, rate = normalized(grouped, range(2, grouped.ndim), epsilon)

    def entry(sample: sp.Expr, channel: sp.Expr, *places: sp.Expr) -> sp.Expr:
        at = (sample, quotient(channel, share), *(sp.S.Zero for _ in grouped.shape[2:]))
        return (x.entry(sample, channel, *places) - mean.entry(*at)) * rate.entry(*at)

    statistics = (view(each, [batch, groups]) for each in (mean, rate))
    return (_channelwise(GraphTensor(x.shape, entry), weight, bias), *statistics)


OPERATORS: dict[str, Operator] = {
    "native_layer_norm": layer_norm,
    "native_batch_norm": batch_norm,
    "_native_batch_norm_legit": batch_norm,
    "_native_batch_norm_legit.no_stats": batch_norm_without_statistics,
    "native_group_norm": group_norm,
}
