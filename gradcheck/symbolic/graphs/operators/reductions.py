"""Operators that sum, average or multiply over axes, and what is made of sums: variances and norms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp

from gradcheck.symbolic.functions import absolute, real_power
from gradcheck.symbolic.graphs.indices import Index, sum_over_index
from gradcheck.symbolic.graphs.operators import Operator
from gradcheck.symbolic.graphs.operators.choices import negation
from gradcheck.symbolic.graphs.operators.extrema import amax, amin
from gradcheck.symbolic.graphs.tensors import (
    Axes,
    Entry,
    GraphTensor,
    averaged,
    elementwise,
    normal_axes,
    number,
    reduce_axes,
    summed,
)
from gradcheck.symbolic.piecewise import cases
from gradcheck.symbolic.tensors import LogSumExp
from gradcheck.symbolic.tracing.scalars import compare, condition, exact
from gradcheck.symbolic.whole_axes import ProductOver


def total(x: GraphTensor, dim: Axes = None, keepdim: bool = False, **_: Any) -> GraphTensor:
    """The sum over some axes, all unless given."""
    return reduce_axes(x, dim, keepdim, summed)


def mean(x: GraphTensor, dim: Axes = None, keepdim: bool = False, **_: Any) -> GraphTensor:
    """The mean over some axes, all unless given."""
    return reduce_axes(x, dim, keepdim, averaged)


def product(x: GraphTensor, dim: Axes = None, keepdim: bool = False, **_: Any) -> GraphTensor:
    """The product over an axis, or over all."""
    return reduce_axes(x, dim, keepdim, multiplied)


def multiplied(sizes: Sequence[sp.Expr], body: Entry) -> sp.Expr:
    """The product of the body over all indices."""
    if not sizes:
        return number(body())
    bound = [Index(size) for size in sizes]
    return ProductOver(number(body(*bound)), *((k, 0, k.size - 1) for k in bound))


def squared_deviations(x: GraphTensor, dim: Axes) -> GraphTensor:
    """(x - mean of x)², the mean over some axes."""
    return elementwise(lambda a, center: (a - center) ** 2, x, mean(x, dim, keepdim=True))


def variance(x: GraphTensor, dim: Axes = None, *, correction: Any = None, keepdim: bool = False) -> GraphTensor:
    """The sum of squared deviations over their number less a correction, which is 1 unless given."""
    count = sp.Mul(*(x.shape[axis] for axis in normal_axes(dim, x.ndim)))
    lost = exact(1 if correction is None else correction)
    return elementwise(lambda s: s / (count - lost), total(squared_deviations(x, dim), dim, keepdim))


def deviation(x: GraphTensor, dim: Axes = None, **options: Any) -> GraphTensor:
    """The square root of the variance."""
    return elementwise(sp.sqrt, variance(x, dim, **options))


def with_mean(spread: Callable[..., GraphTensor]) -> Operator:
    """A variance or deviation and the mean, as a pair."""

    def operator(x: GraphTensor, dim: Axes = None, *, correction: Any = None, keepdim: bool = False) -> Any:
        return spread(x, dim, correction=correction, keepdim=keepdim), mean(x, dim, keepdim)

    return operator


def norm(x: GraphTensor, ord: Any = 2, dim: Axes = None, keepdim: bool = False, **_: Any) -> GraphTensor:
    """The norm of vectors along some axes: of order 1, 2, any other number, or an infinite one."""
    order = exact(2 if ord is None else ord)
    sizes = elementwise(lambda a: absolute(number(a)), x)
    if order in (sp.oo, -sp.oo) or abs(order) == sp.Float("inf"):
        return (amax if order > 0 else amin)(sizes, dim, keepdim)
    if order == 0:
        return count_nonzero(x, dim, keepdim)
    if order == 1:
        return total(sizes, dim, keepdim)
    powers = (
        elementwise(lambda a: number(a) ** 2, x) if order == 2 else elementwise(lambda a: real_power(a, order), sizes)
    )
    return elementwise(lambda s: real_power(s, 1 / order), total(powers, dim, keepdim))


def norm_of_order(x: GraphTensor, p: Any = 2, dim: Axes = None, keepdim: bool = False, **_: Any) -> GraphTensor:
    """The same, as torch's older operator takes its arguments."""
    return norm(x, p, dim, keepdim)


def count_nonzero(x: GraphTensor, dim: Axes = None, keepdim: bool = False) -> GraphTensor:
    """How many entries are not 0."""
    return total(elementwise(condition, x), dim, keepdim)


def every(x: GraphTensor, dim: Axes = None, keepdim: bool = False) -> GraphTensor:
    """Whether all entries hold: none does not."""
    return elementwise(lambda s: compare(sp.Eq, s, 0), total(elementwise(negation, x), dim, keepdim))


def some(x: GraphTensor, dim: Axes = None, keepdim: bool = False) -> GraphTensor:
    """Whether an entry holds."""
    return elementwise(lambda s: compare(sp.Gt, s, 0), count_nonzero(x, dim, keepdim))


def up_to(x: GraphTensor, dim: int, whole: Callable[[sp.Expr, Callable[..., sp.Expr]], sp.Expr]) -> GraphTensor:
    """At each place along an axis, `whole(i, entry)` of the entries along it, i being the place."""
    if not x.ndim:
        return x
    axis = dim % x.ndim

    def entry(*indices: sp.Expr) -> sp.Expr:
        return whole(indices[axis], lambda k: number(x.entry(*indices[:axis], k, *indices[axis + 1 :])))

    return GraphTensor(x.shape, entry)


def cumulative(make: Callable[..., sp.Expr], neutral: sp.Expr) -> Operator:
    """Something made of the entries up to each place; the later ones are replaced by a neutral number."""

    def operator(x: GraphTensor, dim: int, **_: Any) -> GraphTensor:
        def whole(i: sp.Expr, at: Callable[..., sp.Expr]) -> sp.Expr:
            size = x.shape[dim % x.ndim]
            return make(size, lambda k: cases((at(k), compare(sp.Le, k, i)), otherwise=neutral))

        return up_to(x, dim, whole)

    return operator


def _log_sum_exp(size: sp.Expr, body: Callable[[sp.Expr], sp.Expr]) -> sp.Expr:
    k = Index(size)
    return LogSumExp(body(k), (k, 0, size - 1))


def _product(size: sp.Expr, body: Callable[[sp.Expr], sp.Expr]) -> sp.Expr:
    return multiplied([size], body)


OPERATORS: dict[str, Operator] = {
    "sum": total,
    "sum.dim_IntList": total,
    "mean": mean,
    "mean.dim": mean,
    "prod": product,
    "prod.dim_int": product,
    "var.correction": variance,
    "std.correction": deviation,
    "var_mean.correction": with_mean(variance),
    "std_mean.correction": with_mean(deviation),
    "linalg_vector_norm": norm,
    **dict.fromkeys(("norm.Scalar", "norm.ScalarOpt_dim"), norm_of_order),
    **dict.fromkeys(("count_nonzero", "count_nonzero.dim_IntList"), count_nonzero),
    **dict.fromkeys(("all", "all.dim", "all.dims"), every),
    **dict.fromkeys(("any", "any.dim", "any.dims"), some),
    "cumsum": cumulative(sum_over_index, sp.S.Zero),
    "cumprod": cumulative(_product, sp.S.One),
    "logcumsumexp": cumulative(_log_sum_exp, sp.S.NegativeInfinity),
}
