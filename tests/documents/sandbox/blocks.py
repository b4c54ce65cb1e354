"""Blocks of code for the tests, laid out as in a document."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

from gradcheck.documents.document import Shows
from gradcheck.documents.records import Run
from gradcheck.documents.sandbox.job import CodeBlock, Limits

SMALL = Limits(seconds=20, memory=2**26, output=64 * 2**10, file=2**20, processes=32)
"""Limits that are passed soon, but for the time."""

HURRIED = replace(SMALL, seconds=0.6)
"""The same with little time."""


def laid_out(*sources: str, shows: Shows = "nothing") -> list[CodeBlock]:
    """Blocks numbered from 0, with two lines of the file between one and the next; the first starts on line 1."""
    blocks: list[CodeBlock] = []
    line = 1
    for number, source in enumerate(map(dedent, sources)):
        text = source.strip("\n")
        count = text.count("\n") + 1
        blocks.append(CodeBlock(number, text, tuple(range(line, line + count)), shows))
        line += count + 2
    return blocks


def kinds(run: Run) -> list[tuple[str, int]]:
    """The kind and the block of each failure."""
    return [(failure.kind, failure.block) for failure in run.failures]


def printed(run: Run) -> list[str]:
    """What was printed."""
    return [record.text for record in run.records if record.how == "print"]


def processes_in(directory: str) -> list[int]:
    """The processes whose environment names a directory."""
    found: list[int] = []
    for folder in Path("/proc").iterdir():
        with suppress(OSError):
            if folder.name.isdigit() and directory.encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
    return [process for process in found if process != os.getpid()]
