"""HTML: paragraphs, `<pre>` blocks and formulas of a page, without its scripts and its navigation."""

from __future__ import annotations

from collections.abc import Iterator

from bs4 import BeautifulSoup
from bs4.element import Comment, NavigableString, PreformattedString, Tag

from gradcheck.documents.document import Passage, Pragma
from gradcheck.documents.readers.hypertext_classes import (
    BLOCKS,
    is_cell,
    is_display,
    is_output,
    is_skipped,
    language_around,
    without_delimiters,
)
from gradcheck.documents.readers.lines import Lines
from gradcheck.documents.readers.pragmas import pragmas_of

Part = Passage | Pragma

_CODE = frozenset(("code", "tt", "kbd", "samp"))


def hypertext_parts(source: Lines) -> Iterator[Part]:
    """The passages and pragmas of a page, or of a part of one, in reading order."""
    page = BeautifulSoup(source.text, "html5lib")
    reading = _Reading(source)
    yield from reading.inside(page)
    yield from reading.paragraph()


class _Reading:
    """Reads a page from start to end: the row it is at, and the text since the last end of a paragraph."""

    def __init__(self, source: Lines) -> None:
        self.source, self.row = source, 0
        self.texts: list[str] = [""]
        self.rows: list[int] = [0]

    def inside(self, tag: Tag) -> Iterator[Part]:
        for child in tag.children:
            if isinstance(child, Tag):
                self.row = (child.sourceline or self.row + 1) - 1
                yield from self._tag(child)
            elif isinstance(child, NavigableString):
                if isinstance(child, PreformattedString):
                    yield from pragmas_of(child, self._number(self.row)) if isinstance(child, Comment) else ()
                    self.row += child.count("\n")
                else:
                    self._text(child)

    def _tag(self, tag: Tag) -> Iterator[Part]:
        formula = without_delimiters(tag)
        if formula is not None:
            yield from self._formula(formula, tag)
        elif is_skipped(tag):
            self.row += tag.get_text().count("\n")
        elif tag.name == "pre":
            yield from self.paragraph()
            yield from self._preformatted(tag)
        elif tag.name in _CODE:
            self._code(tag)
        elif tag.name == "br":
            self._line()
        else:
            yield from self._element(tag)

    def _element(self, tag: Tag) -> Iterator[Part]:
        if tag.name in BLOCKS:
            yield from self.paragraph()
        yield from self.inside(tag)
        if tag.name in BLOCKS:
            yield from self.paragraph()

    def _text(self, text: str) -> None:
        for place, line in enumerate(text.split("\n")):
            if place:
                self.row += 1
                self._line()
            self.texts[-1] += line

    def _line(self) -> None:
        self.texts.append("")
        self.rows.append(self.row)

    def _code(self, tag: Tag) -> None:
        text = tag.get_text()
        self.texts[-1] += f"`{' '.join(text.split())}`"
        self.row += text.count("\n")

    def _formula(self, formula: str, tag: Tag) -> Iterator[Passage]:
        text = tag.get_text()
        end = self.row + text.count("\n")
        if is_display(tag):
            yield from self.paragraph()
            self.row += text[: len(text) - len(text.lstrip())].count("\n")
            yield from self._rowed(formula).passages("math")
        else:
            self.texts[-1] += f"${' '.join(formula.split())}$"
        self.row = end

    def _rowed(self, text: str) -> Lines:
        texts = text.split("\n")
        last = len(self.source) - 1
        return Lines(tuple(texts), tuple(self.source.numbers[min(self.row + row, last)] for row in range(len(texts))))

    def paragraph(self) -> Iterator[Passage]:
        """The text since the last end of a paragraph, as prose."""
        joined = [" ".join(text.split()) for text in self.texts]
        kept = [(text, self._number(row)) for text, row in zip(joined, self.rows, strict=True) if text]
        self.texts, self.rows = [""], [self.row]
        yield from _shown(Lines.joined(kept))

    def _number(self, row: int) -> int:
        return self.source.numbers[min(row, len(self.source) - 1)]

    def _preformatted(self, pre: Tag) -> Iterator[Passage]:
        if not self.source.texts[self.row][(pre.sourcepos or 0) + 1 :]:
            self.row += 1  # the line end behind the tag is no part of the text
        lines = [("", self.row)]
        self._collect(pre, lines)
        content = Lines.joined((text, self._number(row)) for text, row in lines)
        if is_output(pre):
            yield from content.passages("output")
        elif not is_skipped(pre):
            shows = "last" if is_cell(pre) else "nothing"
            yield from content.passages("code", language=language_around(pre), shows=shows)

    def _collect(self, tag: Tag, lines: list[tuple[str, int]]) -> None:
        for child in tag.children:
            if isinstance(child, Tag):
                self.row = (child.sourceline or self.row + 1) - 1
                if child.name == "br":
                    lines.append(("", self.row))
                elif not is_skipped(child):
                    self._collect(child, lines)
            elif isinstance(child, NavigableString) and not isinstance(child, Comment):
                for place, text in enumerate(child.split("\n")):
                    self.row += bool(place)
                    if place:
                        lines.append(("", self.row))
                    lines[-1] = (lines[-1][0] + text, self.row if not lines[-1][0] else lines[-1][1])


def _shown(lines: Lines) -> Iterator[Passage]:
    """A paragraph that is one displayed formula is a formula; in any other, `\\\\(x\\\\)` is written `$x$`."""
    text = lines.text.strip()
    for opens, closes in (("$$", "$$"), ("\\[", "\\]")):
        inner = text.removeprefix(opens).removesuffix(closes)
        if text.startswith(opens) and text.endswith(closes) and len(inner) == len(text) - 4 and opens not in inner:
            yield from Lines(tuple(inner.split("\n")), lines.numbers).passages("math")
            return
    texts = tuple(text.replace("\\(", "$").replace("\\)", "$") for text in lines.texts)
    yield from Lines(texts, lines.numbers).passages("prose")
