"""What a child process is asked to run, and within which limits."""

from __future__ import annotations

from dataclasses import dataclass

from gradcheck.documents.document import Shows


@dataclass(frozen=True)
class CodeBlock:
    """Python source that runs as a unit in the one namespace of its document.

    `number` is that of its passage in the document, `lines` has the file's line of each of its lines.
    """

    number: int
    source: str
    lines: tuple[int, ...]
    shows: Shows = "nothing"


@dataclass(frozen=True)
class Limits:
    """What one run may use: seconds of wall clock, bytes of memory, of output and of any one file.

    `computing` are the seconds of processor time in which it is told what the functions compute; they are part of the
    run's own.
    """

    seconds: float = 30.0
    memory: int = 4 * 2**30
    output: int = 4 * 2**20
    file: int = 16 * 2**20
    processes: int = 64
    computing: float = 10.0
