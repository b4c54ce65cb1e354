"""What losses with a margin are stated with: max(0, t), and its slope."""

from __future__ import annotations

import sympy as sp

from gradcheck.symbolic.piecewise import cases


def above_zero(t: sp.Expr) -> sp.Expr:
    """max(0, t), with torch's slope of 1 where it clamps exactly at 0."""
    return cases((t, t >= 0), otherwise=sp.S.Zero)


def from_zero(t: sp.Expr) -> sp.Expr:
    """1 where t is at least 0, else 0."""
    return cases((sp.S.One, t >= 0), otherwise=sp.S.Zero)


def hinge(t: sp.Expr) -> sp.Expr:
    """max(0, t), with slope 0 at 0."""
    return cases((t, t > 0), otherwise=sp.S.Zero)


def positive(t: sp.Expr) -> sp.Expr:
    """1 where t is above 0, else 0."""
    return cases((sp.S.One, t > 0), otherwise=sp.S.Zero)
