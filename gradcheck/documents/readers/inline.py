"""The text of a Markdown paragraph, heading or table cell, with its line ends where the file has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markdown_it.token import Token

from gradcheck.documents.document import Passage
from gradcheck.documents.readers.lines import Lines

_MARKS = {"code_inline": "`", "math_inline": "$", "math_inline_double": "$$"}


def prose(token: Token, source: Lines, first: int) -> Iterator[Passage]:
    """The text of an inline token that begins at row `first` of `source`, without markup for emphasis and links."""
    writer = _Writer(token.content)
    writer.write(token.children or ())
    numbers = [source.numbers[min(first + row, len(source) - 1)] for row in writer.rows]
    yield from Lines(tuple("".join(writer.text).split("\n")), tuple(numbers)).passages("prose")


class _Writer:
    """Writes inline tokens as text, and notes the row of the source that each line of text begins on."""

    def __init__(self, raw: str) -> None:
        self.raw, self.place, self.row = raw, 0, 0
        self.text: list[str] = []
        self.rows = [0]

    def write(self, children: Sequence[Token]) -> None:
        for child in children:
            if child.type in ("softbreak", "hardbreak"):
                self._pass("\n")
                self.text.append("\n")
                self.rows.append(self.row)
            elif child.type in _MARKS:
                self._marked(child)
            elif child.type == "text":
                self.text.append(child.content)
            elif child.type == "html_inline":
                self._pass(child.content)
            elif child.type == "image":
                self.write(child.children or ())

    def _marked(self, child: Token) -> None:
        """Code or a formula: its content in the source may have line ends that its text has not."""
        mark = _MARKS[child.type]
        content = child.content.strip("`") if mark == "$" else child.content
        self.text.append(f"{mark}{content}{mark}")
        self.rows.extend(self.row + row for row in range(1, content.count("\n") + 1))
        self._pass(child.markup)
        self._pass(child.markup)

    def _pass(self, written: str) -> None:
        """Moves on in the source past the next place where this is written."""
        found = self.raw.find(written, self.place)
        if found >= 0:
            end = found + len(written)
            self.row += self.raw.count("\n", self.place, end)
            self.place = end
