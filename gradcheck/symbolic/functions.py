"""Elementary functions with torch's conventions at kinks, and derivatives that stay finite where the function does.

SymPy's own are no substitute: `Abs` and `Heaviside` differentiate to `DiracDelta`, `Heaviside(0)` is 1/2 where torch
has 0, and the logistic function written with `exp` prints nan at -800. Each class here says its derivative; the
numeric side of the same name lives in `kernels.py`.
"""

from __future__ import annotations

from typing import Any, ClassVar

import sympy as sp
from sympy.core.function import ArgumentIndexError


class Elementary(sp.Function):
    """A real function of its first argument; further arguments are constants.

    `symbol` is how it is written in LaTeX; `kinks` tells, in words, where its one-sided slopes differ.
    """

    symbol: ClassVar[str] = ""
    kinks: ClassVar[str] = ""
    is_real = True

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """The derivative with respect to the argument of that number, counted from 1."""
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        slope = self.slope(*self.args)
        if slope is None:
            raise TypeError(f"{type(self).__name__} has no derivative rule")
        return slope

    @classmethod
    def slope(cls, *_: sp.Expr) -> sp.Expr | None:
        """The derivative with respect to the first argument, as an expression; None where there is no rule for it."""
        return None

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        arguments = ", ".join(map(printer._print, self.args))
        if exp and "^" in self.symbol:
            return rf"\left({self.symbol}\left({arguments}\right)\right)^{{{exp}}}"
        power = f"^{{{exp}}}" if exp else ""
        return rf"{self.symbol}{power}\left({arguments}\right)"


class sigmoid(Elementary):
    """σ(x) = 1/(1 + e⁻ˣ); σ' = σ(1 - σ)."""

    symbol = r"\sigma"

    @classmethod
    def slope(cls, x: sp.Expr, *_: sp.Expr) -> sp.Expr:
        return cls(x) * (1 - cls(x))


class softplus(Elementary):
    """log(1 + eˣ); its derivative is σ(x)."""

    symbol = r"\operatorname{softplus}"

    @classmethod
    def slope(cls, x: sp.Expr, *_: sp.Expr) -> sp.Expr:
        return sigmoid(x)


class step(Elementary):
    """1 for x > 0, else 0: the slope of relu with torch's choice of 0 at 0."""

    symbol = r"\mathbf{1}_{>0}"
    kinks = "jumps at 0"

    @classmethod
    def slope(cls, *_: sp.Expr) -> sp.Expr:
        return sp.S.Zero


class relu(Elementary):
    """max(0, x); any slope in [0, 1] is a subgradient at 0, torch takes 0."""

    symbol = r"\operatorname{relu}"
    kinks = "x = 0"

    @classmethod
    def slope(cls, x: sp.Expr, *_: sp.Expr) -> sp.Expr:
        return step(x)


class sign(Elementary):
    """-1, 0 or 1: the slope of |x| with torch's choice of 0 at 0."""

    symbol = r"\operatorname{sign}"
    kinks = "jumps at 0"

    @classmethod
    def slope(cls, *_: sp.Expr) -> sp.Expr:
        return sp.S.Zero


class absolute(Elementary):
    """|x|; any slope in [-1, 1] is a subgradient at 0, torch takes 0."""

    kinks = "x = 0"

    @classmethod
    def slope(cls, x: sp.Expr, *_: sp.Expr) -> sp.Expr:
        return sign(x)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        inner = rf"\left|{printer._print(self.args[0])}\right|"
        return rf"{inner}^{{{exp}}}" if exp else inner

    def _sympystr(self, printer: Any) -> str:
        return f"abs({printer._print(self.args[0])})"


def real_power(base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
    """base**exponent of real numbers; where SymPy writes its own `Abs`, as for √x², `absolute` stands.

    >>> x = sp.Symbol("x", real=True)
    >>> real_power(4 * x**2, sp.Rational(1, 2))
    2*abs(x)
    """
    made = base**exponent
    if made.is_Pow and made.base == base:
        return made
    return made.replace(sp.Abs, lambda x: x if isinstance(x, absolute) else absolute(x))


class clip(Elementary):
    """x kept within [-c, c], for `clip(x, c)`."""

    symbol = r"\operatorname{clip}"
    kinks = "|x| = c"

    @classmethod
    def slope(cls, x: sp.Expr, *constants: sp.Expr) -> sp.Expr:
        (bound,) = constants
        return step(bound - absolute(x))


class huber(Elementary):
    """x²/2 for |x| <= c, else c(|x| - c/2), for `huber(x, c)`; its derivative is x clipped to [-c, c].

    Source: Huber, Robust Estimation of a Location Parameter (1964).
    """

    symbol = r"\operatorname{huber}"

    @classmethod
    def slope(cls, x: sp.Expr, *constants: sp.Expr) -> sp.Expr:
        return clip(x, *constants)


class held(Elementary):
    """x, held constant: it is cut from derivatives, as torch's detach() cuts it."""

    symbol = r"\operatorname{held}"

    @classmethod
    def slope(cls, *_: sp.Expr) -> sp.Expr:
        return sp.S.Zero


ELEMENTARY: tuple[type[Elementary], ...] = (sigmoid, softplus, step, relu, sign, absolute, clip, huber, held)
"""Every elementary function of our own."""
