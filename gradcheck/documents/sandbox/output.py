"""What a child process writes to standard output, through whatever, kept in a file a block at a time."""

from __future__ import annotations

import ctypes
import io
import sys
from contextlib import suppress
from os import dup2, fstat, ftruncate, pread  # held here, whatever the code does to the module


class OutputLimit(Exception):
    """A block that has written more than it may."""


class Output:
    """Descriptor 1 of this process, a file that is emptied after each block.

    `file` is open for reading and writing at its end; `limit` is in bytes a block.
    """

    def __init__(self, file: int, limit: int) -> None:
        self.file, self.limit = file, limit
        self.library = ctypes.CDLL(None)
        self.streams: list[io.TextIOWrapper] = []  # one that is collected would close the descriptor
        self.connect()

    def connect(self) -> None:
        """Points descriptor 1 and `sys.stdout` to the file."""
        dup2(self.file, 1)
        stream = io.TextIOWrapper(
            _Limited(1, "w", self), encoding="utf-8", errors="backslashreplace", write_through=True
        )
        self.streams.append(stream)
        sys.stdout = sys.__stdout__ = stream  # type: ignore[misc]

    def reconnect(self) -> None:
        """Does so again, where a block has closed either."""
        try:
            whole = not sys.stdout.closed and fstat(1).st_ino == fstat(self.file).st_ino
        except (OSError, AttributeError):
            whole = False
        if not whole:
            self.connect()

    def written(self) -> int:
        """The bytes written so far in this block."""
        return fstat(self.file).st_size

    def flush(self) -> None:
        """Lets what is buffered in Python and in C reach the file."""
        with suppress(Exception):
            sys.stdout.flush()
        self.library.fflush(None)

    def text(self, start: int = 0) -> str:
        """What was written from the byte `start` on."""
        return pread(self.file, self.limit, start).decode("utf-8", errors="replace")

    def take(self) -> str:
        """All that was written, which is then gone."""
        self.flush()
        text = self.text()
        ftruncate(self.file, 0)
        return text


class _Limited(io.FileIO):
    """A file that raises where it would become too long."""

    def __init__(self, descriptor: int, mode: str, output: Output) -> None:
        super().__init__(descriptor, mode, closefd=True)
        self.output = output

    def write(self, data: bytes) -> int:  # type: ignore[override]
        if self.output.written() + len(data) > self.output.limit:
            raise OutputLimit(f"more than {self.output.limit} bytes of output in one block")
        return super().write(data)
