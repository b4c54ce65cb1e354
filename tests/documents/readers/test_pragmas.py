"""What an author tells the verifier in comments, in every format: the word, its line, and the lines it is about."""

from __future__ import annotations

import json

import pytest

from gradcheck.documents.readers.read import read_text

MARKDOWN = """\
Text.

<!-- gradcheck: wrong, a factor is missing -->

```python
x = 2
print(x)  # 3
```
```text
3
```

A second one. <!-- gradcheck: skip -->
"""

HYPERTEXT = """\
<p>Text.</p>
<!-- gradcheck: wrong -->
<pre class="python">x = 2
print(x)  # 3</pre>
<p>More. <!-- gradcheck: skip --></p>
"""

RESTRUCTURED = """\
Text.

.. gradcheck: wrong

.. code-block:: python

   x = 2
   print(x)  # 3

.. gradcheck: skip

More.
"""

SCRIPT = """\
def f(x):  # gradcheck: skip
    y = x

    return y
print(1)  # 2  # gradcheck: wrong, on purpose
# gradcheck: skip
print(
    3
)  # 4
print(5)  # gradcheck: skip
# 6
"""


@pytest.mark.parametrize(
    ("format", "text", "expected"),
    [
        ("markdown", MARKDOWN, [(3, "wrong", 6, 10), (13, "skip", 13, 13)]),
        ("html", HYPERTEXT, [(2, "wrong", 3, 4), (5, "skip", 5, 5)]),
        ("rst", RESTRUCTURED, [(3, "wrong", 7, 8), (10, "skip", 12, 12)]),
        ("python", SCRIPT, [(1, "skip", 1, 4), (5, "wrong", 5, 5), (6, "skip", 7, 9), (10, "skip", 10, 11)]),
        ("markdown", "```python\n>>> 1  # gradcheck: skip\n2\n```\n", [(2, "skip", 2, 3)]),
    ],
)
def test_each_format_tells_which_lines_are_meant(
    format: str, text: str, expected: list[tuple[int, str, int, int]]
) -> None:
    document = read_text(text, format)
    assert [(each.line, each.word, each.first, each.last) for each in document.pragmas] == expected
    assert not document.problems


def test_a_pragma_is_no_part_of_the_comment_that_states_a_value() -> None:
    (code,) = read_text(SCRIPT, "python").passages
    assert code.text.split("\n")[4] == "print(1)  # 2"
    assert "gradcheck" not in code.text


def test_a_tag_is_about_its_whole_cell_and_what_it_printed() -> None:
    output = {"output_type": "stream", "name": "stdout", "text": ["3\n"]}
    code = {"cell_type": "code", "execution_count": 1, "outputs": [output], "source": ["x = 2\n", "print(x)"]}
    cells = [
        {**code, "metadata": {"tags": ["hide", "gradcheck-wrong"]}},
        {"cell_type": "markdown", "metadata": {"tags": ["gradcheck-skip"]}, "source": ["One.\n", "\n", "Two."]},
        {**code, "metadata": {}},
    ]
    text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}, indent=1)
    document = read_text(text, "notebook")
    inside = [[each.cell for each in document.passages if p.first <= each.line <= p.last] for p in document.pragmas]
    assert ([each.word for each in document.pragmas], inside) == (["wrong", "skip"], [[1, 1], [2, 2]])
    on_one_line = read_text(json.dumps(json.loads(text)), "notebook")
    assert (on_one_line.pragmas, len(on_one_line.problems)) == ((), 2)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<!-- gradcheck: skipp -->\n\nText.\n", "gradcheck: no word is named 'skipp'; did you mean 'skip'?"),
        ("Text.\n\n<!-- gradcheck: skip -->\n", "gradcheck: skip: nothing follows that it could be about"),
        ("```python\nx = 1  # gradcheck: worng\n```\n", "gradcheck: no word is named 'worng'; did you mean 'wrong'?"),
    ],
)
def test_a_word_that_is_not_known_and_one_about_nothing_are_told(text: str, problem: str) -> None:
    assert [each.text for each in read_text(text, "markdown").problems] == [problem]


@pytest.mark.parametrize(
    "text", ["<!-- a note on gradcheck: skip -->\n\nText.\n", "```python\ns = '# gradcheck: skip'\n```\n"]
)
def test_what_is_no_pragma_is_left_alone(text: str) -> None:
    document = read_text(text, "markdown")
    assert (document.pragmas, document.problems) == ((), ())
