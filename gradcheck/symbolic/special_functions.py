"""Elementary functions that SymPy lacks, or has without a kernel that stays finite: those of torch.special."""

from __future__ import annotations

import sympy as sp

from gradcheck.symbolic.functions import Elementary
from gradcheck.symbolic.piecewise import cases


class log_ndtr(Elementary):
    """log Φ(x), the logarithm of the standard normal's distribution function; its slope is φ(x)/Φ(x)."""

    symbol = r"\log\Phi"

    @classmethod
    def slope(cls, x: sp.Expr, *_: sp.Expr) -> sp.Expr:
        return sp.exp(-(x**2) / 2 - cls(x)) / sp.sqrt(2 * sp.pi)


class ndtri(Elementary):
    """Φ⁻¹(p), the quantile of the standard normal; its slope is √(2π) exp(Φ⁻¹(p)²/2)."""

    symbol = r"\Phi^{-1}"

    @classmethod
    def slope(cls, x: sp.Expr, *_: sp.Expr) -> sp.Expr:
        return sp.sqrt(2 * sp.pi) * sp.exp(cls(x) ** 2 / 2)


class erfcx(Elementary):
    """exp(x²) erfc(x), the scaled complementary error function; its slope is 2x erfcx(x) - 2/√π."""

    symbol = r"\operatorname{erfcx}"

    @classmethod
    def slope(cls, x: sp.Expr, *_: sp.Expr) -> sp.Expr:
        return 2 * x * cls(x) - 2 / sp.sqrt(sp.pi)


class bessel_i0(Elementary):
    """I₀(x), the modified Bessel function of order 0; its slope is I₁(x)."""

    symbol = "I_0"

    @classmethod
    def slope(cls, x: sp.Expr, *_: sp.Expr) -> sp.Expr:
        return bessel_i1(x)


class bessel_i1(Elementary):
    """I₁(x), the modified Bessel function of order 1; its slope is I₀(x) - I₁(x)/x, which is 1/2 at 0."""

    symbol = "I_1"

    @classmethod
    def slope(cls, x: sp.Expr, *_: sp.Expr) -> sp.Expr:
        return cases((sp.S.Half, sp.Eq(x, 0, evaluate=False)), otherwise=bessel_i0(x) - cls(x) / x)


SPECIAL: tuple[type[Elementary], ...] = (log_ndtr, ndtri, erfcx, bessel_i0, bessel_i1)
"""Every function of torch.special that is an elementary function here."""
