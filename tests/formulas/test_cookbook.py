"""The Matrix Cookbook's identities: which are there, and which do not hold as printed."""

from __future__ import annotations

import pytest

from gradcheck import catalogue
from gradcheck.checking.printed_check import check_printed
from gradcheck.symbolic.formula import Formula

IDENTITIES = [
    formula
    for formula in catalogue.formulas()
    if isinstance(formula, Formula) and formula.topic.startswith("matrix cookbook")
]
NUMBERED = {
    *(46, 48, 49, *range(51, 89), *range(99, 133)),
    *(137, 138, 139, 140, 141, 142, 143, 144),
}

REFUTED = {
    "cookbook_51_rectangular": "A and B have to be square",
    "cookbook_127": "A symmetric",
    "cookbook_143": "minors",
    "cookbook_2_4_3_power_square": "transposed",
    "cookbook_2_4_3_quotient": "B symmetric",
}
"""The identities that do not hold as printed, with a word of why."""


def test_the_whole_chapter_is_there() -> None:
    numbers = {int(f.printed[0].where.removeprefix("eq. ")) for f in IDENTITIES if f.printed[0].where.startswith("eq.")}
    assert numbers == NUMBERED


@pytest.mark.parametrize("formula", IDENTITIES, ids=lambda formula: formula.name)
def test_each_identity_holds_as_printed_or_is_known_not_to(formula: Formula) -> None:
    (found,) = check_printed(formula, formula.wrt[0])
    assert found.ok
    assert found.refuted == (formula.name in REFUTED)
    assert REFUTED.get(formula.name, "") in found.needs + found.slip
    assert (found.under_condition is None) == (not found.needs)
