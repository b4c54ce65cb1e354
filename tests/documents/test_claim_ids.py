"""Names of claims: stable where text moves, different where claims differ."""

from __future__ import annotations

from dataclasses import replace

from gradcheck.articles.claims import Judgement
from gradcheck.documents.claim_ids import claim_ids
from gradcheck.documents.judged import Judged

CLAIM = Judged(3, 3, "`print(x)` prints", "1", Judgement("confirmed", "1", "equality"))


def ids(path: str, *judged: Judged) -> list[str]:
    return list(claim_ids(path, judged))


def test_a_claim_that_moves_or_is_decided_otherwise_keeps_its_name() -> None:
    moved = replace(CLAIM, line=40, end_line=41, judgement=Judgement("refuted", "2", "equality"))
    assert ids("a.md", CLAIM) == ids("a.md", moved)


def test_another_path_statement_or_value_is_another_claim() -> None:
    others = [replace(CLAIM, statement="`print(y)` prints"), replace(CLAIM, stated="2")]
    assert len({*ids("a.md", CLAIM, *others), *ids("b.md", CLAIM)}) == 4


def test_like_claims_are_told_apart_by_their_order() -> None:
    first, second = ids("a.md", CLAIM, CLAIM)
    assert first != second
    assert ids("a.md", replace(CLAIM, line=1), CLAIM) == [first, second]
