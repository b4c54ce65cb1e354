"""Functions of several arguments that SymPy has no usable form of: derivatives as torch takes them, stable kernels."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
import sympy as sp
from sympy.printing.precedence import PRECEDENCE

from gradcheck.symbolic import kernels
from gradcheck.symbolic.functions import absolute, sign, step


class Special(sp.Function):
    """A real function of its arguments; `written` is its name in a printed expression, `symbol` the one in LaTeX."""

    written: ClassVar[str] = ""
    symbol: ClassVar[str] = ""
    is_real = True

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """The derivative with respect to the argument of that number, counted from 1."""
        return self.slope(argindex - 1)

    def slope(self, place: int) -> sp.Expr:
        """The derivative with respect to the argument at that place: zero for a function constant but for jumps."""
        del place
        return sp.S.Zero

    def _sympystr(self, printer: Any) -> str:
        return f"{self.written}({', '.join(map(printer._print, self.args))})"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        inner = rf"\left({', '.join(map(printer._print, self.args))}\right)"
        return self.symbol + (rf"^{{{exp}}}" if exp else "") + inner


class Equals(Special):
    """1 where both arguments are equal, else 0."""

    written = "equals"
    symbol = r"\operatorname{equals}"


class Maximum(Special):
    """The largest argument; arguments that tie share the slope evenly, as in torch."""

    written = "maximum"
    symbol = r"\max"

    def slope(self, place: int) -> sp.Expr:
        """1 for the largest argument, 1/n for each of n that tie, else 0."""
        return Equals(self.args[place], self) / sp.Add(*(Equals(each, self) for each in self.args))


class LogSumExp(Special):
    """log Σ exp(x_k), computed without overflow; its slopes are the softmax.

    Source: Boyd and Vandenberghe, Convex Optimization, section 3.1.5.
    """

    written = "logsumexp"
    symbol = r"\operatorname{logsumexp}"

    def slope(self, place: int) -> sp.Expr:
        """The argument's softmax."""
        return sp.exp(self.args[place] - self)


class Ratio(Special):
    """a/b, and 0 where b = 0: the slope of a Euclidean norm, with torch's choice at the origin."""

    precedence: ClassVar[int] = PRECEDENCE["Mul"]

    def slope(self, place: int) -> sp.Expr:
        """1/b for a, -a/b² for b; zero where b is."""
        a, b = self.args
        return -Ratio(a, b**2) if place else Ratio(sp.S.One, b)

    def _sympystr(self, printer: Any) -> str:
        return "/".join(printer.parenthesize(part, PRECEDENCE["Mul"]) for part in self.args)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        quotient = rf"\frac{{{printer._print(self.args[0])}}}{{{printer._print(self.args[1])}}}"
        return rf"\left({quotient}\right)^{{{exp}}}" if exp else quotient


class Euclidean(Special):
    """The Euclidean norm √Σ x_k²; at the origin, where it has a kink, the slope is 0 as in torch."""

    written = "hypot"

    def slope(self, place: int) -> sp.Expr:
        """The argument over the norm."""
        return Ratio(self.args[place], self)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        root = rf"\sqrt{{{' + '.join(printer._print(each**2) for each in self.args)}}}"
        return rf"\left({root}\right)^{{{exp}}}" if exp else root


class Rounded(Special):
    """x rounded in a direction: -1 down, 0 to even, 1 up, 2 towards zero. The slope is 0, as in torch."""

    written = "rounded"
    names: ClassVar[dict[int, str]] = {-1: "floor", 0: "round", 1: "ceil", 2: "trunc"}
    brackets: ClassVar[dict[int, tuple[str, str]]] = {-1: (r"\lfloor ", r" \rfloor"), 1: (r"\lceil ", r" \rceil")}

    def _sympystr(self, printer: Any) -> str:
        return f"{self.names[int(self.args[1])]}({printer._print(self.args[0])})"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        direction = int(self.args[1])
        named = rf"\operatorname{{{self.names[direction]}}}\left(", r"\right)"
        before, after = self.brackets.get(direction, named)
        return before + str(printer._print(self.args[0])) + after + (rf"^{{{exp}}}" if exp else "")


def _maximum(*values: Any) -> Any:
    return functools.reduce(np.maximum, values)


def _logsumexp(*values: Any) -> Any:
    peak = _maximum(*values)
    peak = np.where(np.isfinite(peak), peak, 0.0)
    return peak + np.log(sum(np.exp(value - peak) for value in values))


def _ratio(a: Any, b: Any) -> Any:
    return np.where(b == 0, 0.0, a / np.where(b == 0, 1.0, b))


def _euclidean(*values: Any) -> Any:
    return functools.reduce(np.hypot, values, 0.0)


KERNELS: dict[str, Callable[..., Any]] = {
    **kernels.NUMPY,
    "equal": np.equal,
    "Equals": lambda a, b: np.equal(a, b) * 1.0,
    "Maximum": _maximum,
    "LogSumExp": _logsumexp,
    "Ratio": _ratio,
    "Euclidean": _euclidean,
    "erfc": np.vectorize(math.erfc, otypes=[float]),
}
"""What compiled expressions call by the names of these functions and of `functions.py`, for NumPy values."""


def _twin_of_min(*values: sp.Expr) -> sp.Expr:
    return -Maximum(*(-value for value in values))


TWINS: dict[Any, Callable[..., sp.Expr]] = {
    sp.Abs: absolute,
    sp.sign: sign,
    sp.Max: Maximum,
    sp.Min: _twin_of_min,
    sp.Heaviside: lambda x, _=None: step(x),
    sp.floor: lambda x: Rounded(x, -1),
    sp.ceiling: lambda x: Rounded(x, 1),
}
"""SymPy's own functions whose derivatives would be distributions, and what stands in for them."""


def subexpressions(expression: sp.Basic, parts: Callable[[Any], Sequence[Any]]) -> list[Any]:
    """Every subexpression once, each after its own parts; shared parts make the tree far larger than this list."""
    seen: set[sp.Basic] = set()
    finished: list[sp.Basic] = []
    stack = [(expression, False)]
    while stack:
        node, complete = stack.pop()
        if complete:
            finished.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((part, False) for part in parts(node))
    return finished


def with_torch_conventions(expression: sp.Expr) -> sp.Expr:
    """The expression with every function of SymPy's own that has a kink replaced by its twin of ours."""
    nodes = subexpressions(expression, lambda node: node.args)
    if not any(node.func in TWINS for node in nodes):
        return expression
    made: dict[sp.Basic, sp.Basic] = {}
    for node in nodes:
        args = [made[part] for part in node.args]
        make = TWINS.get(node.func, node.func)
        made[node] = make(*args) if args else node
    return made[expression]
