"""JSON whose strings know their line in the file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from gradcheck.documents.readers.lines import Lines

_STRING = re.compile(r'"(?:[^"\\]+|\\.)*"')


class Located(str):
    """A string value of a JSON text, and the line of the text that it stands on, from 1."""

    __slots__ = ("line",)

    line: int


class _Pairs(list[tuple[str, Any]]):
    """A JSON object before its strings are located: its pairs in the order of the text, none lost."""


def located_json(text: str) -> Any:
    """A JSON text as objects; each of its strings, but not the keys, knows its line.

    Raises json.JSONDecodeError for what is no JSON.

    >>> located_json('{"a":\\n ["x"]}')["a"][0].line
    2
    """
    return _located(json.loads(text, object_pairs_hook=_Pairs), _string_lines(text))


def _string_lines(text: str) -> Iterator[int]:
    """The line of each string of a JSON text, keys and values, in order."""
    line, place = 1, 0
    for string in _STRING.finditer(text):
        line += text.count("\n", place, string.start())
        place = string.start()
        yield line


def _located(value: Any, lines: Iterator[int]) -> Any:
    """A value whose strings take the lines one after another, as they stand in the text."""
    if isinstance(value, _Pairs):
        found = {}
        for key, inner in value:
            next(lines)
            found[key] = _located(inner, lines)
        return found
    if isinstance(value, list):
        return [_located(inner, lines) for inner in value]
    if isinstance(value, str):
        string = Located(value)
        string.line = next(lines)
        return string
    return value


def located_lines(value: str | Sequence[str]) -> Lines:
    """A text written as one JSON string, or as a list of strings, with the line of the file that each line is on.

    >>> located_lines(located_json('[\\n"x = 1\\\\n",\\n"y"]')).numbers
    (2, 3)
    """
    texts, numbers = [""], [1]
    for piece in [value] if isinstance(value, str) else value:
        line = piece.line if isinstance(piece, Located) else numbers[-1]
        first, *others = piece.split("\n")
        numbers[-1] = numbers[-1] if texts[-1] else line
        texts[-1] += first
        texts += others
        numbers += [line] * len(others)
    return Lines(tuple(texts), tuple(numbers))
