"""Notebooks: cells and their outputs, each line at its place in the file's JSON."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gradcheck.documents.document import Passage, Pragma, Problem
from gradcheck.documents.readers.languages import language_of
from gradcheck.documents.readers.lines import Lines
from gradcheck.documents.readers.located_json import located_json, located_lines
from gradcheck.documents.readers.markdown import markdown_parts
from gradcheck.documents.readers.pragmas import of_cell
from gradcheck.errors import UsageError

Part = Passage | Pragma | Problem

_NO_TEXT = ("image/", "text/html", "application/vnd.")
"""What is displayed in one of these is not told by its text."""

_PYTHON_MAGICS = frozenset(("%%time", "%%timeit", "%%capture", "%%prun"))
"""Cell magics whose cell is Python all the same; any other names the cell's language."""


def notebook_parts(source: Lines) -> Iterator[Part]:
    """The passages and problems of a notebook of any version; lines are those of its JSON.

    Raises UsageError for a text that is no notebook.
    """
    notebook, raw_cells = _notebook(source.text)
    language = _language(notebook)
    for number, (cell, raw) in enumerate(zip(notebook["cells"], raw_cells, strict=False), 1):
        content = _placed(cell.get("source", ""), raw.get("source", raw.get("input", "")))
        parts = list(_cell(cell, raw, content, language, number))
        yield from parts
        pragmas = of_cell(cell.get("metadata", {}).get("tags", ()), parts, content.numbers[0] if content else 1)
        yield from map(_unplaced, pragmas) if len(source) == 1 else pragmas


def _unplaced(pragma: Pragma) -> Problem:
    reason = "the notebook's cells are all on one line of the file, and cannot be told apart"
    return Problem(pragma.line, f"the tag gradcheck-{pragma.word} is not followed: {reason}")


def _cell(
    cell: Mapping[str, Any], raw: Mapping[str, Any], content: Lines, language: str, number: int
) -> Iterator[Part]:
    if cell["cell_type"] == "markdown":
        yield from (_in_cell(part, number) for part in markdown_parts(content))
    elif cell["cell_type"] == "code":
        yield from _code(content, language, number)
        yield from _outputs(cell, raw).passages("output", cell=number)


def _notebook(text: str) -> tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]:
    """A notebook in today's version, and its cells as the file has them."""
    from nbformat import converter, reader

    try:
        raw = located_json(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"the notebook is broken: line {error.lineno} is no JSON: {error.msg}") from None
    if not isinstance(raw, dict) or not ("cells" in raw or "worksheets" in raw):
        raise UsageError("the notebook is broken: it is JSON without cells")
    logging.getLogger("traitlets").addHandler(logging.NullHandler())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            notebook = converter.convert(reader.reads(text), 4)
        cells = raw["cells"] if "cells" in raw else [cell for sheet in raw["worksheets"] for cell in sheet["cells"]]
        return notebook, cells
    except Exception as error:  # nbformat lets many kinds through where a key is missing or of the wrong type
        raise UsageError(f"the notebook is broken: {' '.join(str(error).split()) or type(error).__name__}") from None


def _language(notebook: Mapping[str, Any]) -> str:
    metadata = notebook.get("metadata", {})
    kernel = metadata.get("kernelspec", {}).get("language") or metadata.get("language_info", {}).get("name")
    return language_of(str(kernel or "python"))


def _placed(text: str, raw: str | Sequence[str]) -> Lines:
    """A text of the notebook with its places, all on one line where the file writes it in another way."""
    lines = located_lines(raw)
    texts = tuple(text.split("\n"))
    return lines if lines.texts == texts else Lines(texts, lines.numbers[:1] * len(texts))


def _in_cell(part: Part, number: int) -> Part:
    return replace(part, cell=number) if isinstance(part, Passage) else part


def _code(content: Lines, language: str, number: int) -> Iterator[Passage]:
    content = content.stripped()
    magic = content.texts[0].split()[0] if content and content.texts[0].startswith("%%") else ""
    if magic in _PYTHON_MAGICS:
        content = content[1:]
    elif magic:
        language = language_of(magic.removeprefix("%%")) or "magic"
    yield from content.passages("code", language=language, cell=number, shows="last")


def _outputs(cell: Mapping[str, Any], raw: Mapping[str, Any]) -> Lines:
    """All that a cell printed and showed as text, in the notebook's order; errors and warnings are left out."""
    shown = [_output(*each) for each in zip(cell.get("outputs", ()), raw.get("outputs", ()), strict=False)]
    return Lines.joined(numbered for lines in shown for numbered in lines)


def _output(output: Mapping[str, Any], raw: Mapping[str, Any]) -> Lines:
    kind = output.get("output_type")
    if kind == "stream" and output.get("name", "stdout") == "stdout":
        return _placed(output.get("text", ""), raw.get("text", "")).stripped()
    data = output.get("data", {})
    if kind not in ("execute_result", "display_data") or "text/plain" not in data:
        return Lines((), ())
    if kind == "display_data" and any(name.startswith(_NO_TEXT) for name in data):
        return Lines((), ())
    return _placed(data["text/plain"], raw.get("data", {}).get("text/plain", raw.get("text", ""))).stripped()
