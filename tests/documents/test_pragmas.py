"""Statements that the author wants skipped, or calls wrong: what becomes of their judgements."""

from __future__ import annotations

import pytest

from gradcheck import verify
from gradcheck.articles.claims import Judgement
from gradcheck.documents.document import Pragma
from gradcheck.documents.judged import Judged
from gradcheck.documents.pragmas import obeyed
from gradcheck.results import Status

DERIVATIVE = "With y = x^2, dy/dx = {}x.\n"


def judged(status: Status, line: int = 5) -> Judged:
    return Judged(line, line, "`print(x)` prints", "1", Judgement(status, "2", "they differ"), replacement="2")


def test_what_is_wrong_on_purpose_is_confirmed_and_not_corrected() -> None:
    found, other = obeyed([judged("refuted"), judged("refuted", 9)], [Pragma(4, "wrong", 5, 6)])
    assert (found.judgement.status, found.replacement) == ("confirmed", "")
    assert found.judgement.rule == "the document says that this is wrong, and it is: they differ"
    assert other == judged("refuted", 9)


@pytest.mark.parametrize(
    ("found", "expected"),
    [([judged("confirmed")], "refuted"), ([judged("not reproducible")], "not checkable"), ([], "not checkable")],
)
def test_what_is_called_wrong_and_is_not_makes_a_claim_of_its_own(found: list[Judged], expected: str) -> None:
    *left, told = obeyed(found, [Pragma(4, "wrong", 5, 6)])
    assert left == found
    assert (told.line, told.judgement.status) == (4, expected)
    assert told.judgement.rule.startswith("said to be wrong, but ")


@pytest.mark.parametrize(
    ("text", "statuses"),
    [
        (DERIVATIVE.format(3), ["refuted"]),
        ("<!-- gradcheck: wrong -->\n\n" + DERIVATIVE.format(3), ["confirmed"]),
        ("<!-- gradcheck: wrong -->\n\n" + DERIVATIVE.format(2), ["refuted", "confirmed"]),
        ("<!-- gradcheck: skip -->\n\n" + DERIVATIVE.format(3) + "\n" + DERIVATIVE.format(4), ["refuted"]),
    ],
)
def test_formulas_of_a_text(text: str, statuses: list[str]) -> None:
    assert [claim.status for claim in verify(text, execute=False).claims] == statuses


def test_code_that_is_skipped_runs_all_the_same() -> None:
    text = "<!-- gradcheck: skip -->\n```python\nx = 2\nprint(x)  # 3\n```\n\n```python\nprint(x + 1)  # 3\n```\n"
    assert [(claim.line, claim.status) for claim in verify(text).claims] == [(8, "confirmed")]


def test_a_listing_that_fails_on_purpose_is_confirmed_where_it_is_called_wrong() -> None:
    text = "<!-- gradcheck: wrong -->\n```python\nx = [1][2]\n```\n"
    assert [claim.status for claim in verify(text).claims] == ["confirmed"]
    assert [claim.status for claim in verify(text[text.index("```") :]).claims] == ["not checkable"]
