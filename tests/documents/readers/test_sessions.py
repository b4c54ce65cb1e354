"""Sessions with prompts: one passage for each input, without its prompt, and what it shows behind it."""

from __future__ import annotations

import pytest

from gradcheck.documents.readers.lines import Lines
from gradcheck.documents.readers.sessions import session_passages
from tests.documents.readers.reading import read, rows

SESSION = """\
```pycon
>>> import torch
>>> def f(x):
...     return x ** 2
...
>>> f(torch.tensor([[1.0],
...                 [2.0]]))
tensor([[1.],

        [4.]])
>>> print()
<BLANKLINE>
end
>>> 1 / 0
Traceback (most recent call last):
ZeroDivisionError: division by zero
```
"""


def test_each_input_is_a_session_and_what_it_shows_an_output_of_it() -> None:
    document = read(SESSION)
    assert rows(document) == [
        ("session", "import torch", 2),
        ("session", "def f(x):\n    return x ** 2", 3),
        ("session", "f(torch.tensor([[1.0],\n                [2.0]]))", 6),
        ("output", "tensor([[1.],\n\n        [4.]])", 8),
        ("session", "print()", 11),
        ("output", "end", 13),
        ("session", "1 / 0", 14),
        ("output", "Traceback (most recent call last):\nZeroDivisionError: division by zero", 15),
    ]
    assert [passage.of for passage in document.passages] == [-1, -1, -1, 2, -1, 4, -1, 6]
    assert {passage.shows for passage in document.passages if passage.kind == "session"} == {"every"}


def test_ipython_prompts() -> None:
    text = "```\nIn [1]: x = [\n   ...:     1]\nIn [2]: x\nOut[2]: [1]\n\nIn [3]: print(2)\n2\n```"
    assert rows(read(text)) == [
        ("session", "x = [\n    1]", 2),
        ("session", "x", 4),
        ("output", "[1]", 5),
        ("session", "print(2)", 7),
        ("output", "2", 8),
    ]


@pytest.mark.parametrize("language", ["python", "", "console", "text"])
def test_prompts_are_seen_whatever_the_block_is_called(language: str) -> None:
    assert rows(read(f"```{language}\n>>> x\n1\n```")) == [("session", "x", 2), ("output", "1", 3)]


def test_a_prompt_glued_to_the_code_is_a_repair() -> None:
    (session,) = session_passages(Lines.of(">>>x = 1"))
    assert (session.text, [repair.text for repair in session.repairs]) == (
        "x = 1",
        ["the prompt is glued to the code; it is taken off"],
    )


def test_lines_without_a_prompt_complete_an_input() -> None:
    session, output = session_passages(Lines.of(">>> f(1,\n      2)\n3"))
    assert (session.text, session.lines, output.text) == ("f(1,\n      2)", (1, 2), "3")
    assert [repair.line for repair in session.repairs] == [2]


def test_what_an_input_shows_is_not_taken_for_code() -> None:
    session, output = session_passages(Lines.of(">>> f(\n3"))
    assert (session.text, output.text) == ("f(", "3")


def test_an_input_may_go_on_behind_further_prompts() -> None:
    session, other, output = session_passages(Lines.of(">>> with a as b:\n>>>     x = 1\n>>>     y = 2\n>>> y\n2"))
    assert (session.text, session.lines) == ("with a as b:\n    x = 1\n    y = 2", (1, 2, 3))
    assert [repair.line for repair in session.repairs] == [2]
    assert (other.text, other.line, output.text) == ("y", 4, "2")


def test_an_input_that_does_not_parse_takes_no_other_with_it() -> None:
    assert [passage.text for passage in session_passages(Lines.of(">>> x = (\n>>> y = 1\n>>> z = 2"))] == [
        *("x = (", "y = 1", "z = 2"),
    ]


@pytest.mark.parametrize(
    "shown", ["Traceback (most recent call last):\n  ...", "RuntimeError: no", "torch.cuda.OutOfMemoryError: no"]
)
def test_errors_are_outputs(shown: str) -> None:
    assert [passage.kind for passage in session_passages(Lines.of(f">>> f()\n{shown}"))] == ["session", "output"]


def test_a_shift_is_no_prompt() -> None:
    assert rows(read("```python\nx = 8 >> 1\n```")) == [("code", "x = 8 >> 1", 2)]
