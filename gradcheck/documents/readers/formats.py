"""The formats of documents: which suffixes and which content tell them, and who reads them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_HERE = __name__.rpartition(".")[0]


@dataclass(frozen=True)
class Format:
    """A format's suffixes in lower case, and its reader as `module:function`."""

    suffixes: tuple[str, ...]
    reader: str


FORMATS: dict[str, Format] = {
    "markdown": Format((".md", ".markdown", ".mdx", ".qmd", ".rmd"), f"{_HERE}.markdown:markdown_parts"),
    "notebook": Format((".ipynb",), f"{_HERE}.notebook:notebook_parts"),
    "rst": Format((".rst", ".rest"), f"{_HERE}.restructured:restructured_parts"),
    "html": Format((".html", ".htm", ".xhtml"), f"{_HERE}.hypertext:hypertext_parts"),
    "text": Format((".txt", ".text"), f"{_HERE}.plain:plain_parts"),
    "python": Format((".py",), f"{_HERE}.script:script_parts"),
}

SUFFIXES = {suffix: name for name, known in FORMATS.items() for suffix in known.suffixes}


def format_of(path: str, text: str) -> str:
    """The format of a document: by its suffix, else by its content.

    >>> [format_of("a.MD", ""), format_of("a", "<!doctype html>"), format_of("a", '{"cells": []}')]
    ['markdown', 'html', 'notebook']
    """
    by_suffix = SUFFIXES.get(Path(path).suffix.lower())
    return by_suffix or _by_content(text)


def _by_content(text: str) -> str:
    start = text[:4096].lstrip().casefold()
    if start.startswith(("<!doctype html", "<html", "<?xml")):
        return "html"
    if start.startswith("{") and '"cells"' in text:
        return "notebook"
    if start.startswith("#!") and "python" in start.partition("\n")[0]:
        return "python"
    lines = text.split("\n")
    if any(line.startswith(("```", "~~~", "# ", "## ")) for line in lines):
        return "markdown"
    if any(line.startswith(".. ") and "::" in line for line in lines):
        return "rst"
    return "text"
