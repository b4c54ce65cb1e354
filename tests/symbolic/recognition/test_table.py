"""The catalogue's own torch functions are recognised, and the published table says what is found."""

from __future__ import annotations

import pytest

from gradcheck import catalogue
from tests.symbolic.recognition import table
from tests.symbolic.recognition.counterparts import counterpart

LEAST = 0.8
"""The share of the catalogue that is recognised at least."""


@pytest.mark.parametrize("name", ["mse", "sigmoid", "softmax"])
def test_a_counterpart_is_recognised(name: str) -> None:
    assert table.row(catalogue.formula(name)).outcome == table.AS_ITSELF


def test_scalars_that_are_asked_for_their_number_are_held() -> None:
    assert len(counterpart(catalogue.formula("huber")).variables) == 2


def test_the_page_counts_what_it_lists() -> None:
    rows = [table.Row("a", table.AS_ITSELF, "this is a"), table.Row("b", table.NOT_TRACED, "no | formula")]
    page = table.document(rows)
    assert "1 of them (50%) were recognised" in page
    assert "no \\| formula" in page


@pytest.mark.slow
@pytest.mark.recognised
def test_running_again_gives_the_published_table() -> None:
    rows = list(table.rows())
    assert table.document(rows) == table.PUBLISHED.read_text(encoding="utf-8")
    reached = sum(row.outcome in (table.AS_ITSELF, table.AS_ANOTHER) for row in rows)
    assert reached >= LEAST * len(rows)
