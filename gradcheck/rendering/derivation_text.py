"""A derivation for a terminal: Unicode, folded to the width, one rule after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gradcheck.rendering.derivation_steps import Maths, ShownDerivation, ShownStep
from gradcheck.rendering.terminal import WIDTH, display_width, wrap
from gradcheck.rendering.words import clean

INDENT = 3
DEEPER = 4
"""How much further a line's continuation stands in."""

_ENTRY = re.compile(r"\[[^\[\]]*\]")
_GLUE = "\N{NO-BREAK SPACE}"


def render(shown: ShownDerivation, full: bool = False) -> str:
    """The derivation as plain text; `full` adds each rule's sentence, and the steps inside a step."""
    return _joined([_head(shown), *(_step(step, full) for step in shown.steps), _foot(shown)])


def render_quiz(shown: ShownDerivation) -> str:
    """Each step asked for, the answers listed at the end."""
    asked = [_question(step) for step in shown.steps]
    return _joined(
        [_head(shown), *asked, ["ANSWERS", "───────"], *(_answer(step) for step in shown.steps), _foot(shown)]
    )


def _joined(parts: Sequence[Sequence[str]]) -> str:
    return clean("\n\n".join("\n".join(line.rstrip() for line in part) for part in parts if part)) + "\n"


def _head(shown: ShownDerivation) -> list[str]:
    named = [line for each in shown.named for line in _hanging(f"where {each.text}", INDENT)]
    return [*wrap(shown.title, WIDTH), "", *_hanging(shown.definition.text, 0), *named]


def _step(step: ShownStep, full: bool) -> list[str]:
    return [
        *_rule(step),
        *(_hanging(step.prose, INDENT) if full else []),
        *_letters(step.letters),
        *(line for inner in step.inner for line in _inner(inner, full)),
        *_shown_line(step),
    ]


def _rule(step: ShownStep) -> list[str]:
    """The rule's name and statement, and at the right edge how well the line holds."""
    head = f"{step.number:<{INDENT - 1}} {step.title}: {step.statement.text}"
    verdict = f"holds {step.verdict}" if step.ok else step.verdict
    room = WIDTH - display_width(head) - 2
    if display_width(verdict) <= room:
        return [f"{head}{verdict:>{WIDTH - display_width(head)}}"]
    return [*_hanging(head, 0), " " * INDENT + verdict]


def _letters(letters: Sequence[Maths]) -> list[str]:
    return _hanging("with " + ", ".join(each.text for each in letters), INDENT) if letters else []


def _inner(step: ShownStep, full: bool) -> Iterator[str]:
    """A rule used inside another, in one line."""
    mark = "" if step.ok else f" ({step.verdict})"
    yield from _hanging(f"inside: {step.title}{mark}, {step.line.text}", INDENT)
    if full:
        yield from (line for inner in step.inner for line in _inner(inner, full))


def _shown_line(step: ShownStep) -> list[str]:
    lines = _hanging(step.line.text, INDENT)
    lines += [line for each in step.named for line in _hanging(f"where {each.text}", INDENT)]
    if step.value is None or step.repeats:
        return lines
    under = INDENT + step.line.text.index(" = ") + 1
    first, *rest = step.value.text.splitlines()
    return [*lines, *_hanging(f"= {first}", under), *(f"{'':{under + 2}}{row}" for row in rest)]


def _foot(shown: ShownDerivation) -> list[str]:
    checks = ", ".join(f"{check.name} ({check.verdict})" for check in shown.checks)
    return [
        *(_hanging(f"Without indices: {shown.matrix.text}", 0) if shown.matrix else []),
        *(_hanging(f"Values at {shown.point.text}", 0) if shown.point else []),
        *wrap(f"{shown.headline}. Last line held against: {checks}", WIDTH),
    ]


def _question(step: ShownStep) -> list[str]:
    asked = f"{step.title} ({step.statement.text}): what becomes of {step.before.text}?"
    return [*_hanging(f"{step.number:<{INDENT - 1}} {asked}", 0), *_letters(step.letters)]


def _answer(step: ShownStep) -> list[str]:
    return _step(step, full=False)


def _hanging(text: str, indent: int) -> list[str]:
    """The text folded to the width, its continuation further in; an entry such as z[i, j] stays whole."""
    whole = _ENTRY.sub(lambda entry: entry[0].replace(" ", _GLUE), text)
    first, *rest = [line.replace(_GLUE, " ") for line in wrap(whole, WIDTH - indent - DEEPER)] or [""]
    return [" " * indent + first, *(" " * (indent + DEEPER) + line for line in rest)]
