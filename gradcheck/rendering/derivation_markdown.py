"""A derivation as Markdown: mathematics between `$$`, the steps inside a step folded away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradcheck.rendering.derivation_steps import ShownDerivation, ShownStep
from gradcheck.rendering.latex_lines import aligned
from gradcheck.rendering.markdown import details, escape, inline, math
from gradcheck.rendering.maths import Maths
from gradcheck.rendering.words import clean


def render(shown: ShownDerivation, full: bool = False) -> str:
    """The derivation as Markdown; `full` folds nothing away."""
    return _page(shown, [block for step in shown.steps for block in _step(step, full)])


def render_quiz(shown: ShownDerivation) -> str:
    """Each step asked for, its answer folded away."""
    return _page(shown, [block for step in shown.steps for block in _question(step)], asked=True)


def _page(shown: ShownDerivation, steps: Sequence[str], asked: bool = False) -> str:
    end = "\n\n".join(block for block in _end(shown) if block)
    blocks = [
        f"# {escape(shown.title)}",
        escape(shown.recognised),
        math(shown.definition.latex),
        *(math(rf"\text{{where }} {each.latex}") for each in shown.named),
        f"Without indices:\n\n{math(shown.stated.latex)}" if shown.stated else "",
        *(f"Note: {escape(note)}" for note in shown.notes),
        *steps,
        details("The derivative", end) if asked else end,
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _step(step: ShownStep, full: bool) -> Iterator[str]:
    yield f"## {step.number}. {escape(step.title)}"
    yield _statement(step)
    yield escape(step.prose)
    yield _letters(step.letters)
    yield from _result(step, full)


def _question(step: ShownStep) -> Iterator[str]:
    yield f"## {step.number}. {escape(step.title)}: what comes next?"
    yield _statement(step)
    yield _letters(step.letters)
    yield f"What becomes of\n\n{math(step.before.latex)}"
    yield details("Answer", "\n\n".join(block for block in _result(step, full=False) if block))


def _statement(step: ShownStep) -> str:
    return math(step.statement.latex)


def _letters(letters: Sequence[Maths]) -> str:
    return "with " + ", ".join(_within(each.latex) for each in letters) if letters else ""


def _result(step: ShownStep, full: bool) -> Iterator[str]:
    yield math(aligned(step.line.latex))
    yield from (math(rf"\text{{where }} {each.latex}") for each in step.named)
    if step.value and not step.repeats:
        yield math(f"= {step.value.latex}")
    yield f"Holds {step.verdict}." if step.ok else f"**✗ {escape(step.verdict)}**"
    for summary, steps in _inside(step):
        body = "\n\n".join(_small(each) for each in steps)
        yield body if full else details(summary, body)


def _inside(step: ShownStep) -> Iterator[tuple[str, Sequence[ShownStep]]]:
    """What may be folded away: the rules used inside, and the trivial steps."""
    if step.inner:
        yield "Inside this step", step.inner
    if step.folded:
        yield "In single steps", step.folded


def _small(step: ShownStep) -> str:
    """A step inside a step: its rule, and its line."""
    mark = "" if step.ok else f" **✗ {escape(step.verdict)}**"
    named = [f"{step.number} **{escape(step.title)}**{mark}: {_within(step.statement.latex)}", _letters(step.letters)]
    return "\n\n".join(filter(None, [*named, math(aligned(step.line.latex)), *map(_small, step.inner)]))


def _end(shown: ShownDerivation) -> Iterator[str]:
    if shown.matrix:
        yield f"Without indices:\n\n{math(shown.matrix.latex)}"
    if shown.point:
        yield f"Values at {_within(shown.point.latex)}."
    checks = ", ".join(f"{check.name} ({check.verdict})" for check in shown.checks)
    headline = shown.headline if shown.ok else f"**✗ {shown.headline}**"
    yield f"{inline(headline) if shown.ok else headline}. Last line held against: {escape(checks)}."


def _within(latex: str) -> str:
    """Mathematics within a line of text."""
    return f"${clean(latex).replace('$', chr(92) + '$').strip()}$"
