"""Sizes as torch writes them, in SymPy's own terms, and sizes that have to be multiples of others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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
