"""Damaged listings: repaired where one reading only is possible, each repair told, and left alone elsewhere."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcheck.documents.document import Passage
from gradcheck.documents.repair.repaired import with_repairs


def repaired(text: str, *before: str, language: str = "python") -> Passage:
    """A listing repaired, after the code that stands before it in its document."""
    listings = [Passage("code", code, tuple(range(1, code.count("\n") + 2)), language) for code in (*before, text)]
    return list(with_repairs(listings))[-1]


CHARACTERS = {
    "full width": ("print（f（x，1））；y＝2", "print(f(x,1));y=2", "full-width"),
    "full width in a string stays": ("print（'（，）'）  # （好）", "print('（，）')  # （好）", "full-width"),
    "quotes": ("x = “a”", 'x = "a"', "typographic quotes"),
    "single quotes": ("d[‘a’] = 1", "d['a'] = 1", "typographic quotes"),
    "spaces": ("x\u00a0=\u3000[1]\u200b", "x = [1]", "invisible characters"),
    "entities": ("if a &lt; b &amp;&#38; 1: pass".replace("&amp;&#38;", "&amp;"), "if a < b & 1: pass", "entities"),
    "entities that parse": ("a &lt; b", "a < b", "entities"),
    "signs": ("x = 3 − 2", "x = 3 - 2", "typographic signs"),
    "numbers": ("1 x = 1\n2 if x:\n3     y = 2\n4\n5 z = 3", "x = 1\nif x:\n    y = 2\n\nz = 3", "line numbers"),
    "numbers with dots": ("9. x = 1\n10. y = 2", "x = 1\ny = 2", "line numbers"),
    "tabs": ("if x:\n\ty = 1\n    z = 2", "if x:\n    y = 1\n    z = 2", "tabs"),
    "several": ("x = “（”，1\u200b", 'x = "（",1', "typographic quotes"),
}


@pytest.mark.parametrize(("text", "expected", "told"), CHARACTERS.values(), ids=CHARACTERS)
def test_characters_are_put_right(text: str, expected: str, told: str) -> None:
    passage = repaired(text)
    assert passage.text == expected
    ast.parse(passage.text)
    assert any(told in repair.text for repair in passage.repairs)
    assert passage.lines == tuple(range(1, text.count("\n") + 2))


LINES = {
    "two imports": ("import torchimport numpy as np", "import torch\nimport numpy as np"),
    "an import and its use": (
        "import torch.nn as nnmodel = nn.Linear(2,\n 1)",
        "import torch.nn as nn\nmodel = nn.Linear(2,\n 1)",
    ),
    "updates": (
        "w = b = rate = 1.0\nw -= w * rateb -= b * rate",
        "w = b = rate = 1.0\nw -= w * rate\nb -= b * rate",
    ),
    "a body in a comment": (
        "w = b = 1\nwith open('a'):  # 更新w -= wb -= b# 清空\nw = 2",
        "w = b = 1\nwith open('a'):  # 更新\n    w -= w\n    b -= b\n    # 清空\nw = 2",
    ),
    "a class": (
        "class A(object):@staticmethoddef f(x):# 前向y = x + 1  # 加一return y@staticmethoddef g(x):return x",
        """\
class A(object):
    @staticmethod
    def f(x):
        # 前向
        y = x + 1  # 加一
        return y
    @staticmethod
    def g(x):
        return x""",
    ),
}


@pytest.mark.parametrize(("text", "expected"), LINES.values(), ids=LINES)
def test_lost_line_breaks_are_put_back(text: str, expected: str) -> None:
    passage = repaired(text)
    assert passage.text == expected
    assert "lost line breaks are put back" in passage.repairs[0].text
    assert len(passage.lines) == passage.text.count("\n") + 1
    assert list(passage.lines) == sorted(passage.lines)


def test_names_of_earlier_listings_decide_where_a_line_breaks() -> None:
    assert repaired("w -= rateb -= rate", "rate = w = b = 1").text == "w -= rate\nb -= rate"


def test_glued_comments_get_lines_of_their_own() -> None:
    text = "import math# 数据\nx = 1.0  # 输入\ny = x            # 偏置# 计算\nz = x + y# 打印\nprint(z)# 2.0"
    passage = repaired(text)
    assert passage.text.split("\n") == [
        *("import math", "# 数据", "x = 1.0  # 输入", "y = x            # 偏置", "# 计算", "z = x + y", "# 打印"),
        "print(z)# 2.0",
    ]
    assert passage.lines == (1, 1, 2, 3, 3, 4, 4, 5)
    assert [repair.line for repair in passage.repairs] == [1, 3, 4]


ALONE = {
    "not Python": "for i in 1..3 do print(i) end",
    "an open bracket": "x = f(1",
    "an unknown name": "w -= w * rateb -= b * rate",
    "two ways to break": "a = ab = abc = 1\nx = abcd = 1\nx = abx = ab +",
    "a loop that may end anywhere": "for i in range(3):# 循环x = iprint(x)",
    "a body that is only a comment": "with open('a'):# 在此块中",
    "a habit of comments": "x = 1#one\ny = 2#two",
    "numbers of a list": "1 x\n3 y",
    "a command of a notebook": "%matplotlib inline\n!pip install torch\nx = 1",
    "fine": "x = '“（”'  # （好）",
}


@pytest.mark.parametrize("text", ALONE.values(), ids=ALONE)
def test_what_is_no_damage_or_could_be_read_in_two_ways_is_left_alone(text: str) -> None:
    passage = repaired(text)
    assert (passage.text, passage.repairs) == (text, ())


def test_other_languages_are_left_alone() -> None:
    assert repaired("x = “a”", language="bash").text == "x = “a”"


@given(st.text("abx=+(){}[]:#@'\"\n 　（）“”−&lt;1", max_size=40))
def test_a_repair_always_parses_and_never_moves_backwards(text: str) -> None:
    passage = repaired(text or "x", language="")
    if passage.repairs:
        ast.parse(passage.text)
    assert list(passage.lines) == sorted(passage.lines)
