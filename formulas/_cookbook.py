"""What the Matrix Cookbook's identities are stated with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

from gradcheck.symbolic.domains import Domain
from gradcheck.symbolic.formula import Axes, Formula
from gradcheck.symbolic.printed import Printed

COOKBOOK = "Petersen and Pedersen, The Matrix Cookbook (version of 15 November 2012)"

Gradient = Callable[..., sp.Expr]


def identity(  # noqa: PLR0917 -- each call reads as a row of a table
    number: str,
    title: str,
    definition: sp.Expr,
    gradient: Gradient,
    torch: Callable[..., Any],
    variables: tuple[Any, ...],
    *,
    output: Axes | None = None,
    domains: Mapping[str, Domain] | None = None,
    printed: Gradient | None = None,
    needs: str = "",
    under: Mapping[str, Domain] | None = None,
    slip: str = "",
    suffix: str = "",
    topic: str = "matrix cookbook",
) -> Formula:
    """One identity, by its first variable: its true gradient, and the gradient as printed where that is another one.

    `number` is an equation number, or a section where the equation's number is not certain. `needs` and `under` name
    the condition that the printed one lacks, `slip` what is printed amiss.
    """
    where = f"eq. {number}" if number.isdigit() else f"section {number}"
    (wrt,) = (str(getattr(variable, "label", variable)) for variable in variables[:1])
    return Formula(
        name=f"cookbook_{number.replace('.', '_')}{suffix}",
        title=f"{title} ({where})",
        topic=topic,
        definition=definition,
        variables=variables,
        wrt=(wrt,),
        output=output or {},
        domains=domains or {},
        torch=torch,
        stated={wrt: gradient},
        printed=(Printed(where, wrt, printed or gradient, needs, under or {}, slip),),
        source=f"{COOKBOOK}, {where}",
    )
