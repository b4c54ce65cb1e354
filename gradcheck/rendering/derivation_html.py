"""A derivation as one self-contained HTML page, and as a fragment for a notebook; both read without scripts."""

from __future__ import annotations

from gradcheck.rendering.derivation_steps import ShownDerivation
from gradcheck.rendering.html import templates

PAGE = "derivation.html.j2"
FRAGMENT = "derivation_fragment.html.j2"


def render(shown: ShownDerivation, full: bool = False) -> str:
    """The derivation as a page; `full` opens what is folded away."""
    return _filled(PAGE, shown, full)


def render_quiz(shown: ShownDerivation) -> str:
    """A page that asks for each step, its answer folded away."""
    return _filled(PAGE, shown, quiz=True)


def render_fragment(shown: ShownDerivation) -> str:
    """The derivation as an element that a page of any style may hold."""
    return _filled(FRAGMENT, shown)


def _filled(template: str, shown: ShownDerivation, full: bool = False, quiz: bool = False) -> str:
    page = templates().get_template(template)
    return page.render(shown=shown, full=full, quiz=quiz)
