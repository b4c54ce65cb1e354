"""Formulas of functions that are applied entry by entry: their Jacobians are the diagonal matrices of their slopes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Required, TypedDict, Unpack

import sympy as sp

from gradcheck.symbolic.domains import POSITIVE, REAL, Domain
from gradcheck.symbolic.formula import Edge, Formula
from gradcheck.symbolic.tensors import delta, dimension, index, tensor

n, i = dimension("n"), index("i")
x, y = tensor("x", n), tensor("y", n)


class Description(TypedDict, total=False):
    """What a formula says of itself beside its mathematics, in `Formula`'s own words; topic and source always."""

    topic: Required[str]
    source: Required[str]
    edges: tuple[Edge, ...]
    kinks: str


def entries(name: str, *values: float, kink: bool = False, jump: bool = False, **options: float) -> Edge:
    """An edge at these values of x, with the values of the function's options there.

    >>> entries("an input of 0", 0.0, 1.5, kink=True).point
    {'x': [0.0, 1.5]}
    """
    return Edge(name, {"x": list(values), **options}, kink, jump)


def elementwise(
    name: str,
    title: str,
    function: Callable[[sp.Expr], sp.Expr],
    slope: Callable[[sp.Expr], sp.Expr],
    counterpart: Callable[..., Any],
    *,
    domain: Domain = REAL,
    options: Mapping[sp.Symbol, Domain] | Sequence[sp.Symbol] = (),
    deviations: Mapping[str, str] | None = None,
    **described: Unpack[Description],
) -> Formula:
    """The formula f(x_i), and δ_ij f'(x_i) as its stated gradient.

    `options` are scalars that `function` holds and that nothing is differentiated by, positive unless a domain is
    given; `counterpart` takes the tensor and then the options as plain numbers. `deviations` are those by x.

    >>> square = elementwise(
    ...     "square", "Square", lambda t: t**2, lambda t: 2 * t, lambda x: x**2, topic="powers", source="any textbook"
    ... )
    >>> square.compile("numpy", wrt="x")([3.0, -1.0])
    array([[ 6.,  0.],
           [ 0., -2.]])
    """
    where = dict(options) if isinstance(options, Mapping) else dict.fromkeys(options, POSITIVE)
    return Formula(
        name=name,
        title=title,
        definition=function(x[i]),
        variables=(x, *where),
        wrt=("x",),
        output={i: n},
        domains={"x": domain, **{symbol.name: each for symbol, each in where.items()}},
        torch=lambda values, *numbers: counterpart(values, *(number.detach().item() for number in numbers)),
        stated={"x": lambda j: delta(i, j) * slope(x[i])},
        deviations={"x": deviations or {}},
        **described,
    )


def pairwise(
    name: str,
    title: str,
    function: Callable[[sp.Expr, sp.Expr], sp.Expr],
    slopes: tuple[Callable[[sp.Expr, sp.Expr], sp.Expr], Callable[[sp.Expr, sp.Expr], sp.Expr]],
    counterpart: Callable[..., Any],
    *,
    domains: tuple[Domain, Domain] = (REAL, REAL),
    **described: Unpack[Description],
) -> Formula:
    """The formula f(x_i, y_i), with its two slopes.

    >>> product = pairwise(
    ...     "product", "Product", lambda a, b: a * b, (lambda a, b: b, lambda a, b: a), lambda a, b: a * b,
    ...     topic="powers", source="any textbook",
    ... )
    >>> product.jacobian("y")
    KroneckerDelta(i, j)*x[i]
    """
    by_first, by_second = slopes
    return Formula(
        name=name,
        title=title,
        definition=function(x[i], y[i]),
        variables=(x, y),
        output={i: n},
        domains={"x": domains[0], "y": domains[1]},
        torch=counterpart,
        stated={
            "x": lambda j: delta(i, j) * by_first(x[i], y[i]),
            "y": lambda j: delta(i, j) * by_second(x[i], y[i]),
        },
        **described,
    )
