"""Outputs shown below code, against what the code writes."""

from __future__ import annotations

import pytest
import torch

from gradcheck.documents.judged import Judged
from gradcheck.documents.records import Failure, Runs
from gradcheck.documents.values.judged import judged_values
from gradcheck.documents.values.outputs import telling_lines
from gradcheck.documents.values.tokens import same_text
from tests.documents.values.runs import document, run_of

CODE = "print('epoch', n)\nprint('loss', loss)"


def held(shown: str, written: str, *, reseeded: str | None = None, failures: tuple[Failure, ...] = ()) -> Judged:
    """The one output of a document whose code wrote something."""
    page = document(CODE, ("output", shown))
    first = run_of(page, {}, outputs={0: written}, failures=failures)
    other = run_of(page, {}, outputs={0: reseeded}) if reseeded is not None else first
    (found,) = judged_values(page, Runs(first, reseeded=other))
    return found


@pytest.mark.parametrize(
    ("shown", "written"),
    [
        ("epoch 1\nloss 0.25", "epoch 1\nloss 0.25\n"),
        ("epoch 1\nloss 0.25", "epoch  1\nloss 0.2500"),
        ("loss 0.25", "epoch 1\nloss 0.2500"),
        ("epoch 1\n...\nloss 0.25", "epoch 1\nepoch 2\nepoch 3\nloss 0.25"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a  b\n----\n1  2"),
        ("100%|####| 3/3 [00:01<00:00]\nloss 0.25", "loss 0.25\ntook 3.2 seconds"),
        ("<object at 0x7f01> 3", "<object at 0x7ee2> 3"),
    ],
)
def test_confirmed(shown: str, written: str) -> None:
    assert held(shown, written).judgement.status == "confirmed"


def test_the_first_line_that_differs_is_pointed_at() -> None:
    found = held("epoch 1\nloss 0.25", "epoch 1\nloss 0.5")
    assert (found.judgement.status, found.line, found.stated, found.replacement) == (
        "refuted",
        4,
        "loss 0.25",
        "loss 0.5",
    )


@pytest.mark.parametrize(
    ("shown", "written", "why"),
    [
        ("epoch 1\nloss 0.25", "epoch 1\nerror 0.25", "other words"),
        ("epoch 1\nloss 0.25", "epoch 1", "2 lines are shown"),
        ("epoch 1\nloss 0.250003", "epoch 1\nloss 0.25", "other words"),
        ("epoch 1", "", "writes nothing"),
    ],
)
def test_not_checkable(shown: str, written: str, why: str) -> None:
    found = held(shown, written)
    assert (found.judgement.status, why in found.judgement.rule) == ("not checkable", True)


def test_what_changes_with_the_seed_is_not_reproducible() -> None:
    found = held("epoch 1\nloss 0.25", "epoch 1\nloss 0.5", reseeded="epoch 1\nloss 0.75")
    assert found.judgement.status == "not reproducible"


def test_what_did_not_run_is_not_checkable() -> None:
    failure = Failure("raised", 0, 2, 2, "NameError: name 'loss' is not defined")
    found = held("epoch 1\nloss 0.25", "epoch 1", failures=(failure,))
    assert (found.judgement.status, "NameError" in found.judgement.rule) == ("not checkable", True)


def test_an_error_that_is_shown_is_confirmed() -> None:
    failure = Failure("raised", 0, 2, 2, "torch.errors.GradientError: wrong by\n a factor 2")
    found = held("GradientError: wrong by\n  a factor 2", "", failures=(failure,))
    assert found.judgement.status == "confirmed"


def test_what_is_shown_below_an_assignment_is_held_against_what_it_assigns() -> None:
    page = document("w = f(x)", ("output", "tensor([1., 2.])"))
    (found,) = judged_values(page, Runs(run_of(page, {1: [torch.tensor([1.0, 2.0])]})))
    assert (found.judgement.status, "assigns" in found.judgement.rule) == ("confirmed", True)
    (found,) = judged_values(page, Runs(run_of(page, {1: [torch.tensor([1.0, 3.0])]})))
    assert (found.judgement.status, found.judgement.rule) == ("not checkable", "the code writes nothing")


@pytest.mark.parametrize("words", ["# the next one", "Now for the pairs (1, 2) of all.", "Here x is 3"])
def test_words_below_a_silent_input_are_no_output(words: str) -> None:
    page = document(("session", "w = f(x)"), ("output", words))
    assert list(judged_values(page, Runs(run_of(page, {1: [3.0]})))) == []


def test_an_error_that_does_not_come_is_no_refutation() -> None:
    found = held("ValueError: no", "")
    assert (found.judgement.status, "raises no error" in found.judgement.rule) == ("not checkable", True)


def test_one_value_is_judged_as_a_value() -> None:
    page = document("print(w)", ("output", "tensor([1., 2.])"))
    (found,) = judged_values(page, Runs(run_of(page, {1: ["tensor"]}, outputs={0: "tensor([1., 3.])"})))
    assert (found.judgement.status, found.line, found.replacement) == ("refuted", 2, "tensor([1., 3.])")


def test_an_output_of_what_changes_alone_is_no_claim() -> None:
    page = document(CODE, ("output", "100%|####| 3/3\nDownloading data\n\ntook 3 s"))
    assert list(judged_values(page, Runs(run_of(page, {})))) == []


def test_an_output_of_no_code_is_no_claim() -> None:
    assert list(judged_values(document(("output", "epoch 1")), None)) == []


@pytest.mark.parametrize(
    ("line", "tells"),
    [
        ("loss 0.5", True),
        ("Wall time: 3 ms", False),
        ("2024-01-02 start", False),
        ("UserWarning: x", False),
        ("", False),
    ],
)
def test_lines_that_tell_something(line: str, tells: bool) -> None:
    assert bool(telling_lines(line)) is tells


@pytest.mark.parametrize(
    ("stated", "actual", "same"),
    [
        ("0.25", "0.2500", True),
        ("0.25", "0.2549", True),
        ("0.25", "0.26", False),
        ("0.123456791043282", "0.1234567835927", True),
        ("0.99", "1.0", False),
        ("x 1 y", "x 1", False),
        ("[1 2 3]", "[1, 2, 3]", True),
        ("[1, ..., 3]", "[1 2 2 3]", True),
        ("[1, ..., 4]", "[1 2 2 3]", False),
        ("True", "False", False),
    ],
)
def test_text_is_compared_by_words_and_values(stated: str, actual: str, same: bool) -> None:
    assert same_text(stated, actual) is same
