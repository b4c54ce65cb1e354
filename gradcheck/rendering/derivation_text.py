"""A derivation for a terminal: Unicode, folded to the width, one rule after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradcheck.rendering.derivation_steps import ShownDerivation, ShownStep
from gradcheck.rendering.maths import Maths
from gradcheck.rendering.terminal import WIDTH, display_width, wrap
from gradcheck.rendering.words import clean

INDENT = 3
DEEPER = 4
"""How much further a line's continuation stands in."""
NARROWEST = 24
"""At most so many columns are kept for a line, however far it stands in."""

_ENTRY = re.compile(r"\[[^\[\]]*\]")
_GLUE = "\N{NO-BREAK SPACE}"

Lines = list[str]


def render(shown: ShownDerivation, full: bool = False, width: int = WIDTH) -> str:
    """The derivation as plain text; `full` adds each rule's sentence, and the steps inside a step."""
    page = _Page(width, full)
    return _joined([page.head(shown), *map(page.step, shown.steps), page.foot(shown)])


def render_quiz(shown: ShownDerivation, width: int = WIDTH) -> str:
    """Each step asked for, the answers listed at the end."""
    page = _Page(width)
    answers = [["ANSWERS", "───────"], *map(page.step, shown.steps)]
    return _joined([page.head(shown), *map(page.question, shown.steps), *answers, page.foot(shown)])


def _joined(parts: Sequence[Sequence[str]]) -> str:
    return clean("\n\n".join("\n".join(line.rstrip() for line in part) for part in parts if part)) + "\n"


@dataclass(frozen=True)
class _Page:
    """So many columns, and whether everything is shown."""

    width: int
    full: bool = False

    def head(self, shown: ShownDerivation) -> Lines:
        named = [line for each in shown.named for line in self.hanging(f"where {each.text}", INDENT)]
        stated = self.hanging(f"without indices: {shown.stated.text}", INDENT) if shown.stated else []
        notes = [line for note in shown.notes for line in self.hanging(f"note: {note}", 0)]
        known = self.hanging(shown.recognised, 0) if shown.recognised else []
        definition = [*self.hanging(shown.definition.text, 0), *named, *stated]
        return [*wrap(shown.title, self.width), *known, "", *definition, *(["", *notes] if notes else [])]

    def step(self, step: ShownStep) -> Lines:
        return [
            *self._rule(step),
            *(self.hanging(step.prose, INDENT) if self.full else []),
            *self._letters(step.letters),
            *(line for inner in step.inner for line in self._inner(inner)),
            *self._line(step),
        ]

    def question(self, step: ShownStep) -> Lines:
        asked = f"{step.title} ({step.statement.text}): what becomes of {step.before.text}?"
        return [*self.hanging(f"{step.number:<{INDENT - 1}} {asked}", 0), *self._letters(step.letters)]

    def foot(self, shown: ShownDerivation) -> Lines:
        checks = ", ".join(f"{check.name} ({check.verdict})" for check in shown.checks)
        return [
            *(self.hanging(f"Without indices: {shown.matrix.text}", 0) if shown.matrix else []),
            *(self.hanging(f"Values at {shown.point.text}", 0) if shown.point else []),
            *wrap(f"{shown.headline}. Last line held against: {checks}", self.width),
        ]

    def hanging(self, text: str, indent: int) -> Lines:
        """The text folded to the width, its continuation further in; an entry such as z[i, j] stays whole."""
        whole = _ENTRY.sub(lambda entry: entry[0].replace(" ", _GLUE), text)
        room = max(self.width - indent - DEEPER, NARROWEST)
        first, *rest = [line.replace(_GLUE, " ") for line in wrap(whole, room)] or [""]
        return [" " * indent + first, *(" " * (indent + DEEPER) + line for line in rest)]

    def _rule(self, step: ShownStep) -> Lines:
        """The rule's name and statement, and at the right edge how well the line holds."""
        head = f"{step.number:<{INDENT - 1}} {step.title}: {step.statement.text}"
        verdict = f"holds {step.verdict}" if step.ok else step.verdict
        room = self.width - display_width(head)
        if display_width(verdict) + 2 <= room:
            return [f"{head}{verdict:>{room}}"]
        return [*self.hanging(head, 0), " " * INDENT + verdict]

    def _letters(self, letters: Sequence[Maths]) -> Lines:
        return self.hanging("with " + ", ".join(each.text for each in letters), INDENT) if letters else []

    def _inner(self, step: ShownStep) -> Iterator[str]:
        """A rule used inside another, in one line."""
        mark = "" if step.ok else f" ({step.verdict})"
        yield from self.hanging(f"inside: {step.title}{mark}, {step.line.text}", INDENT)
        if self.full:
            yield from (line for inner in step.inner for line in self._inner(inner))

    def _line(self, step: ShownStep) -> Lines:
        """The whole line, the names it introduces, and its value under its equals sign."""
        lines = self.hanging(step.line.text, INDENT)
        lines += [line for each in step.named for line in self.hanging(f"where {each.text}", INDENT)]
        if step.value is None or step.repeats:
            return lines
        under = INDENT + step.line.text.index(" = ") + 1
        first, *rest = step.value.text.splitlines()
        return [*lines, *self.hanging(f"= {first}", under), *(f"{'':{under + 2}}{row}" for row in rest)]
