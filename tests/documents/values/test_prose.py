"""Values stated in prose, and arithmetic carried out in comments."""

from __future__ import annotations

import pytest
import torch

from gradcheck.documents.records import Runs
from gradcheck.documents.values.arithmetic import calculations, worked_out
from gradcheck.documents.values.judged import judged_values
from gradcheck.documents.values.prose import values_said
from tests.documents.values.runs import document, run_of

SAID = [
    ("Then `w.grad` is 12.0.", "w.grad", "12.0"),
    ("Then `w.grad` is `tensor([12.])`.", "w.grad", "tensor([12.])"),
    ("Here `w.grad` is reported as `12.5`.", "w.grad", "12.5"),
    ("So `loss` equals 4.6667, which is small.", "loss", "4.6667"),
    ("这里 `w.grad` 是 12.5。", "w.grad", "12.5"),
    ("Here `loss.item()` = 0.25.", "loss.item()", "0.25"),
    ("Hence the gradient is 6.5.", "", "6.5"),
    ("This prints 4.6667.", "print(...)", "4.6667"),
    ("它输出 `tensor([4.])`。", "print(...)", "tensor([4.])"),
    ("梯度应为1.0", "", "1.0"),
    ("You should have got a matrix of `4.5`.", "array", "4.5"),
    ("得到矩阵 `4.5`。", "array", "4.5"),
]

NOT_SAID = [
    "If `w` is 2.0, the loss falls.",
    "`x` is 2-dimensional.",
    "`x` is a tensor with 3.0 in it.",
    "Let `w` = 2.0.",
    "`lr` is 0.1 by default.",
    "`w` should be 3.0.",
    "The gradient is 9a^2.",
    "The learning rate is 0.1.",
    "The network outputs 10 numbers.",
]


@pytest.mark.parametrize(("text", "name", "value"), SAID)
def test_what_prose_says(text: str, name: str, value: str) -> None:
    (said,) = values_said(text)
    assert (said.name, said.wording.text) == (name, value)


@pytest.mark.parametrize("text", NOT_SAID)
def test_what_prose_does_not_say(text: str) -> None:
    assert list(values_said(text)) == []


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Now `w` is 4.0.", "confirmed"),
        ("Now `w` is 4.6667.", "refuted"),
        ("Now `w` is 5.0.", None),  # it was, once
        ("Now `w` is 7.", None),  # a count of anything
        ("Now `u` is 4.5.", None),
        ("The gradient is 3.0.", "confirmed"),
        ("The gradient is 4.5.", None),
    ],
)
def test_prose_is_held_against_the_code_above(text: str, status: str | None) -> None:
    page = document("w = f()\nw -= 1", ("prose", text))
    tensor = torch.tensor(4.0)
    run = run_of(page, {1: [torch.tensor(5.0)], 2: [tensor]}, live={2: {"w": tensor, "v.grad": torch.tensor(3.0)}})
    found = list(judged_values(page, Runs(run)))
    assert [each.judgement.status for each in found] == ([status] if status else [])


@pytest.mark.parametrize(
    ("text", "statuses"),
    [
        ("梯度应为1.5", ["confirmed"]),
        ("梯度应为2.5", []),
        ("得到矩阵 `1.5`。", ["confirmed"]),
        ("得到矩阵 `2.5`。", []),
    ],
)
def test_an_array_of_one_number(text: str, statuses: list[str]) -> None:
    page = document("a.grad", ("prose", text))
    run = run_of(page, {1: [torch.tensor([[1.5, 1.5]])]})
    assert [each.judgement.status for each in judged_values(page, Runs(run, run, run))] == statuses


@pytest.mark.parametrize(("text", "status"), [("It prints 4.5.", "refuted"), ("It prints 4.0.", "confirmed")])
def test_what_the_one_call_of_print_writes(text: str, status: str) -> None:
    page = document("print('w', w)", ("prose", text))
    (found,) = judged_values(page, Runs(run_of(page, {1: [["w", torch.tensor(4.0)]]})))
    assert found.judgement.status == status


@pytest.mark.parametrize(
    ("calculation", "value"),
    [
        ("2*(2*3-1)*3", 30),
        ("3^2 + 1", 10),
        ("2 × 3", 6),
        ("-4/8", -0.5),
        ("x + 1", None),
        ("9**9**9", None),
        ("1/0", None),
        ("__import__('os')", None),
    ],
)
def test_arithmetic_is_worked_out(calculation: str, value: float | None) -> None:
    assert worked_out(calculation) == value


@pytest.mark.parametrize("comment", ["lr = 0.1", "y = 2x + 3 = 5", "see 1.2 = 3", "a-1 = 2", "2*3 = 6 layers"])
def test_what_is_no_calculation(comment: str) -> None:
    assert list(calculations(comment)) == []


@pytest.mark.parametrize(
    ("comment", "status", "replacement"),
    [
        ("2*(2*3-1)*3 = 30", "confirmed", ""),
        ("2*(2*3-1)*3 = 20", "refuted", "2*(2*3-1)*3 = 30"),
        ("2/3 = 0.67", "confirmed", ""),
        ("2/3 = 0.66", "confirmed", ""),
        ("2/3 = 0.68", "refuted", "2/3 = 0.67"),
        ("10/3 = 3", None, ""),
        ("dw = 2*3 = 7", "refuted", "2*3 = 6"),
    ],
)
def test_arithmetic_in_comments(comment: str, status: str | None, replacement: str) -> None:
    found = list(judged_values(document(f"# {comment}"), None))
    assert [each.judgement.status for each in found] == ([status] if status else [])
    assert all(each.replacement == replacement for each in found)
