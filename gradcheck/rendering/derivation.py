"""A derivation in the form a reader asks for: terminal text, Markdown, LaTeX, HTML or JSON; each also as a quiz."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from gradcheck.errors import UsageError
from gradcheck.rendering.derivation_steps import DETAILS, Detail, shown_derivation
from gradcheck.rendering.terminal import WIDTH
from gradcheck.symbolic.derivations.derivation import Derivation

DERIVATION_FORMATS: Mapping[str, str] = {
    "text": "gradcheck.rendering.derivation_text",
    "md": "gradcheck.rendering.derivation_markdown",
    "latex": "gradcheck.rendering.derivation_latex",
    "html": "gradcheck.rendering.derivation_html",
    "json": "gradcheck.rendering.derivation_json",
}
"""Each format's name and the module that renders it; a module is imported when its format is asked for."""

QUIZZES = ("text", "md", "html")
"""The formats that ask for each step and keep the answer apart."""


def render_derivation(
    derivation: Derivation,
    format: str = "text",
    detail: Detail = "folded",
    quiz: bool = False,
    width: int = WIDTH,
) -> str:
    """The derivation as text in one of `DERIVATION_FORMATS`; the same derivation gives the same bytes.

    `detail="full"` shows trivial steps on their own, and nothing folded away. `quiz` asks for each step and keeps its
    answer apart. `width` is that of a terminal, for "text". Raises UsageError for a format, or a quiz in a format,
    that there is not.

    >>> from gradcheck import derive
    >>> print(render_derivation(derive("x**3")).splitlines()[2])
    f = x**3
    """
    accepted = QUIZZES if quiz else tuple(DERIVATION_FORMATS)
    if format not in accepted:
        what = "quiz" if quiz else "derivation"
        raise UsageError(f"format: {format!r} is unknown; a {what} can be had as {', '.join(accepted)}")
    if detail not in DETAILS:
        raise UsageError(f"detail: {detail!r} is unknown; accepted are {', '.join(DETAILS)}")
    module = import_module(DERIVATION_FORMATS[format])
    shown = shown_derivation(derivation, detail)
    sized = {"width": width} if format == "text" else {}
    text: str = module.render_quiz(shown, **sized) if quiz else module.render(shown, detail == "full", **sized)
    return text


def notebook_html(derivation: Derivation) -> str:
    """The derivation as an HTML element, in the colours of the page that holds it."""
    from gradcheck.rendering.derivation_html import render_fragment

    return render_fragment(shown_derivation(derivation))


def notebook_latex(derivation: Derivation) -> str:
    """The derivation's lines as one `align*` of LaTeX."""
    from gradcheck.rendering.derivation_latex import align

    return align(shown_derivation(derivation))
