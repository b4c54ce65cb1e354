"""Which passages run: by their language or their look, without lines for a shell, and no excerpts."""

from __future__ import annotations

import pytest

from gradcheck.documents.document import Document, Passage
from gradcheck.documents.records import Failure
from gradcheck.documents.sandbox.job import CodeBlock
from gradcheck.documents.sandbox.runnable import runnable


def passage(text: str, language: str = "python", first: int = 1) -> Passage:
    count = text.count("\n") + 1
    return Passage("code", text, tuple(range(first, first + count)), language=language)


def sorted_out(*passages: Passage) -> tuple[tuple[CodeBlock, ...], tuple[Failure, ...]]:
    return runnable(Document("a.md", "markdown", passages))


def test_code_and_sessions_run_under_the_number_of_their_passage() -> None:
    prose, code = Passage("prose", "Look:", (1,)), passage("x = 1", first=3)
    session = Passage("session", "x", (5,), language="python", shows="every")
    blocks, failures = sorted_out(prose, code, session, Passage("output", "1", (6,)))
    assert blocks == (CodeBlock(1, "x = 1", (3,)), CodeBlock(2, "x", (5,), "every"))
    assert failures == ()


@pytest.mark.parametrize(
    "text",
    [
        "import torch",
        "def f(x):\n    return x",
        "print(x)",
        "x = 1",
        "x.backward()",
        "for i in x: i",
        "    x = torch.ones(2)",
    ],
)
def test_code_without_a_language_that_looks_like_python_runs(text: str) -> None:
    assert len(sorted_out(passage(text, language=""))[0]) == 1


@pytest.mark.parametrize(
    "text", ["tensor([1., 2.])", "0.5", "hello", "+---+\n| a |", "Epoch 1: loss 0.3", "a, b", "{'a': 1}"]
)
def test_what_does_not_look_like_python_is_left_alone(text: str) -> None:
    assert sorted_out(passage(text, language="")) == ((), ())


def test_printed_values_are_not_taken_for_assignments() -> None:
    blocks, _ = sorted_out(passage("loss = f(x)\nn = 3"), passage("loss = 0.25\nn = 3", language=""))
    assert [block.number for block in blocks] == [0]


@pytest.mark.parametrize(
    ("text", "language", "reason"),
    [
        ("int x;", "cpp", "in cpp, not Python"),
        ("ls -l", "bash", "in bash, not Python"),
        ("$ pip install torch", "", "lines for a shell"),
        ("pip install torch", "python", "lines for a shell"),
        ("%%bash\nls", "python", "a notebook cell for bash"),
        ("%%writefile a.py\nx = 1", "python", "a notebook cell for writefile"),
    ],
)
def test_other_languages_are_told(text: str, language: str, reason: str) -> None:
    blocks, (failure,) = sorted_out(passage(text, language))
    assert blocks == ()
    assert (failure.kind, failure.text) == ("shell", reason)


@pytest.mark.parametrize(
    ("text", "source", "told"),
    [
        ("%matplotlib inline\nx = 1", "\nx = 1", []),
        ("!pip install d2l==1.0\nx = 1", "\nx = 1", []),
        ("%%time\nx = 1", "\nx = 1", []),
        ("%time x = 1", "x = 1", []),
        ("torch.ones?\nx = 1", "\nx = 1", []),
        ("files = !ls\nx = 1", "\nx = 1", [("files",)]),
        ("if x:\n    !wget y\nx = 1", "if x:\n    pass\nx = 1", [()]),
        ("%run other.py\nx = 1", "\nx = 1", [()]),
        ('print("""\n%d\n!""" % 1)', 'print("""\n%d\n!""" % 1)', []),
        ("    x = 1\n    y = 2", "x = 1\ny = 2", []),
    ],
)
def test_lines_for_a_shell_are_taken_out(text: str, source: str, told: list[tuple[str, ...]]) -> None:
    (block,), failures = sorted_out(passage(text))
    assert block.source == source
    assert [failure.names for failure in failures] == told
    assert {failure.kind for failure in failures} <= {"shell"}


@pytest.mark.parametrize(
    "text",
    [
        "x = 1\n...\ny = 2",
        "for x in y:\n    ...\n    z = 1",
        "for x in y:\n    ...",
        "x = 1\n# ...\ny = 2",
        "def f(x):\n    y = 1\n    ...",
    ],
)
def test_an_excerpt_does_not_run(text: str) -> None:
    blocks, (failure,) = sorted_out(passage(text))
    assert blocks == ()
    assert (failure.kind, "excerpt" in failure.text) == ("skipped", True)


def test_an_excerpt_tells_the_names_that_it_would_have_bound() -> None:
    _, (failure,) = sorted_out(passage("w = torch.ones(2)\n...\nw.grad.zero_()\nb.data = w"))
    assert failure.names == ("b", "w")


@pytest.mark.parametrize(
    "text",
    ["def f(): ...", "class A:\n    'Doc.'\n    ...", "x[..., 0]", "f(...)", "x = ...", "# see ... above\nx = 1"],
)
def test_stubs_and_slices_are_no_excerpts(text: str) -> None:
    assert len(sorted_out(passage(text))[0]) == 1


def test_what_does_not_parse_is_told_with_its_reason_and_names() -> None:
    blocks, (failure,) = sorted_out(passage("x = 1\nprint 'a'\ny = 2", first=4), passage("z = 3"))
    assert [block.number for block in blocks] == [1]
    assert (failure.kind, failure.block, failure.line, failure.end_line, failure.names) == (
        "syntax",
        0,
        5,
        6,
        ("x", "y"),
    )
    assert failure.text.startswith("Missing parentheses")


def test_what_does_not_parse_and_names_no_language_is_told_if_it_opens_like_python() -> None:
    _, failures = sorted_out(passage("import torch\nx = = 1", language=""), passage("some words here", language=""))
    assert [failure.kind for failure in failures] == ["syntax"]


@pytest.mark.parametrize("text", ["x = '\x00'", "(" * 1000 + ")" * 1000, "x = 1\\"])
def test_odd_source_is_no_error(text: str) -> None:
    _, (failure,) = sorted_out(passage(text))
    assert failure.kind == "syntax"
