"""The tree of a page: the one that html5lib builds, however deep, in a time that grows with the text."""

from __future__ import annotations

import random
import time

import pytest
from bs4 import BeautifulSoup

from gradcheck.documents.readers.hypertext_tree import page_of
from tests.documents.readers.reading import read, rows

_NAMES = (
    *("p", "div", "b", "i", "a", "ul", "li", "table", "tr", "td", "button", "form", "select", "option", "pre", "code"),
    *("span", "h1", "svg", "math", "template", "dd", "nobr"),
)


@pytest.mark.parametrize("seed", range(40))
def test_the_tree_is_that_of_the_standard_whatever_is_left_open(seed: int) -> None:
    dice = random.Random(seed)
    tags = [f"<{dice.choice(['', '', '/'])}{dice.choice(_NAMES)}>{dice.choice(['', 'x', ' '])}" for _ in range(120)]
    text = "".join(tags)
    assert page_of(text).decode() == BeautifulSoup(text, "html5lib").decode()


def nested(depth: int) -> str:
    return (
        "<div>" * depth + "<p>deep</p><pre>" + "<span>" * 100 + "x = 1" + "</span>" * 100 + "</pre>" + "</div>" * depth
    )


def test_a_page_is_read_however_deep_it_is_nested() -> None:
    assert rows(read(nested(3000), "html")) == [("prose", "deep", 1), ("code", "x = 1", 1)]


def test_the_time_grows_with_the_text_and_not_with_its_square() -> None:
    def seconds(depth: int) -> float:
        text, times = nested(depth), []
        for _ in range(3):
            start = time.process_time()
            read(text, "html")
            times.append(time.process_time() - start)
        return min(times)

    assert seconds(6000) < 16 * seconds(1000)  # 6 where it is linear, 36 where it is quadratic
