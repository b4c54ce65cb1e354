"""reStructuredText by docutils, with Sphinx's roles and directives tolerated: what is not known is read as text."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from functools import cache
from optparse import Values

from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.parsers.rst import Parser
from docutils.utils import new_document

from gradcheck.documents.document import Passage, Pragma, Problem
from gradcheck.documents.readers.directives import directive, without_options
from gradcheck.documents.readers.languages import language_of
from gradcheck.documents.readers.lines import Lines
from gradcheck.documents.readers.pragmas import pragmas_of

Part = Passage | Pragma | Problem

DEEPEST_NESTING = 8
"""Unknown directives inside unknown directives are read down to here."""

FARTHEST = 2000
"""So many lines are looked through for the place of a paragraph or a block."""

_PROSE = (nodes.title, nodes.subtitle, nodes.paragraph, nodes.term, nodes.line, nodes.rubric, nodes.caption)
_IGNORED = (nodes.raw, nodes.substitution_definition, nodes.target, nodes.pending, nodes.docinfo)

_UNWRITTEN = (nodes.system_message, nodes.footnote_reference, nodes.image)

_QUIET = {
    "report_level": 5,
    "halt_level": 5,
    "warning_stream": "",
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "syntax_highlight": "none",
    "line_length_limit": 10**7,
}


def restructured_parts(source: Lines, depth: int = 0) -> Iterator[Part]:
    """The passages and problems of a text in reStructuredText, or of a part of one, in reading order."""
    document = new_document("", copy(_settings()))
    Parser().parse(source.text, document)
    yield from _Walk(source, depth).parts(document)


@cache
def _settings() -> Values:
    settings = get_default_settings(Parser)
    for name, value in _QUIET.items():
        setattr(settings, name, value)
    return settings


class _Walk:
    """Goes through a document's nodes and through its lines side by side."""

    def __init__(self, source: Lines, depth: int) -> None:
        self.source, self.depth, self.row = source, depth, 0

    def parts(self, node: nodes.Node) -> Iterator[Part]:
        if isinstance(node, _PROSE):
            yield from self._prose(node)
        elif isinstance(node, nodes.system_message):
            yield from self._unknown(node)
        elif isinstance(node, nodes.literal_block):
            language = next((language_of(name) for name in node["classes"] if name != "code"), "")
            yield from self._block(node).passages("code", language=language)
        elif isinstance(node, nodes.doctest_block):
            yield from self._block(node).passages("code", language="python")
        elif isinstance(node, nodes.math_block):
            yield from self._block(node).passages("math")
        elif isinstance(node, nodes.comment):
            yield from self._pragma(node)
        elif not isinstance(node, _IGNORED):
            for child in node.children:
                yield from self.parts(child)

    def _pragma(self, node: nodes.comment) -> Iterator[Pragma]:
        for found in pragmas_of(node.astext(), 0):
            self.row = self._found(node.astext().split("\n")[:1], node.line)
            yield replace(found, line=self.source.numbers[self.row])

    def _prose(self, node: nodes.Element) -> Iterator[Passage]:
        raw = (node.rawsource or node.astext()).split("\n")
        row = self._found(raw[:1], node.line)
        self.row = min(row + len(raw) - 1, len(self.source) - 1)
        writer = _Writer()
        writer.write(node)
        numbers = [self.source.numbers[min(row + place, self.row)] for place in writer.rows]
        yield from Lines(tuple("".join(writer.texts).split("\n")), tuple(numbers)).passages("prose")

    def _block(self, node: nodes.Element) -> Lines:
        texts = node.astext().split("\n")
        row = self._found(texts, node.line)
        self.row = min(row + len(texts), len(self.source) - 1)
        numbers = [self.source.numbers[min(row + place, len(self.source) - 1)] for place in range(len(texts))]
        return Lines(tuple(texts), tuple(numbers))

    def _found(self, texts: list[str], hint: int | None) -> int:
        """The row that these lines begin on, at or after the present one: that of docutils where none is found."""
        wanted = [text.strip() for text in texts]
        last = min(self.row + FARTHEST, len(self.source))
        for row in range(self.row, last):
            if wanted[0] in self.source.texts[row] and all(
                text in found for text, found in zip(wanted, self.source.texts[row:], strict=False)
            ):
                return row
        return min(max(self.row, (hint or 1) - 1), len(self.source) - 1)

    def _unknown(self, message: nodes.system_message) -> Iterator[Part]:
        """A directive that docutils does not know, or not with these options: its text is in the message."""
        block = next(iter(message.findall(nodes.literal_block)), None)
        if block is None or not block.astext().startswith(".. ") or self.depth >= DEEPEST_NESTING:
            return
        texts = block.astext().rstrip("\n").split("\n")
        row = self._found(texts[:1], message.get("line"))
        here = self.source[row : row + len(texts)]
        self.row = min(row + len(texts), len(self.source) - 1)
        name, _, argument = here.texts[0].strip().removeprefix("..").strip().partition("::")
        yield from self._directive(name.strip(), argument.strip(), here[1:].dedented())

    def _directive(self, name: str, argument: str, content: Lines) -> Iterator[Part]:
        kind = directive(name)
        content = without_options(content)
        if kind.content == "document":
            yield from restructured_parts(content, self.depth + 1)
        elif kind.content == "code":
            language = kind.language or language_of(argument)
            yield from content.passages("code", language=language, shows=kind.shows)
        elif kind.content != "nothing":
            yield from content.passages(kind.content)


class _Writer:
    """Writes a paragraph's nodes as text, with code between backticks and formulas between dollars.

    `rows` has for each line of the text the row of the paragraph that it begins on: a link's target may have line
    ends that its text has not.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.rows, self.row = [0], 0

    def write(self, node: nodes.Node) -> None:
        match node:
            case nodes.Text():
                self._put(node.astext())
            case nodes.literal() | nodes.title_reference():
                self._put(f"`{node.astext()}`")
            case nodes.math():
                self._put(f"${node.astext()}$")
            case nodes.problematic():
                self._put(_role(node.astext()), node.astext())
            case nodes.reference():
                self._put(node.astext(), node.rawsource)
            case nodes.Element() if not isinstance(node, _UNWRITTEN):
                for child in node.children:
                    self.write(child)

    def _put(self, text: str, raw: str = "") -> None:
        breaks = text.count("\n")
        self.texts.append(text)
        self.rows += [self.row + row for row in range(1, breaks + 1)]
        self.row += max(breaks, raw.count("\n"))


def _role(text: str) -> str:
    """What an unknown role shows: `:func:` and its kin their text without the target, as code."""
    _, marked, shown = text.partition("`")
    if not marked or not shown.endswith("`"):
        return text
    return f"`{shown[:-1].partition(' <')[0].lstrip('~!')}`"
