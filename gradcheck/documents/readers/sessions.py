"""Sessions: code behind `>>>` or `In [1]:`, one passage for each input, and what it shows as an output behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from gradcheck.documents.document import Passage, Repair
from gradcheck.documents.readers.lines import Lines
from gradcheck.documents.repair.python import parses

_PRIMARY = re.compile(r"\s*>>>(?P<gap> ?)(?P<code>.*)")
_SECONDARY = re.compile(r"\s*\.\.\.(?: (?P<code>.*))?$")
_INPUT = re.compile(r"\s*In ?\[[\d*]*\]:(?P<gap> ?)(?P<code>.*)")
_INPUT_MORE = re.compile(r"\s*\.{3,}:(?: (?P<code>.*))?$")
_OUTPUT = re.compile(r"\s*Out ?\[\d*\]:(?: (?P<text>.*))?$")
_STARTS, _GOES_ON = (_PRIMARY, _INPUT), (_SECONDARY, _INPUT_MORE)

LONGEST_UNPROMPTED = 40
"""So many lines without a prompt are tried as the rest of an input that is not complete."""

Numbered = list[tuple[str, int]]


@dataclass
class _Example:
    """One input and the lines that follow it up to the next."""

    code: Numbered
    shown: Numbered = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)


def is_session(text: str) -> bool:
    """Whether code has prompts: not in a string, as a docstring's example is, but at the start of its lines.

    >>> is_session(">>> x = 1"), is_session("In [1]: x"), is_session("x >> 3")
    (True, True, False)
    """
    lines = [line for line in text.split("\n") if line.strip()]
    if not any(pattern.match(line) for line in lines for pattern in _STARTS):
        return False
    return bool(_INPUT.match(lines[0])) or not parses(text)


def session_passages(lines: Lines, language: str = "python", cell: int = 0) -> Iterator[Passage]:
    """The inputs of a session without their prompts, each followed by what it shows.

    What stands before the first prompt is code, too.
    """
    before, examples = _examples(lines)
    yield from Lines.joined(before).passages("code", language=language, cell=cell)
    for example in _joined(examples):
        _complete(example)
        code = Lines.joined(example.code).stripped()
        if code:
            repairs = tuple(example.repairs)
            yield from code.passages("session", language="python", cell=cell, shows="every", repairs=repairs)
            yield from _shown(example.shown, cell)


def _examples(lines: Lines) -> tuple[Numbered, list[_Example]]:
    before: Numbered = []
    examples: list[_Example] = []
    for text, number in lines:
        start = next((found for pattern in _STARTS if (found := pattern.match(text))), None)
        more = next((found for pattern in _GOES_ON if (found := pattern.match(text))), None)
        if start:
            examples.append(_Example([(start["code"], number)], repairs=_glued(start, number)))
        elif more and examples and not examples[-1].shown:
            examples[-1].code.append((more["code"] or "", number))
        elif examples:
            examples[-1].shown.append((text, number))
        else:
            before.append((text, number))
    return before, examples


def _glued(prompt: re.Match[str], number: int) -> list[Repair]:
    glued = prompt["code"] and not prompt["gap"]
    return [Repair(number, "the prompt is glued to the code; it is taken off")] if glued else []


def _joined(examples: list[_Example]) -> Iterator[_Example]:
    """The inputs, those that go on behind further prompts of the first kind put together."""
    place = 0
    while place < len(examples):
        end = _end_of_input(examples, place)
        code = [row for example in examples[place:end] for row in example.code]
        repairs = [repair for example in examples[place:end] for repair in example.repairs]
        if end > place + 1:
            repairs.append(
                Repair(examples[place + 1].code[0][1], "the input before this line goes on behind its prompt")
            )
        yield _Example(code, examples[end - 1].shown, repairs)
        place = end


def _end_of_input(examples: list[_Example], first: int) -> int:
    """The place behind the examples that are one input: several only where they parse together and not alone."""
    if parses(_code(examples[first : first + 1])):
        return first + 1
    for end in range(first + 2, min(first + LONGEST_UNPROMPTED, len(examples)) + 1):
        if examples[end - 2].shown and any(text.strip() for text, _ in examples[end - 2].shown):
            break
        following = next((code for code in map(_code, _after(examples, end)) if code.strip()), "")
        if not following.startswith((" ", "\t", ")", "]", "}")) and parses(_code(examples[first:end])):
            return end
    return first + 1


def _after(examples: list[_Example], end: int) -> Iterator[list[_Example]]:
    return ([example] for example in examples[end : end + LONGEST_UNPROMPTED])


def _code(examples: list[_Example]) -> str:
    return "\n".join(text for example in examples for text, _ in example.code)


def _complete(example: _Example) -> None:
    """Takes lines without a prompt for the rest of an input that is not complete without them."""
    code = [text for text, _ in example.code]
    if not example.shown or parses("\n".join(code)):
        return
    for count in range(1, min(len(example.shown), LONGEST_UNPROMPTED) + 1):
        taken = example.shown[:count]
        if not taken[-1][0].strip() or not parses("\n".join([*code, *(text for text, _ in taken)])):
            continue
        following = example.shown[count : count + 1]
        if following and following[0][0].startswith((" ", "\t")):
            continue
        example.code += taken
        example.shown = example.shown[count:]
        example.repairs.append(Repair(taken[0][1], "lines without a prompt complete the input before them"))
        return


def _shown(shown: Numbered, cell: int) -> Iterator[Passage]:
    """What an input shows, an error too; `Out[1]:` is taken off, and `<BLANKLINE>` is a blank line."""
    rows: Numbered = []
    for text, number in shown:
        out = _OUTPUT.match(text)
        rows.append(((out["text"] or "") if out else "" if text.strip() == "<BLANKLINE>" else text, number))
    lines = Lines.joined(rows).stripped()
    if lines:
        yield from lines.dedented().passages("output", cell=cell)
