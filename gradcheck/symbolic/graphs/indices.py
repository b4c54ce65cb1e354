"""Arithmetic of indices: axes that are merged or split, and shifted indices that stay within their axis.

A merged axis of sizes m and n is run over by one index k: its parts are the quotient ⌊k/n⌋ and the remainder k mod n.
Both simplify where the ranges of the indices in k prove it, so that an axis merged and split again is as it was.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from gradcheck.symbolic.indices import IndexFunction, Quotient, Remainder, Within
from gradcheck.symbolic.piecewise import Cases
from gradcheck.symbolic.tensors import Sum

MOST_TERMS = 32
"""A sum of more terms is not written term by term."""


class Index(sp.Dummy):
    """An index that knows the size of the axis it runs over."""

    __slots__ = ("size",)
    size: sp.Expr

    def __new__(cls, size: sp.Expr, name: str = "k") -> Index:
        made: Index = super().__new__(cls, name, integer=True, nonnegative=True)
        made.size = sp.sympify(size)
        return made


def quotient(index: sp.Expr, size: sp.Expr) -> sp.Expr:
    """⌊index/size⌋, simplified where the ranges of the indices prove it.

    >>> n = sp.Symbol("n", integer=True, positive=True)
    >>> i, j = Index(sp.Integer(5), "i"), Index(n, "j")
    >>> quotient(i * n + j, n) == i
    True
    """
    multiples, rest = _split(index, size)
    if _is_below(rest, size):
        return multiples
    return Quotient(index, size)


def remainder(index: sp.Expr, size: sp.Expr) -> sp.Expr:
    """index mod size, simplified where the ranges of the indices prove it."""
    _, rest = _split(index, size)
    return rest if _is_below(rest, size) else Remainder(index, size)


def within(index: sp.Expr, size: sp.Expr) -> sp.Expr:
    """The index, moved into its axis unless its range proves that it never leaves it.

    A branch of a case that is not chosen is computed all the same, where its index may lie outside. A bare index that
    runs over a part of the axis is wrapped too: to differentiate by an entry, bare ones are taken to reach all places.
    """
    if isinstance(index, sp.Integer) and isinstance(size, sp.Integer):
        return min(max(index, sp.S.Zero), size - 1)
    if isinstance(index, Index):
        return index if index.size == size else Within(index, size)
    return index if _is_below(index, size) else Within(index, size)


def part_of(index: sp.Expr, size: sp.Expr, parts: int) -> sp.Expr:
    """Which of so many equal parts of an axis an index lies in, in whole numbers however the size is written.

    >>> n = sp.Symbol("n", integer=True, positive=True)
    >>> i = Index(2 * n, "i")
    >>> part_of(i, 2 * n, 2).args[1], part_of(i, n, 2).args
    (n, (2*_i, n))
    """
    one = _exact_quotient(size, sp.Integer(parts))
    return quotient(parts * index, size) if one is None else quotient(index, one)


def largest(index: sp.Expr) -> sp.Expr | None:
    """The largest value of an index that is a sum of multiples of others; None where that is not known."""
    total = sp.S.Zero
    for term in sp.Add.make_args(sp.expand(index)):
        inside = [each for each in term.free_symbols if isinstance(each, Index)]
        if term.has(IndexFunction) or len(inside) > 1 or term.could_extract_minus_sign():
            return None
        total += term.xreplace({each: each.size - 1 for each in inside})
    return sp.expand(total)


def sum_over_index(size: sp.Expr, body: Callable[[sp.Expr], sp.Expr]) -> sp.Expr:
    """The sum of `body(k)` for k from 0 to size - 1; over a merged axis it is a sum over each of its parts.

    Over a few places that are told apart, as those of stacked tensors are, it is written term by term.
    """
    if size == 1:
        return body(sp.S.Zero)
    k = Index(size)
    whole = body(k)
    if k not in whole.free_symbols:
        return size * whole
    if size.is_Integer and size <= MOST_TERMS and _chooses_by(whole, k):
        return sp.Add(*(body(sp.Integer(place)) for place in range(int(size))))
    inner = _split_by(whole, k)
    outer = _exact_quotient(size, inner) if inner is not None else None
    if outer is None:
        return Sum(whole, (k, 0, size - 1))
    return sum_over_index(outer, lambda a: sum_over_index(inner, lambda b: body(a * inner + b)))


def _chooses_by(expression: sp.Expr, index: Index) -> bool:
    """Whether the places of an index alone decide what is summed, as over tensors that were stacked."""
    conditions = (condition for each in expression.atoms(Cases) for _, condition in each.args)
    return any(condition.free_symbols == {index} for condition in conditions)


def _split_by(expression: sp.Expr, index: Index) -> sp.Expr | None:
    """The one size that the index is divided by; None where there is none, or more."""
    sizes = {each.args[1] for each in expression.atoms(Quotient, Remainder) if each.args[0] == index}
    return sizes.pop() if len(sizes) == 1 else None


def _split(index: sp.Expr, size: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """The multiples of the size, divided by it, and the terms that are none."""
    multiples: list[sp.Expr] = []
    rest: list[sp.Expr] = []
    for term in sp.Add.make_args(sp.expand(index)):
        part = _exact_quotient(term, size)
        (rest if part is None else multiples).append(term if part is None else part)
    return sp.Add(*multiples), sp.Add(*rest)


def _exact_quotient(term: sp.Expr, size: sp.Expr) -> sp.Expr | None:
    part = sp.cancel(term / size)
    return part if part.is_polynomial(*part.free_symbols) and _is_whole(part) else None


def _is_whole(polynomial: sp.Expr) -> bool:
    return all(term.as_coeff_Mul()[0].is_integer for term in sp.Add.make_args(sp.expand(polynomial)))


def _is_below(index: sp.Expr, size: sp.Expr) -> bool:
    most = largest(index)
    return most is not None and bool((sp.expand(size - 1 - most)).is_nonnegative)
