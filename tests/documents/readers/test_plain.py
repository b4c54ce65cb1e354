"""Plain text pasted from a web page: code is told from prose without any markup."""

from __future__ import annotations

import pytest

from gradcheck.documents.readers.plain_code import looks
from tests.documents.readers.reading import read, rows

PAGE = """\
一、梯度

函数:y = w*x + b
梯度:dy/dw = x,dy/db = 1(标量情况下)

  • 当x > 0时,df/dx = 1

示例:

import torch

# 数据
x = torch.tensor([1.0, 2.0])

def f(x):
    \"\"\"
    二次函数

    参数: x
    \"\"\"
    # 平方
    y = x ** 2

    return y.sum()

print(f"梯度: {f(x)}",
      x)  # tensor(5.)

输出:

tensor(5.)

\\nabla f(x) = \\left( 2x \\right)

1. 初始化参数 theta
2. for iter in range(n):

Note (see below) that print(x) prints.

>>> x.grad
tensor([2., 4.])

with torch.no_grad():
    x -= 0.1
以上就是全部。
"""


def test_every_stretch_has_its_kind_text_and_line() -> None:
    file = PAGE.split("\n")
    assert rows(read(PAGE, "text")) == [
        ("prose", "一、梯度", 1),
        ("prose", "\n".join(file[2:4]), 3),
        ("prose", "  • 当x > 0时,df/dx = 1", 6),
        ("prose", "示例:", 8),
        ("code", "\n".join(file[9:27]), 10),
        ("prose", "输出:", 29),
        ("output", "tensor(5.)", 31),
        ("math", "\\nabla f(x) = \\left( 2x \\right)", 33),
        ("prose", "1. 初始化参数 theta\n2. for iter in range(n):", 35),
        ("prose", "Note (see below) that print(x) prints.", 38),
        ("session", "x.grad", 40),
        ("output", "tensor([2., 4.])", 41),
        ("code", "with torch.no_grad():\n    x -= 0.1", 43),
        ("prose", "以上就是全部。", 45),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "import torch# 创建输入数据",
        "import torch.nn as nnmodel = nn.Sequential(nn.Linear(10, 5)",
        "from torch import nn",
        "x = torch.tensor([1.0])  # 输入",
        "y_pred = w * x + b# 定义损失函数",
        "print(f'梯度: {w.grad}')",
        "print（x）",
        "with torch.no_grad():# 在此块中",
        "class A(torch.nn.Module):@staticmethoddef forward(ctx):",
        "def f(x):",
        "@torch.no_grad()",
        "loss.backward()",
        "w, b = 1.0, 2.0",
        ">>> x",
        "In [1]: x",
    ],
)
def test_a_line_that_looks_like_code(line: str) -> None:
    assert looks(line, False) == "code"


@pytest.mark.parametrize(
    "line",
    [
        "梯度",
        "梯度:dy/dw = x",
        "f(x) = x^2",
        "σ(x) = 1 / (1 + e^(-x))",
        "for each x in the set:",
        "if the loss decreases:",
        "import data from a file",
        "from here on",
        "with PyTorch, gradients are easy:",
        "return to the start",
        "x",
        "torch.nn",
        "Note: this holds",
        "y = 输入",
        "返回值:损失函数对输入的梯度",
        "2. theta = theta - alpha",
        "print(x) prints x",
    ],
)
def test_a_line_that_looks_like_prose(line: str) -> None:
    assert looks(line, False) == "prose"


def test_one_equation_is_no_listing() -> None:
    assert rows(read("The line\n\ny = w*x + b\n\nis straight.", "text"))[1] == ("prose", "y = w*x + b", 3)


def test_a_heading_is_no_comment() -> None:
    assert [kind for kind, _, _ in rows(read("# Title\n\nText here.", "text"))] == ["prose", "prose"]


def test_a_bracket_that_is_never_closed_ends_with_its_line() -> None:
    assert rows(read("x = f(1\n\nThe rest is prose.", "text")) == [
        ("code", "x = f(1", 1),
        ("prose", "The rest is prose.", 3),
    ]


def test_a_text_with_fences_is_read_as_markdown() -> None:
    assert rows(read("Text\n\n```python\nx = 1\n```\n", "text")) == [("prose", "Text", 1), ("code", "x = 1", 4)]
