"""Gradients of scalar expressions by the chain rule in reverse, and their compilation to NumPy.

One sweep from the expression down to its symbols gives every partial derivative, so that a gradient of a thousand
entries costs about as much as the expression itself.
"""

from __future__ import annotations

import inspect
import keyword
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.function import ArgumentIndexError
from sympy.printing.numpy import NumPyPrinter

from gradcheck.errors import UsageError
from gradcheck.symbolic.trace_special import KERNELS, with_torch_conventions

Terms = dict[sp.Expr, list[sp.Expr]]


def gradient(expression: sp.Expr, symbols: Sequence[sp.Symbol]) -> list[sp.Expr]:
    """The partial derivative of `expression` with respect to each of `symbols`.

    >>> x, y = sp.symbols("x y", real=True)
    >>> gradient(x**2 * sp.sin(y), [x, y])
    [2*x*sin(y), x**2*cos(y)]
    """
    expression = with_torch_conventions(sp.sympify(expression))
    wanted = set(symbols)
    terms: Terms = defaultdict(list)
    terms[expression].append(sp.S.One)
    for node in _from_the_top(expression):
        if node in wanted or not node.free_symbols & wanted:
            continue
        adjoint = sp.Add(*terms.pop(node, ()))
        for child, slope in _local_slopes(node, wanted):
            terms[child].append(adjoint * slope)
    return [with_torch_conventions(sp.Add(*terms.get(symbol, ()))) for symbol in symbols]


def _from_the_top(expression: sp.Expr) -> Iterator[sp.Expr]:
    """Every scalar subexpression once, each before its own parts."""
    done: set[sp.Expr] = set()
    finished: list[sp.Expr] = []
    stack = [(expression, False)]
    while stack:
        node, expanded = stack.pop()
        if expanded:
            finished.append(node)
        elif node not in done:
            done.add(node)
            stack.append((node, True))
            stack.extend((part, False) for part in _parts(node))
    return reversed(finished)


def _parts(node: sp.Expr) -> Sequence[sp.Expr]:
    """What the chain rule goes through; a branch is a whole, so that the branch not taken cannot spoil a sum."""
    return node.args if isinstance(node, sp.Add | sp.Mul | sp.Pow | sp.Function) and not _is_branch(node) else ()


def _is_branch(node: sp.Expr) -> bool:
    return isinstance(node, sp.Piecewise)


def _local_slopes(node: sp.Expr, wanted: set[sp.Symbol]) -> Iterator[tuple[sp.Expr, sp.Expr]]:
    """Each part of the node that holds a wanted symbol, with the node's derivative with respect to that part."""
    parts = _parts(node)
    if not parts:
        yield from ((symbol, node.diff(symbol)) for symbol in _in_order(node.free_symbols & wanted))
    for place, part in enumerate(parts):
        if part.free_symbols & wanted:
            yield part, _partial(node, place)


def _partial(node: sp.Expr, place: int) -> sp.Expr:
    """The derivative of a node with respect to the argument at that place."""
    if isinstance(node, sp.Add):
        return sp.S.One
    if isinstance(node, sp.Mul):
        return sp.Mul(*node.args[:place], *node.args[place + 1 :])
    if isinstance(node, sp.Pow):
        base, exponent = node.args
        return exponent * base ** (exponent - 1) if place == 0 else node * sp.log(base)
    try:
        return node.fdiff(place + 1)
    except ArgumentIndexError:
        raise UsageError(f"no derivative is known of `{node}` by its argument {place + 1}") from None


def _in_order(symbols: set[sp.Symbol]) -> list[sp.Symbol]:
    return sorted(symbols, key=lambda symbol: symbol.name)


@dataclass(frozen=True)
class Compiled:
    """Expressions as one NumPy function: it takes a value for each symbol, in order, and returns a list."""

    evaluate: Callable[..., list[Any]]
    source: str

    def __call__(self, *values: Any) -> list[Any]:
        """The values of the expressions; where they are undefined nan or infinite, without a warning."""
        with np.errstate(all="ignore"):
            return self.evaluate(*values)


def compile_numpy(symbols: Sequence[sp.Symbol], expressions: Sequence[sp.Expr], name: str = "gradient") -> Compiled:
    """Compile expressions in the symbols to one NumPy function with common parts computed once.

    Raises UsageError where an expression holds something that has no real NumPy form.
    """
    _reject_what_numpy_lacks(expressions)
    names = _safe_names(symbols)
    arguments = [names[symbol] for symbol in symbols]
    bodies = [_with_every_digit(expression.xreplace(names)) for expression in expressions]
    function = sp.lambdify(arguments, bodies, modules=[KERNELS, "numpy"], cse=_share)
    source = inspect.getsource(function).replace("_lambdifygenerated", name, 1)
    return Compiled(function, source)


def _with_every_digit(expression: sp.Expr) -> sp.Expr:
    """SymPy prints 15 digits of a float unless it was made with 17."""
    return expression.xreplace({number: sp.Float(float(number), 17) for number in expression.atoms(sp.Float)})


def _share(expressions: Any) -> tuple[list[tuple[sp.Symbol, sp.Expr]], Any]:
    names = (sp.Symbol(f"shared_{number}_") for number in count())
    replacements, reduced = sp.cse(expressions, symbols=names, order="none", list=False)
    return replacements, reduced


def _safe_names(symbols: Sequence[sp.Symbol]) -> dict[sp.Symbol, sp.Symbol]:
    """Names for the generated code that hide no function it calls."""
    taken: set[str] = set()
    names: dict[sp.Symbol, sp.Symbol] = {}
    for symbol in symbols:
        name = str(symbol.name)
        name = name if name.isidentifier() else f"argument_{len(taken)}"
        while name in taken or name in KERNELS or hasattr(np, name) or keyword.iskeyword(name):
            name += "_"
        taken.add(name)
        names[symbol] = sp.Symbol(name, real=True)
    return names


def _reject_what_numpy_lacks(expressions: Sequence[sp.Expr]) -> None:
    known = {**KERNELS, **NumPyPrinter().known_functions}
    for expression in expressions:
        if expression.has(sp.I):
            raise UsageError("the derivative is not real; a real function of real variables is accepted")
        for part in expression.atoms(sp.Function, sp.Derivative, sp.Subs, sp.Integral, sp.Sum):
            if type(part).__name__ not in known and not isinstance(part, sp.Piecewise):
                raise UsageError(f"no numeric form is known of `{part}` in the derivative")
