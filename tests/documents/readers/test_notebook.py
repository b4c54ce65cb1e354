"""Notebooks of both layouts, each line at its place in the JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gradcheck.documents.document import Document
from gradcheck.documents.readers.read import read_text
from gradcheck.errors import UsageError
from tests.documents.readers.reading import rows


def code(source: list[str], *outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": list(outputs), "source": source}


def markdown(source: list[str]) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def stream(text: list[str], name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def result(text: list[str], **others: str) -> dict[str, Any]:
    data = {**others, "text/plain": text}
    return {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data}


CELLS = [
    markdown(["# Gradient \u2202\n", "\n", "so $x^2$"]),
    code(["import torch\n", "\n", 'x = "\u68af"\n', "x"], stream(["a\n", "b\n"]), result(["tensor(3.)"])),
    code(["%%time\n", "y = 1"], stream(["warned"], "stderr")),
    code(["1 / 0"], {"output_type": "error", "ename": "ZeroDivisionError", "evalue": "", "traceback": ["no claim"]}),
    code(["%%bash\n", "ls"]),
    code(
        ["plot()"], {"output_type": "display_data", "metadata": {}, "data": {"image/png": "", "text/plain": ["<Fig>"]}}
    ),
]


def notebook(cells: list[dict[str, Any]], **metadata: Any) -> dict[str, Any]:
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}


def read(data: dict[str, Any], **dumped: Any) -> tuple[Document, list[str]]:
    text = json.dumps(data, **dumped)
    return read_text(text, "notebook"), text.split("\n")


@pytest.mark.parametrize("ascii", [True, False])
@pytest.mark.parametrize("sort_keys", [True, False])
def test_every_line_is_at_its_place_in_the_file(ascii: bool, sort_keys: bool) -> None:
    document, file = read(notebook(CELLS), indent=1, ensure_ascii=ascii, sort_keys=sort_keys)
    assert [(passage.kind, passage.text, passage.cell) for passage in document.passages] == [
        ("prose", "Gradient \u2202", 1),
        ("prose", "so $x^2$", 1),
        ("code", 'import torch\n\nx = "\u68af"\nx', 2),
        ("output", "a\nb\ntensor(3.)", 2),
        ("code", "y = 1", 3),
        ("code", "1 / 0", 4),
        ("code", "%%bash\nls", 5),
        ("code", "plot()", 6),
    ]
    for passage in document.passages:
        for line, number in zip(passage.text.split("\n"), passage.lines, strict=True):
            assert json.dumps(line, ensure_ascii=ascii)[1:-1] in file[number - 1]


def test_outputs_name_their_cell_and_cells_show_their_last_expression() -> None:
    passages = read(notebook(CELLS))[0].passages
    assert [passage.of for passage in passages if passage.kind == "output"] == [2]
    assert {passage.shows for passage in passages if passage.kind == "code"} == {"last"}
    assert [passage.language for passage in passages if passage.kind == "code"] == ["python"] * 3 + ["bash", "python"]


def test_a_notebook_on_one_line() -> None:
    assert {line for passage in read(notebook(CELLS))[0].passages for line in passage.lines} == {1}


def test_equal_lines_are_told_apart_by_their_order() -> None:
    document, file = read(notebook([code(["x"], result(["x"])), code(["x"])]), indent=1, sort_keys=True)
    places = [number for number, line in enumerate(file, 1) if '"x"' in line]
    assert [passage.line for passage in document.passages] == [places[1], places[0], places[2]]


def test_the_kernel_names_the_language() -> None:
    document, _ = read(notebook([code(["x <- 1"])], kernelspec={"language": "R", "name": "ir", "display_name": "R"}))
    assert document.passages[0].language == "r"


def test_the_layout_of_old_notebooks() -> None:
    output = {"output_type": "pyout", "prompt_number": 1, "text": ["3.0"], "metadata": {}}
    cell = {"cell_type": "code", "language": "python", "metadata": {}, "input": ["x = 3.0\n", "x"], "outputs": [output]}
    heading = {"cell_type": "heading", "level": 1, "metadata": {}, "source": ["A title"]}
    old = {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": [heading, cell]}]}
    document, file = read(old, indent=1)
    assert [(kind, text) for kind, text, _ in rows(document)] == [
        ("prose", "A title"),
        ("code", "x = 3.0\nx"),
        ("output", "3.0"),
    ]
    assert all(passage.text.split("\n")[0] in file[passage.line - 1] for passage in document.passages)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"cells": [', "line 1 is no JSON"),
        ("[1, 2]", "JSON without cells"),
        ('{"nbformat": 4}', "JSON without cells"),
        ('{"nbformat": 99, "nbformat_minor": 0, "metadata": {}, "cells": []}', "the notebook is broken"),
        ('{"cells": [{"cell_type": "code"}], "nbformat": 4, "metadata": {}}', "the notebook is broken"),
        ('{"cells": 3, "nbformat": 4, "nbformat_minor": 0, "metadata": {}}', "the notebook is broken"),
        ('{"cells": [{"source": 3}], "nbformat": 4, "nbformat_minor": 0, "metadata": {}}', "the notebook is broken"),
    ],
)
def test_what_is_no_notebook(text: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason) as raised:
        read_text(text, "notebook", "a.ipynb")
    assert str(raised.value).startswith("a.ipynb: ")
    assert "\n" not in str(raised.value)
