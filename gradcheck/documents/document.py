"""A document as every reader gives it: passages of code, output and prose, each line with its place in the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["code", "session", "output", "prose", "math"]
"""What a passage is: code to run, one input of a session, printed output, prose, or a displayed formula in LaTeX.

A session's prompts are taken off, so that it runs as it stands; what it is said to show follows as an output of it.
Prose has its inline code between backticks and its inline formulas between dollars, whatever the format writes.
"""

Shows = Literal["nothing", "last", "every"]
"""Whose bare expressions show their value where the code runs: a script's, a notebook cell's, or a session's."""


@dataclass(frozen=True)
class Repair:
    """A change that made damaged text readable again: where, and what was done, as a sentence."""

    line: int
    text: str


@dataclass(frozen=True)
class Passage:
    """A stretch of a document of one kind, in reading order.

    `lines` has the file's line, from 1, of each line of `text`: a repair may put several lines of text on one line of
    the file. `language` is what a fence or a directive names, in lower case, or empty. `cell` counts a notebook's
    cells from 1, and is 0 elsewhere. `of` is, for an output, the place of its code or session among the
    passages, where one stands before it; -1 elsewhere. `shows` says which bare expressions of code show their
    value.

    >>> Passage("code", "x = 1\\nprint(x)", (4, 5), language="python").line
    4
    """

    kind: Kind
    text: str
    lines: tuple[int, ...]
    language: str = ""
    cell: int = 0
    of: int = -1
    shows: Shows = "nothing"
    repairs: tuple[Repair, ...] = ()

    def __post_init__(self) -> None:
        if len(self.lines) != len(self.text.split("\n")):
            raise ValueError(f"a passage of {len(self.text.split(chr(10)))} lines has {len(self.lines)} places")

    @property
    def line(self) -> int:
        """The file's line that the passage begins on."""
        return self.lines[0]

    @property
    def end_line(self) -> int:
        """The file's line that the passage ends on."""
        return self.lines[-1]


@dataclass(frozen=True)
class Problem:
    """What kept a part of a document from being read, such as an unterminated fence: where, and what is wrong."""

    line: int
    text: str


@dataclass(frozen=True)
class Pragma:
    """What an author tells the verifier in a comment, such as `<!-- gradcheck: wrong -->`: the word after the colon.

    It stands on `line`, and is about what is stated on the lines `first` to `last`; both are 0 until that is known.
    """

    line: int
    word: str
    first: int = 0
    last: int = 0


@dataclass(frozen=True)
class Document:
    """A document's passages in reading order; `path` is as it is shown, `format` is a reader's name."""

    path: str
    format: str
    passages: tuple[Passage, ...]
    problems: tuple[Problem, ...] = ()
    pragmas: tuple[Pragma, ...] = ()
