"""Sizes as torch writes them, in SymPy's own terms, and sizes that have to be multiples of others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sympy as sp
from torch.utils._sympy import functions as torch_sizes

PLAIN: dict[type, Callable[..., sp.Expr]] = {
    torch_sizes.FloorDiv: lambda a, b: sp.floor(a / b),
    torch_sizes.CleanDiv: lambda a, b: a / b,
    torch_sizes.IntTrueDiv: lambda a, b: a / b,
    torch_sizes.Mod: sp.Mod,
    torch_sizes.PythonMod: sp.Mod,
    torch_sizes.Min: sp.Min,
    torch_sizes.Max: sp.Max,
    torch_sizes.ToFloat: lambda a: a,
}
"""What torch's functions of sizes are in SymPy."""


def plain(size: Any) -> sp.Expr:
    """The size in SymPy's own functions.

    >>> n = sp.Symbol("n", integer=True, positive=True)
    >>> plain(torch_sizes.FloorDiv(n + 1, 2))
    floor(n/2 + 1/2)
    """
    size = sp.sympify(size)
    if not size.args:
        return size
    return PLAIN.get(size.func, size.func)(*map(plain, size.args))


def multiples(remainders: Iterable[sp.Expr]) -> dict[sp.Symbol, sp.Expr]:
    """Each size of which the remainder is 0, as a multiple of a new one.

    >>> n = sp.Symbol("n", integer=True, positive=True)
    >>> multiples([torch_sizes.Mod(n, 2)])
    {n: 2*n_parts}
    """
    divisors: dict[sp.Symbol, sp.Expr] = {}
    for remainder in remainders:
        whole, divisor = map(plain, remainder.args)
        if isinstance(whole, sp.Symbol) and whole not in divisor.free_symbols:
            divisors[whole] = sp.lcm(divisors.get(whole, sp.S.One), divisor)
    return {
        whole: divisor * sp.Symbol(f"{whole}_parts", integer=True, positive=True)
        for whole, divisor in divisors.items()
        if divisor.free_symbols.isdisjoint(divisors)
    }


def matched(product: sp.Expr, other: sp.Expr, example: Mapping[sp.Symbol, int]) -> dict[sp.Symbol, sp.Expr] | None:
    """Each factor of the other product by the factor that it equals in the example; None where they do not pair up.

    Of several equal ones the first goes with the first, in the order of the example.

    >>> a, b, c, d = sp.symbols("s0:4", integer=True, positive=True)
    >>> matched(a * b, c * d, {a: 2, b: 3, c: 2, d: 3})
    {s2: s0, s3: s1}
    >>> matched(a * b, c * d, {a: 2, b: 6, c: 4, d: 3}) is None
    True
    """
    above, below = sp.fraction(product / other)
    if not {*above.free_symbols, *below.free_symbols} <= example.keys():
        return None
    order = list(example).index
    kept, gone = (sorted(sp.Mul.make_args(each), key=order) if each != 1 else [] for each in (above, below))
    found: dict[sp.Symbol, sp.Expr] = {}
    for symbol in gone:
        same = next((each for each in kept if example[each] == example[symbol]), None)
        if same is None:
            return None
        kept.remove(same)
        found[symbol] = same
    return None if kept else found


def is_product(size: sp.Expr) -> bool:
    """Whether a size is a product of several symbols."""
    factors = sp.Mul.make_args(size)
    return len(factors) > 1 and all(factor.is_Symbol for factor in factors)
