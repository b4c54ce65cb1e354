"""Messages about unknown names."""

from __future__ import annotations

from gradcheck.errors import UnknownName, nearest


def test_nearest_ignores_case_and_puts_the_best_first() -> None:
    assert nearest("SIGMOD", ["softmax", "sigmoid", "SiLU"]) == ("sigmoid",)
    assert nearest("zzz", ["softmax"]) == ()


def test_without_a_near_name_the_remedy_stands_alone() -> None:
    assert str(UnknownName("claim", "Q", ["A1"], "ids are A1 to C8")) == "no claim is named 'Q'; ids are A1 to C8"
    assert str(UnknownName("claim", "Q", ["A1"])) == "no claim is named 'Q'"
