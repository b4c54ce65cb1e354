"""Of formulas of the catalogue that are equal, which name is used."""

from __future__ import annotations

from gradcheck.symbolic.formula import Formula

PREFERRED: tuple[str, ...] = ()
"""Names in order; all others come after them."""
LAST = ("cookbook_", "hessian_of_")
"""How names begin that are used only where there is no other."""
NEVER_WITH_NUMBERS = ("linear_scalar",)
"""Names of formulas that nobody would see in code that has a number in place of one of their variables."""


def preference(formula: Formula) -> tuple[int, int]:
    """What formulas are sorted by, those to be preferred first."""
    rank = PREFERRED.index(formula.name) if formula.name in PREFERRED else len(PREFERRED)
    return int(formula.name.startswith(LAST)), rank
