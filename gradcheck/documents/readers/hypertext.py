"""HTML: paragraphs, `<pre>` blocks and formulas of a page, without its scripts and its navigation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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
from gradcheck.documents.readers.hypertext_tree import page_of
from gradcheck.documents.readers.lines import Lines
from gradcheck.documents.readers.pragmas import pragmas_of

Part = Passage | Pragma

_CODE = frozenset(("code", "tt", "kbd", "samp"))


def hypertext_parts(source: Lines) -> Iterator[Part]:
    """The passages and pragmas of a page, or of a part of one, in reading order."""
    reading = _Reading(source)
    yield from reading.inside(page_of(source.text))
    yield from reading.paragraph()


class _Reading:
    """Reads a page from start to end: the row it is at, and the text since the last end of a paragraph."""

    def __init__(self, source: Lines) -> None:
        self.source, self.row = source, 0
        self.texts: list[str] = [""]
        self.rows: list[int] = [0]

    def inside(self, page: Tag) -> Iterator[Part]:
        """Walks through the page without recursion, however deep its elements are nested."""
        within = [(page, iter(page.contents))]
        while within:
            tag, children = within[-1]
            for child in children:
                if isinstance(child, Tag):
                    self.row = (child.sourceline or self.row + 1) - 1
                    parts = self._whole(child)
                    if parts is None:
                        yield from self._edge(child)
                        within.append((child, iter(child.contents)))
                        break
                    yield from parts
                elif isinstance(child, NavigableString):
                    yield from self._string(child)
            else:
                within.pop()
                yield from self._edge(tag)

    def _whole(self, tag: Tag) -> Iterable[Part] | None:
        """The parts of an element that is read as a whole; None for one whose children are read on their own."""
        formula = without_delimiters(tag)
        if formula is not None:
            return self._formula(formula, tag)
        if is_skipped(tag):
            self.row += tag.get_text().count("\n")
        elif tag.name == "pre":
            return self._preformatted(tag)
        elif tag.name in _CODE:
            self._code(tag)
        elif tag.name == "br":
            self._line()
        else:
            return None
        return ()

    def _edge(self, tag: Tag) -> Iterator[Part]:
        """The paragraph that ends where an element begins or ends."""
        if tag.name in BLOCKS:
            yield from self.paragraph()

    def _string(self, text: NavigableString) -> Iterator[Part]:
        if not isinstance(text, PreformattedString):
            self._text(text)
            return
        if isinstance(text, Comment):
            yield from pragmas_of(text, self._number(self.row))
        self.row += text.count("\n")

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
        yield from self.paragraph()
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

    def _collect(self, pre: Tag, lines: list[tuple[str, int]]) -> None:
        within = [iter(pre.contents)]
        while within:
            child = next(within[-1], None)
            if child is None:
                within.pop()
            elif isinstance(child, Tag):
                self.row = (child.sourceline or self.row + 1) - 1
                if child.name == "br":
                    lines.append(("", self.row))
                elif not is_skipped(child):
                    within.append(iter(child.contents))
            elif isinstance(child, NavigableString) and not isinstance(child, Comment):
                self._add_text(child, lines)

    def _add_text(self, text: str, lines: list[tuple[str, int]]) -> None:
        for place, line in enumerate(text.split("\n")):
            self.row += bool(place)
            if place:
                lines.append(("", self.row))
            lines[-1] = (lines[-1][0] + line, self.row if not lines[-1][0] else lines[-1][1])


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
