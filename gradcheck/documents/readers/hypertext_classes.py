"""What the classes and attributes of HTML's elements say, as the common generators of pages write them."""

from __future__ import annotations

from bs4.element import Tag

from gradcheck.documents.readers.languages import language_of


def _words(*texts: str) -> frozenset[str]:
    return frozenset(word for text in texts for word in text.split())


_SKIPPED_TAGS = _words(
    "script style nav footer aside noscript template svg button form select iframe head mjx-container"
)
_SKIPPED_ROLES = _words("navigation search banner contentinfo")
_SKIPPED_CLASSES = _words(
    "headerlink anchor linenos lineno linenodiv gutter copybtn copy-button sphinxsidebar toctree-wrapper toc",
    "prompt input_prompt output_prompt jp-InputPrompt jp-OutputPrompt breadcrumb breadcrumbs related",
    "output_stderr highlight-pytb sphx-glr-timing sphx-glr-download navbar sidebar katex-html",
)
_OUTPUT_CLASSES = _words(
    "output cell_output output_area output_subarea jp-OutputArea jp-OutputArea-output sphx-glr-script-out",
    "highlight-output code-output cell-output-stdout",
)
_CELL_CLASSES = _words("jp-Cell jp-CodeCell code_cell cell_input cell nbinput")
BLOCKS = _words(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption",
    "figure h1 h2 h3 h4 h5 h6 header hr html li main ol p pre section summary table tbody td tfoot th thead tr ul",
)
"""The elements that end a paragraph where they begin and where they end."""

_LANGUAGE_PREFIXES = ("language-", "lang-", "highlight-source-", "highlight-", "brush:")
_NO_LANGUAGES = frozenset(("notranslate", "text-only", "wrapper", "content", "box"))

REACH = 6
"""So many elements around a block are asked what it is."""

_STDERR = "application/vnd.jupyter.stderr"


def classes(tag: Tag) -> tuple[str, ...]:
    """The names in an element's `class` attribute."""
    found = tag.get("class")
    return tuple(found.split()) if isinstance(found, str) else tuple(found or ())


def is_skipped(tag: Tag) -> bool:
    """Whether an element is not part of what a page says: scripts, navigation, line numbers, prompts."""
    return (
        tag.name in _SKIPPED_TAGS
        or tag.get("role") in _SKIPPED_ROLES
        or tag.get("data-mime-type") == _STDERR
        or not _SKIPPED_CLASSES.isdisjoint(classes(tag))
    )


def is_output(tag: Tag) -> bool:
    """Whether a block stands where generators put what a cell printed."""
    return any(not _OUTPUT_CLASSES.isdisjoint(classes(each)) for each in _around(tag))


def is_cell(tag: Tag) -> bool:
    """Whether a block is a notebook's cell."""
    return any(not _CELL_CLASSES.isdisjoint(classes(each)) for each in _around(tag))


def language_around(tag: Tag) -> str:
    """The language that the classes of a block, of the code in it, or of an element around it name."""
    inside = list(tag.find_all("code", recursive=False))
    return next((language for each in (*inside, *_around(tag)) if (language := _language(each))), "")


def _language(tag: Tag) -> str:
    stated = tag.get("data-lang") or tag.get("data-language")
    if isinstance(stated, str) and stated:
        return language_of(stated)
    names = classes(tag)
    for name in names:
        for prefix in _LANGUAGE_PREFIXES:
            rest = name.removeprefix(prefix)
            if rest != name and rest and rest.casefold() not in _NO_LANGUAGES:
                return language_of(rest)
    return language_of(names[-1]) if "sourceCode" in names and names[-1] != "sourceCode" else ""


def _around(tag: Tag) -> list[Tag]:
    found = [tag]
    for parent in tag.parents:
        if len(found) > REACH or parent.name in ("body", "main", "article"):
            break
        found.append(parent)
    return found


def without_delimiters(tag: Tag) -> str | None:
    """The LaTeX of an element that is a formula, or None where it is none."""
    if tag.name == "script":
        kind = str(tag.get("type", ""))
        return str(tag.string or "") if kind.startswith("math/tex") else None
    names = classes(tag)
    if tag.name == "math" or {"katex", "katex-display", "mwe-math-element"} & set(names):
        annotation = tag.find("annotation", attrs={"encoding": "application/x-tex"})
        return annotation.get_text() if annotation else None
    if {"math", "arithmatex"} & set(names) and tag.name in ("div", "span"):
        return _inner(tag.get_text())
    return None


def is_display(tag: Tag) -> bool:
    """Whether a formula stands on a line of its own."""
    display = tag.get("display") == "block" or "mode=display" in str(tag.get("type", ""))
    return display or tag.name == "div" or not {"display", "katex-display"}.isdisjoint(classes(tag))


def _inner(text: str) -> str:
    text = text.strip()
    for opens, closes in (("\\(", "\\)"), ("\\[", "\\]"), ("$$", "$$"), ("$", "$")):
        if text.startswith(opens) and text.endswith(closes) and len(text) > len(opens):
            return text[len(opens) : -len(closes)]
    return text
