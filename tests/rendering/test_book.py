"""Pages and index show what they are given, hostile text included, and say what is missing."""

from __future__ import annotations

import re

import pytest

from gradcheck.book.content import Chapter, Derivative, Drawing, Variable
from gradcheck.rendering.book import COUNTED, Entry, Neighbours, render_index, render_page
from gradcheck.rendering.words import OUTCOME_SYMBOLS
from gradcheck.results import FormulaResult, KinkResult, OracleResult, PrintedResult, Verdict

HOSTILE = '<script>alert("x")</script> & `code <b>`'

RESULT = FormulaResult(
    name="relu",
    title=HOSTILE,
    topic="activations",
    wrt="x",
    definition="x",
    gradient="1",
    sizes=({"n": 2},),
    points=3,
    oracles={"reverse": OracleResult(Verdict.WRONG, 0.5, 1e-14, HOSTILE)},
    kinks=(KinkResult("x = 0", 0.0, 1.0, 0.5, Verdict.CORRECT),),
    printed=(PrintedResult("eq. 7", "2 x", Verdict.WRONG, slip="the factor"),),
)

CHAPTER = Chapter(
    name="relu",
    title=HOSTILE,
    topic="activations",
    definition="f = x",
    source=HOSTILE,
    results=(RESULT,),
    variables=(Variable("x", "n", "real numbers"),),
    kinks="x = 0: any slope",
    usage="use <it>",
    code="def relu(x): return x < 1",
    derivatives=(Derivative("x", r"\frac{\partial f}{\partial x} = 1", None, "def relu_by_x(x): ...", RESULT),),
    drawings=(Drawing(HOSTILE, '<svg class="plot"></svg>'),),
    problems=(f"derivation by x: NoRule: {HOSTILE}",),
)


@pytest.fixture(scope="module")
def page() -> str:
    return render_page(CHAPTER, Neighbours("elu", ""))


def test_a_page_says_what_is_missing_and_what_is_wrong(page: str) -> None:
    assert "derivation by x: NoRule" in page
    assert "Derivation in" not in page
    for words in ("wrong", "Eq. 7: refuted as printed", "the factor", "Where it kinks", "use &lt;it&gt;"):
        assert words in page


def test_no_text_becomes_markup(page: str) -> None:
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "return x &lt; 1" in page
    index = render_index([Entry("relu", HOSTILE, HOSTILE, "holds")], {"python": HOSTILE}, [HOSTILE])
    assert index.count("<script") == 1
    assert "alert(&" in index


def test_the_neighbours_are_linked(page: str) -> None:
    assert re.findall(r'rel="(\w+)" href="([\w.]+)"', page) == [("prev", "elu.html")]


def test_the_index_counts_every_outcome() -> None:
    entries = [Entry(f"f{number}", "title", "topic", outcome) for number, outcome in enumerate(OUTCOME_SYMBOLS)]
    index = render_index([*entries, Entry("g", "title", "topic", "holds")], {})
    told = "7 formulas: 2 confirmed, torch deviates in 1, 1 undecided, 1 not run, 1 wrong, 1 in error"
    assert told in index
    assert set(COUNTED) == set(OUTCOME_SYMBOLS)


def test_modules_that_could_not_be_loaded_are_named() -> None:
    assert "Modules that could not be loaded" in render_index([], {}, ["gradcheck.formulas.x: ImportError"])
    assert "could not be loaded" not in render_index([], {})


def test_the_search_finds_by_title_name_topic_and_outcome() -> None:
    words = Entry("mse_sum", "Mean Squared Error", "losses", "holds").words
    assert all(word in words for word in ("squared", "mse_sum", "mse sum", "losses", "holds"))
