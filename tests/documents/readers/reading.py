"""What the readers' tests share: passages as short rows, and the promise that every line knows its place."""

from __future__ import annotations

from html import unescape

from gradcheck.documents.document import Document, Passage
from gradcheck.documents.readers.read import read_text


def rows(document: Document) -> list[tuple[str, str, int]]:
    """Each passage's kind, text and first line."""
    return [(passage.kind, passage.text, passage.line) for passage in document.passages]


def read(text: str, format: str = "markdown") -> Document:
    """A text read, each line of its code, output and formulas found in the line of the file that it names."""
    document = read_text(text, format)
    file = (unescape(text) if format == "html" else text).split("\n")
    for passage in document.passages:
        if passage.kind != "prose" and not passage.repairs:
            for line, number in zip(passage.text.split("\n"), passage.lines, strict=True):
                assert line.strip() in file[number - 1], (line, number, file[number - 1])
    return document


def only(document: Document, kind: str) -> Passage:
    """The one passage of a kind."""
    (found,) = (passage for passage in document.passages if passage.kind == kind)
    return found
