"""Markdown's blocks, nested as they may be, with the line of each."""

from __future__ import annotations

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcheck.documents.document import Problem
from gradcheck.documents.readers.read import read_text
from tests.documents.readers.reading import only, read, rows

DOCUMENT = """\
---
title: no prose
---
# A *gradient* by `autograd`

Take $y = x^2$, so
that its **slope** is [twice](https://example.org
"title") x.

```python
import torch

x = torch.tensor(3.0)
```

$$
y = x^2
$$

> ~~~py
> print(x)  # tensor(3.)
> ~~~

1. First

   ```python title="a.py"
   if x:
       y = 1
   ```

    z = 2

<details><summary>More</summary>

    indented = 1

</details>

| a | $b$ |
|---|---|
| 1 | `2` |

\\begin{align}
dy &= 2x
\\end{align}
"""


def test_every_block_has_its_kind_text_and_line() -> None:
    assert rows(read(DOCUMENT)) == [
        ("prose", "A gradient by `autograd`", 4),
        ("prose", "Take $y = x^2$, so\nthat its slope is twice x.", 6),
        ("code", "import torch\n\nx = torch.tensor(3.0)", 11),
        ("math", "y = x^2", 17),
        ("code", "print(x)  # tensor(3.)", 21),
        ("prose", "First", 24),
        ("code", "if x:\n    y = 1", 27),
        ("prose", "z = 2", 31),
        ("prose", "More", 33),
        ("code", "indented = 1", 35),
        ("prose", "a", 39),
        ("prose", "$b$", 39),
        ("prose", "1", 41),
        ("prose", "`2`", 41),
        ("math", "\\begin{align}\ndy &= 2x\n\\end{align}", 43),
    ]


def test_a_paragraph_knows_the_line_of_each_of_its_lines() -> None:
    document = read("One `code\nspan` two\nthree $a\nb$ four <b\nid='x'>five</b>  \nsix")
    (prose,) = document.passages
    assert prose.text == "One `code span` two\nthree $a\nb$ four five\nsix"
    assert prose.lines == (1, 3, 4, 6)


@pytest.mark.parametrize(
    ("info", "language", "shows"),
    [
        ("python", "python", "nothing"),
        ("py3 hl_lines='1'", "python", "nothing"),
        ("{.python .input  n=4}", "python", "last"),
        ("{code-cell} ipython3", "python", "last"),
        ("{python}", "python", "last"),
        ("{code-block} python", "python", "nothing"),
        ("ipython", "python", "last"),
        ("bash", "bash", "nothing"),
        ("C++", "c++", "nothing"),
    ],
)
def test_an_info_string_names_the_language(info: str, language: str, shows: str) -> None:
    (code,) = read(f"```{info}\nx = 1\n```").passages
    assert (code.kind, code.language, code.shows) == ("code", language, shows)


def test_directives_of_myst() -> None:
    text = """\
```{code-cell} ipython3
---
tags: [hide]
---

x = 1
```

````{note} Title
Inside
```{math}
:label: eq
a = b
```
````

:::{tip}
`y`
:::

```{testoutput}
3.0
```

```{toctree}
other
```

```{eval-rst}
.. math:: c = d
```
"""
    assert rows(read(text)) == [
        ("code", "x = 1", 6),
        ("prose", "Inside", 10),
        ("math", "a = b", 13),
        ("prose", "`y`", 18),
        ("output", "3.0", 22),
        ("math", "c = d", 30),
    ]


def test_a_math_fence_is_a_formula() -> None:
    assert rows(read("```math\na = b\n```")) == [("math", "a = b", 2)]


def test_money_is_no_formula() -> None:
    (prose,) = read("It costs $5 or $6, not $x$.").passages
    assert prose.text == "It costs $5 or $6, not $x$."


def test_html_in_markdown_has_the_lines_of_the_file() -> None:
    text = 'Text\n\n<div><pre><code class="language-python">x = 1\ny = 2\n</code></pre></div>\n\nEnd\n'
    assert rows(read(text)) == [("prose", "Text", 1), ("code", "x = 1\ny = 2", 3), ("prose", "End", 7)]


@pytest.mark.parametrize("text", ["```python\nx = 1\n", "~~~~\nx = 1\n~~~\n", "> ```\n> x = 1\n\nEnd\n"])
def test_a_fence_that_is_never_closed_is_a_problem_and_read_to_its_end(text: str) -> None:
    document = read_text(text, "markdown")
    assert [problem.line for problem in document.problems] == [1]
    assert "never closed" in document.problems[0].text
    assert only(document, "code").text.startswith("x = 1")


def test_closed_fences_are_no_problem() -> None:
    assert read("```\n```\n\n- ```py\n  x = 1\n  ```\n\n~~~\ny = 1\n~~~").problems == ()


def test_a_cell_for_another_framework_is_in_its_language() -> None:
    text = "```{.python .input}\n%%tab {}\nx = 1\n```"
    ours, theirs = (read(text.replace("{}", tab)).passages[0] for tab in ("pytorch, jax", "mxnet"))
    assert (ours.language, ours.text, ours.lines) == ("python", "x = 1", (3,))
    assert theirs.language == "mxnet"


words = st.text("abcdefgxyz", min_size=2, max_size=6).filter(lambda word: not keyword.iskeyword(word))
assignments = st.builds("{} = {}".format, words, st.integers(0, 99))
code = st.lists(assignments, min_size=1, max_size=4).map("\n".join)
sentences = st.lists(words, min_size=2, max_size=5).map(lambda found: f"The {' '.join(found)}.")
blocks = st.one_of(
    st.tuples(st.just("code"), code), st.tuples(st.just("prose"), sentences), st.tuples(st.just("math"), words)
)


def _written(kind: str, text: str, fence: str) -> str:
    return {"code": f"{fence}python\n{text}\n{fence}", "prose": text, "math": f"$$\n{text}\n$$"}[kind]


@given(st.lists(blocks, min_size=1, max_size=8), st.sampled_from(["```", "~~~~"]), st.sampled_from(["", "> "]))
def test_what_is_written_is_read_back(passages: list[tuple[str, str]], fence: str, margin: str) -> None:
    text = "\n\n".join(_written(kind, content, fence) for kind, content in passages)
    document = read("\n".join(margin + line for line in text.split("\n")))
    assert [(passage.kind, passage.text) for passage in document.passages] == passages


@given(st.text("`~>#$-* \n\tax=1:.<{}[]()!\\|", max_size=60).filter(str.strip))
def test_whatever_is_written_is_read(text: str) -> None:
    document = read_text(text, "markdown")
    last = text.count("\n") + 1
    assert all(1 <= line <= last for passage in document.passages for line in passage.lines)
    assert all(isinstance(problem, Problem) for problem in document.problems)
