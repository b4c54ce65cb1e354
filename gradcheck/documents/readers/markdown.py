"""Markdown: CommonMark with tables, front matter, formulas between dollars or brackets, and MyST directives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from gradcheck.documents.document import Passage, Pragma, Problem
from gradcheck.documents.readers.directives import directive, without_options
from gradcheck.documents.readers.inline import prose
from gradcheck.documents.readers.languages import language_of, shown_by
from gradcheck.documents.readers.lines import Lines, of_rows
from gradcheck.documents.readers.pragmas import in_markup

Part = Passage | Pragma | Problem

DEEPEST_NESTING = 8
"""Directives inside directives are read down to here."""


def markdown_parts(source: Lines, depth: int = 0) -> Iterator[Part]:
    """The passages and problems of a Markdown text, or of a part of one, in reading order."""
    for token in _parser().parse(source.text):
        if not token.map:
            continue
        if token.type in ("fence", "colon_fence"):
            yield from _fence(token, source, depth)
        elif token.type in _READERS:
            yield from _READERS[token.type](token, source)


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    parser.use(front_matter_plugin).use(colon_fence_plugin).use(amsmath_plugin)
    return parser.use(dollarmath_plugin, allow_digits=False, double_inline=True)


def _content(token: Token, source: Lines, skipped: int) -> Lines:
    """The lines of a token's content, which begins `skipped` lines below the token's first."""
    first = (token.map or [0, 0])[0]
    return of_rows(token.content.removesuffix("\n").split("\n"), source.numbers, first + skipped)


def _fence(token: Token, source: Lines, depth: int) -> Iterator[Part]:
    yield from _unterminated(token, source)
    content = _content(token, source, 1)
    info = token.info.strip()
    name = info[1:].split("}")[0].strip() if info.startswith("{") else ""
    if name and not name.startswith(".") and language_of(info) not in _LANGUAGES_IN_BRACES:
        yield from directive_parts(name, info.partition("}")[2].strip(), without_options(content), depth)
    else:
        yield from fenced_parts(info, content)


_LANGUAGES_IN_BRACES = frozenset({"python", "r", "julia", "bash"})
"""What Quarto and R Markdown write in braces, without the dot of an attribute."""


def fenced_parts(info: str, content: Lines) -> Iterator[Part]:
    """What a block of code is, given its info string."""
    language = language_of(info)
    if language == "math":
        yield from content.passages("math")
    else:
        yield from content.passages("code", language=language, shows=shown_by(info))


def directive_parts(name: str, argument: str, content: Lines, depth: int) -> Iterator[Part]:
    """What is inside a MyST directive."""
    if name == "eval-rst":
        from gradcheck.documents.readers.restructured import restructured_parts

        yield from restructured_parts(content, depth + 1)
        return
    kind = directive(name)
    if kind.content == "document":
        if depth < DEEPEST_NESTING:
            yield from markdown_parts(content, depth + 1)
    elif kind.content == "code":
        language = language_of(argument) or kind.language
        yield from content.passages("code", language=language, shows=kind.shows)
    elif kind.content != "nothing":
        yield from content.passages(kind.content)


def _unterminated(token: Token, source: Lines) -> Iterator[Problem]:
    """A fence whose closing line is missing runs to the end of what it stands in."""
    first, end = token.map or [0, 0]
    if token.content.count("\n") == end - first - 1 and end > first:
        yield Problem(source.numbers[first], f"the fence that begins here ({token.markup}) is never closed")


def _indented(token: Token, source: Lines) -> Iterator[Part]:
    yield from _content(token, source, 0).passages("code")


def _displayed(token: Token, source: Lines) -> Iterator[Part]:
    yield from _content(token, source, 0).passages("math")


def _written(token: Token, source: Lines) -> Iterator[Part]:
    first = (token.map or [0, 0])[0]
    for child in token.children or ():
        if child.type == "html_inline":
            yield from in_markup(child.content, source.numbers[first])
    yield from prose(token, source, first)


def _hypertext(token: Token, source: Lines) -> Iterator[Part]:
    from gradcheck.documents.readers.hypertext import hypertext_parts

    if token.content.lstrip().startswith("<!--"):
        yield from in_markup(token.content, source.numbers[(token.map or [0, 0])[0]])
    else:
        yield from hypertext_parts(_content(token, source, 0))


_READERS: dict[str, Callable[[Token, Lines], Iterator[Part]]] = {
    "code_block": _indented,
    "math_block": _displayed,
    "math_block_label": _displayed,
    "amsmath": _displayed,
    "inline": _written,
    "html_block": _hypertext,
}
