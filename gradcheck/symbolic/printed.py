"""Identities as a source prints them, right or wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import sympy as sp

from gradcheck.symbolic.domains import Domain


@dataclass(frozen=True, eq=False)
class Printed:
    """A gradient as a source prints it at the place `where`, on the axes of the variable `wrt`.

    A check says whether it holds as printed, under the formula's own domains. `needs` names a condition that the
    source leaves out and that makes it hold, `domains` the variables' domains under that condition; `slip` says what
    is printed amiss. Both are claims of their own: a check that finds them untrue fails.
    """

    where: str
    wrt: str
    gradient: Callable[..., sp.Expr]
    needs: str = ""
    domains: Mapping[str, Domain] = field(default_factory=dict)
    slip: str = ""
