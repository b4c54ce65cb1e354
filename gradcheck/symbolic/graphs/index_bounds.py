"""Which sizes bound the whole numbers that a formula uses as indices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits

from gradcheck.symbolic.indices import Quotient


def index_bounds(expression: sp.Expr, output: Mapping[sp.Symbol, sp.Expr]) -> dict[str, sp.Expr]:
    """By the name of each integer variable, the size of the axis that its entries are places of.

    `output` maps the expression's free indices to their sizes.

    >>> from gradcheck.symbolic.tensors import dimension, index, integer_tensor, tensor
    >>> n, i = dimension("n"), index("i")
    >>> x, t = tensor("x", n), integer_tensor("t", 2)
    >>> index_bounds(x[t[i]], {i: sp.Integer(2)})
    {'t': n}
    """
    bounds: dict[str, sp.Expr] = {}
    limits = (limit for each in expression.atoms(ExprWithLimits) for limit in each.limits)
    sizes = {**output, **{k: upper + 1 for k, _, upper in limits}}
    for place, size in (*_places(expression), *_compared(expression, sizes)):
        whole, below = _unsplit(place, size)
        if isinstance(whole, sp.Indexed | sp.Symbol) and whole.is_integer and whole not in sizes:
            name = str(whole.base.label if isinstance(whole, sp.Indexed) else whole)
            bounds[name] = below if bounds.get(name, below) == below else sp.Min(below, bounds[name])
    return bounds


def _unsplit(place: sp.Expr, size: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """The place on a merged axis, and that axis's size, of a place on the first axis that it was split into."""
    return _unsplit(place.args[0], size * place.args[1]) if isinstance(place, Quotient) else (place, size)


def _places(expression: sp.Expr) -> Iterator[tuple[sp.Expr, sp.Expr]]:
    """Every index of an entry, with the size of its axis."""
    for entry in expression.atoms(sp.Indexed):
        yield from zip(entry.indices, entry.base.shape, strict=True)


def _compared(expression: sp.Expr, sizes: Mapping[sp.Symbol, sp.Expr]) -> Iterator[tuple[sp.Expr, sp.Expr]]:
    """Whatever is compared with an index, with the size that the index runs over."""
    for match in expression.atoms(sp.KroneckerDelta):
        for place, other in (match.args[:2], match.args[1::-1]):
            if other in sizes:
                yield place, sizes[other]
