"""The catalogue, loaded as this module is imported: so a process that forks off others has it for all of them."""

from __future__ import annotations

from gradcheck import catalogue
from gradcheck.symbolic.formula import Formula

KNOWN = tuple(each for each in catalogue.formulas() if isinstance(each, Formula))
"""The formulas that a function may be recognised as."""
