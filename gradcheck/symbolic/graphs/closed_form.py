"""Whether a program's outputs stay short when everything that they are made of is written out."""

from __future__ import annotations

from itertools import chain

import sympy as sp

from gradcheck.symbolic.graphs.program import Program

LONGEST = 300
"""A formula of more operations than this, written out, is read and worked out by its intermediates."""


def is_short(program: Program) -> bool:
    """Whether all outputs stay short when everything that they are made of is written out."""
    lengths: dict[sp.Symbol, int] = {}
    for value in (*program.intermediates, *program.outputs):
        inside = (lengths.get(symbol, 0) for symbol in _symbols(value.meaning))
        lengths[value.label] = 1 + int(sp.count_ops(value.meaning)) + sum(inside)
    return all(lengths[output.label] <= LONGEST for output in program.outputs)


def _symbols(expression: sp.Expr) -> list[sp.Symbol]:
    """Every symbol, as often as it stands in the expression."""
    if isinstance(expression, sp.Symbol):
        return [expression]
    return list(chain.from_iterable(map(_symbols, expression.args)))
