"""What a directive's name says about its content, the same in reStructuredText and in MyST Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gradcheck.documents.document import Shows
from gradcheck.documents.readers.lines import Lines

Content = Literal["code", "output", "math", "nothing", "document"]
"""What a directive has inside: code, printed output, a formula, nothing to read, or a document of its own."""


@dataclass(frozen=True)
class Directive:
    """A directive's content and the language that it is in where its argument names none."""

    content: Content
    language: str = ""
    shows: Shows = "nothing"


_CODE = Directive("code")
_CELL = Directive("code", "python", "last")
_NOTHING = Directive("nothing")
_DOCUMENT = Directive("document")

DIRECTIVES: dict[str, Directive] = {
    "code": _CODE,
    "code-block": _CODE,
    "sourcecode": _CODE,
    "parsed-literal": _CODE,
    "prompt": _CODE,
    "code-cell": _CELL,
    "jupyter-execute": _CELL,
    "ipython": _CELL,
    "doctest": Directive("code", "python"),
    "testcode": Directive("code", "python"),
    "testsetup": Directive("code", "python"),
    "plot": Directive("code", "python"),
    "testoutput": Directive("output"),
    "code-output": Directive("output"),
    "math": Directive("math"),
    **dict.fromkeys(
        (
            *(
                "image",
                "figure",
                "include",
                "literalinclude",
                "raw",
                "toctree",
                "contents",
                "index",
                "highlight",
                "meta",
            ),
            *("bibliography", "automodule", "autoclass", "autofunction", "autosummary", "currentmodule", "module"),
            *("csv-table", "role", "default-role", "replace", "testcleanup", "mermaid", "graphviz", "youtube", "video"),
        ),
        _NOTHING,
    ),
}


def directive(name: str) -> Directive:
    """What the directive of this name has inside; a name that is not known is taken for an admonition.

    >>> directive("testoutput").content, directive("warning").content
    ('output', 'document')
    """
    return DIRECTIVES.get(name.casefold(), _DOCUMENT)


def without_options(content: Lines) -> Lines:
    """A directive's content without the options at its head: `:name: value` lines, or YAML between `---` lines.

    >>> without_options(Lines.of(":tags: [hide]\\n\\nx = 1")).text
    'x = 1'
    """
    content = content[_blank_lines(content) :]
    if content and content.texts[0].strip() == "---":
        ends = [row for row, text in enumerate(content.texts[1:], 1) if text.strip() == "---"]
        content = content[ends[0] + 1 :] if ends else content
    else:
        content = content[_option_lines(content) :]
    return content[_blank_lines(content) :]


def _option_lines(content: Lines) -> int:
    return next((row for row, text in enumerate(content.texts) if not _is_option(text)), len(content))


def _is_option(text: str) -> bool:
    name, closed, _ = text.strip().removeprefix(":").partition(":")
    return text.strip().startswith(":") and bool(closed) and name.replace("-", "").replace("_", "").isalnum()


def _blank_lines(content: Lines) -> int:
    return next((row for row, text in enumerate(content.texts) if text.strip()), len(content))
