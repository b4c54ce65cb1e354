"""What a comment states, if anything."""

from __future__ import annotations

import pytest

from gradcheck.documents.values.wording import stated_by

STATED = [
    ("tensor(7.) : 2*2 + 3", "tensor(7.)", ""),
    ("tensor(12.) <- d(loss)/d(w)", "tensor(12.)", ""),
    ("tensor([4.]) since w is 2", "tensor([4.])", ""),
    ("dout/dw = x = 2.0", "2.0", "dout/dw = x"),
    ("2*(2*3-1)*3 = 30", "30", "2*(2*3-1)*3"),
    ("-16", "-16", ""),
    ("−16", "−16", ""),
    ("grad is -6.0", "-6.0", "grad"),
    ("Output: 3", "3", ""),
    ("Prints 4.", "4.", ""),
    ("=> 3.5", "3.5", ""),
    ("-> tensor(3.)", "tensor(3.)", ""),
    ("Out: 6", "6", ""),
    ("输出: 12", "12", ""),
    ("结果为 12.0", "12.0", ""),
    ("输出：tensor([1.])", "tensor([1.])", ""),
    ("w 的梯度是 12", "12", "w 的梯度"),
    ("True", "True", ""),
    ("None, because it is no leaf", "None", ""),
    ("'abc'", "'abc'", ""),
    ("torch.Size([2, 3])", "torch.Size([2, 3])", ""),
    ("torch.Size([2, 3]), a matrix", "torch.Size([2, 3])", ""),
    ("(2, 3)", "(2, 3)", ""),
    ("shape: (2, 3)", "(2, 3)", ""),
    ("torch.float32", "torch.float32", ""),
    ("<MulBackward0 object at 0x7f>", "<MulBackward0 object at 0x7f>", ""),
    ("tensor([0.5000], grad_fn=<MulBackward0>)", "tensor([0.5000], grad_fn=<MulBackward0>)", ""),
    ("nan", "nan", ""),
    ("-inf", "-inf", ""),
    ("1.5e-3", "1.5e-3", ""),
    ("1.+2.j", "1.+2.j", ""),
    ("1,234", "1,234", ""),
    ("1, 2, 3", "1, 2, 3", ""),
    ("tensor(1.) tensor(2.)", "tensor(1.) tensor(2.)", ""),
    ("9.8 m/s", "9.8", ""),
    ("6 (= 2*3)", "6", ""),
    ("f(2) = 4", "4", "f(2)"),
    ("[0. 0.5 1.]", "[0. 0.5 1.]", ""),
    ("0.333...", "0.333", ""),
    ("input with shape: (1, 3)", "(1, 3)", "input with shape"),
    ("y = 3, because x = 1", "3", "y"),
    ("dy/dx = 4 at x = 2", "4", "dy/dx"),
    ("dy/dx at x=2: 4", "4", "dy/dx at x=2"),
    ("traced, prints 1", "1", ""),
    ("not traced; it prints -1", "-1", ""),
    ("the gradient is None by default", "None", "the gradient"),
]

APPROXIMATE = [
    "approximately 0.6",
    "≈ 0.6",
    "~0.6",
    "about 0.6",
    "约 0.6",
    "gradient ≈ 0.6",
    "grad is approximately 0.6",
]

NO_VALUE = [
    "dL/dw",
    "learning rate",
    "3 layers",
    "[batch, features]",
    "(batch, 3)",
    "shape (B, 3)",
    "step 1",
    "10 by default",
    "0.01 works too",
    "10 epochs",
    "10 inputs",
    "y = 2 * x + 3",
    "1. compute the loss",
    "1: first",
    "(1) first",
    "12.3 seconds",
    "2021-01-01",
    "3.8.10",
    "Python 3.8",
    "64 x 64",
    "28x28",
    "1/3",
    "0 or 1",
    "100% of x",
    "lr=0.1, momentum=0.9",
    "e.g. 0.345",
    "close to 0",
    "0.5 * the sum",
    "[0, 1)",
    "nano",
    "",
]


@pytest.mark.parametrize(("comment", "text", "label"), STATED)
def test_what_a_comment_states(comment: str, text: str, label: str) -> None:
    found = stated_by(comment)
    assert found is not None
    assert (found.text, found.label) == (text, label)


@pytest.mark.parametrize("comment", APPROXIMATE)
def test_approximately(comment: str) -> None:
    found = stated_by(comment)
    assert found is not None
    assert (found.text, found.approximate) == ("0.6", True)


@pytest.mark.parametrize("comment", NO_VALUE)
def test_comments_that_state_no_value(comment: str) -> None:
    assert stated_by(comment) is None


@pytest.mark.parametrize(
    ("comment", "stated"),
    [("tensor([4.])", True), ("4.5", True), ("Output: 4", True), ("the gradient is 4", False), ("then 5", False)],
)
def test_a_comment_below_must_be_clearer(comment: str, stated: bool) -> None:
    assert (stated_by(comment, below=True) is not None) is stated


@pytest.mark.parametrize(
    ("comment", "doubtful"),
    [
        ("tensor([1.])", False),
        ("tensor([1.]) if it is not zeroed", True),
        ("0.5, or more", True),
        ("95%", True),
        ("tensor(1.) -> tensor(2.)", True),
    ],
)
def test_words_that_leave_open_when_it_holds(comment: str, doubtful: bool) -> None:
    found = stated_by(comment)
    assert found is not None
    assert found.doubtful is doubtful
