"""Python files: a gallery's scripts, whose comment blocks are prose, and plain modules with sessions in docstrings."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import groupby, pairwise

from gradcheck.documents.document import Passage, Pragma, Problem
from gradcheck.documents.readers.lines import Lines
from gradcheck.documents.readers.markdown import markdown_parts
from gradcheck.documents.readers.restructured import restructured_parts
from gradcheck.documents.repair.python import tree

_PERCENT = re.compile(r"#\s?%%")
_BLOCK = re.compile(r"#{20,}\s*$|#\s?%%")
"""A line that makes the comment lines below it prose, in Sphinx-Gallery and in percent notebooks."""

Part = Passage | Pragma | Problem


def script_parts(source: Lines) -> Iterator[Part]:
    """The passages and problems of a Python file.

    The comment blocks of a gallery's script are prose with the code between them, whose last bare expressions show
    their values. Any other file is one passage of code, followed by what its docstrings have besides code.
    """
    if is_gallery(source.text):
        yield from _gallery(source)
    else:
        yield from source.passages("code", language="python")
        yield from _docstrings(source)


def is_gallery(text: str) -> bool:
    """Whether a Python file is written to be read: prose in comment blocks under `# %%` or a long line of `#`.

    >>> is_gallery("# %%\\n# Some *prose*.\\n\\nx = 1"), is_gallery("x = 1  # a comment")
    (True, False)
    """
    lines = text.split("\n")
    marked = any(_BLOCK.match(line) and following.startswith("#") for line, following in pairwise(lines))
    return marked or any(_PERCENT.match(line) for line in lines)


def _gallery(source: Lines) -> Iterator[Part]:
    head = _docstring_rows(source)
    if head:
        yield from restructured_parts(_docstring(source, *head))
    for is_prose, block in _blocks(source[head[1] :] if head else source):
        if not is_prose:
            yield from block.passages("code", language="python", shows="last")
        elif "[markdown]" in block.texts[0]:
            yield from markdown_parts(_uncommented(block))
        else:
            yield from restructured_parts(_uncommented(block))


def _blocks(source: Lines) -> Iterator[tuple[bool, Lines]]:
    """The stretches of prose and of code, told apart by the lines that open a block of prose."""
    prose = False
    marked: list[tuple[int, tuple[str, int]]] = []
    number = 0
    for text, line in source:
        opens = bool(_BLOCK.match(text))
        if opens and not (prose and text.startswith("####")):
            number += 1
            prose = True
        elif prose and not text.startswith("#"):
            number += 1
            prose = False
        marked.append((number * 2 + prose, (text, line)))
    for key, group in groupby(marked, key=lambda each: each[0]):
        yield bool(key % 2), Lines.joined(numbered for _, numbered in group)


def _uncommented(block: Lines) -> Lines:
    """A block of comment lines as text; the line that opens it gives only what follows its mark."""
    texts = [re.sub(r"^#+\s*$|^#\s?%%(\s*\[\w+\])?\s*|^# ?", "", text) for text in block.texts]
    return Lines(tuple(texts), block.numbers)


def _docstrings(source: Lines) -> Iterator[Part]:
    """The prose, formulas and sessions of every docstring, in the file's order."""
    module = tree(source.text)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(module) if isinstance(node, documented)] if module else []
    for node in sorted(nodes, key=lambda node: getattr(node, "lineno", 0)):
        rows = _rows(node)
        if rows:
            parts = restructured_parts(_docstring(source, *rows))
            yield from (part for part in parts if _is_said(part))


def _is_said(part: Part) -> bool:
    """Whether a docstring's part is prose, a formula or a session: its other code is no part of the file's."""
    return not isinstance(part, Passage) or part.kind != "code" or ">>>" in part.text


def _rows(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[int, int] | None:
    """The first row of a docstring and the row behind its last, from 0."""
    match node.body:
        case [ast.Expr(value=ast.Constant(value=str())) as expression, *_]:
            return expression.lineno - 1, expression.end_lineno or expression.lineno
    return None


def _docstring_rows(source: Lines) -> tuple[int, int] | None:
    module = tree(source.text)
    return _rows(module) if module else None


def _docstring(source: Lines, first: int, end: int) -> Lines:
    """A docstring's text as it stands in the file, without its quotes and its margin."""
    texts = list(source.texts[first:end])
    texts[0] = re.sub(r"^\s*[rRuU]?(\"\"\"|'''|\"|')", "", texts[0])
    texts[-1] = re.sub(r"(\"\"\"|'''|\"|')\s*(#.*|;.*)?$", "", texts[-1])
    body = Lines(tuple(texts[1:]), source.numbers[first + 1 : end]).dedented()
    return Lines((texts[0].lstrip(), *body.texts), source.numbers[first:end])
