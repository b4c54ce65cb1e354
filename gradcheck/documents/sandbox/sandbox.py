"""Runs documents' code in child processes, each run in one of its own, and gathers what they report."""

from __future__ import annotations

import os
import select
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

from gradcheck.documents.records import Run
from gradcheck.documents.sandbox.assembly import Assembly
from gradcheck.documents.sandbox.imports import imported_libraries
from gradcheck.documents.sandbox.job import CodeBlock, Limits
from gradcheck.documents.sandbox.launch import Branch, Zygote
from gradcheck.documents.sandbox.wire import blocks_to_data, decoded, encoded

READY_TO_TELL = "gradcheck.documents.computed.ready"
"""Loads what tells at the end of a run what functions of tensors compute."""

_START_SECONDS = 120.0
_GRACE_SECONDS = 10.0


class Sandbox:
    """Runs code within limits; use it as a context, at whose end all its processes and files are gone.

    Several sandboxes may run at once. One sandbox runs one job at a time; the libraries that a job's code imports are
    loaded once for all. Linux's namespaces for processes and the network are used where they are granted, and not at
    all without `namespaces`: processes are then looked for one by one, and only Python's own sockets are refused. A
    `door` is that of a `Zygote` which several sandboxes share.

    >>> with Sandbox(Limits(seconds=20)) as sandbox:
    ...     run = sandbox.run([CodeBlock(1, "x = 2\\nprint(x + 1)", (7, 8))])
    >>> [(record.how, record.line, record.sources, record.values[0].text) for record in run.records]
    [('assigned', 7, ('x',), '2'), ('print', 8, ('x + 1',), '3')]
    """

    def __init__(self, limits: Limits | None = None, namespaces: bool = True, door: str = "") -> None:
        self.limits, self.namespaces, self._door = limits or Limits(), namespaces, door
        self._lock = threading.Lock()
        self._zygotes: dict[int, Zygote | Branch] = {}
        self._modules: set[str] = set()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the processes; a later run starts them again."""
        zygotes, self._zygotes = self._zygotes, {}
        for zygote in zygotes.values():
            zygote.close()

    def run(
        self,
        blocks: Sequence[CodeBlock],
        seed: int = 0,
        reseeded: bool = False,
        computes: bool = False,
        hash_seed: int = 0,
    ) -> Run:
        """Runs the blocks one after the other in one namespace, with random numbers seeded by `seed`.

        With `reseeded`, every seed is another one, also those that the code sets itself. With `computes`, the run
        tells at its end what the functions of tensors compute that the code defines and calls. Another `hash_seed`
        brings another order of sets, and takes a process of its own. What the code does wrong is in the run's failures;
        nothing is raised for it.
        """
        job = {
            "blocks": blocks_to_data(blocks),
            "seed": seed,
            "reseeded": reseeded,
            "limits": asdict(self.limits),
            "computes": computes,
            "preload": self._preloaded(blocks, computes),
        }
        with self._lock:
            assembly = self._assembled(Assembly(blocks), job, hash_seed)
            if not assembly.started:  # what forks off the runs had ended: once more, with a new one
                self.close()
                assembly = self._assembled(Assembly(blocks), job, hash_seed)
            if not assembly.ended:
                self.close()
            self._modules |= assembly.modules
            return assembly.run()

    def _assembled(self, assembly: Assembly, job: dict[str, Any], hash_seed: int) -> Assembly:
        if hash_seed not in self._zygotes:
            self._zygotes[hash_seed] = self._opened(hash_seed)
        zygote = self._zygotes[hash_seed]
        directory = tempfile.mkdtemp(dir=zygote.directory)
        try:
            for line in self._lines(zygote.channel, encoded({**job, "directory": directory}), assembly):
                assembly.take(decoded(line))
        finally:
            remove_tree(directory)
        return assembly

    def _opened(self, hash_seed: int) -> Zygote | Branch:
        """What forks off the runs: behind the door, where there is one and it opens, else anew."""
        door, self._door = self._door, ""
        if door and not hash_seed:
            with suppress(OSError):
                return Branch(door)
        return Zygote(self.namespaces, hash_seed)

    def _preloaded(self, blocks: Sequence[CodeBlock], computes: bool) -> list[str]:
        """The modules that the run will want: what the blocks import, and all that earlier runs did."""
        found = [*imported_libraries(blocks), *sorted(self._modules)]
        return [*found, READY_TO_TELL] if computes and "torch" in {name.partition(".")[0] for name in found} else found

    def _lines(self, channel: socket.socket, job: bytes, assembly: Assembly) -> Iterator[bytes]:
        """Sends a job, and yields the messages about it until all of its processes have closed their end."""
        reading, writing = os.pipe()
        try:
            try:
                socket.send_fds(channel, [job[:1]], [writing])
                channel.sendall(job[1:])
            except OSError:
                return
            finally:
                os.close(writing)
            yield from _read_lines(reading, self.limits.seconds, assembly)
        finally:
            os.close(reading)


def _read_lines(reading: int, seconds: float, assembly: Assembly) -> Iterator[bytes]:
    """The whole lines that arrive; it stops waiting where even the process that watches the run is not heard of."""
    last, rest = time.monotonic() + _START_SECONDS, b""
    waiting = True
    while select.select([reading], [], [], max(last - time.monotonic(), 0))[0]:
        data = os.read(reading, 1 << 16)
        if not data:
            return
        *lines, rest = (rest + data).split(b"\n")
        yield from lines
        if waiting and assembly.started:
            waiting, last = False, time.monotonic() + seconds + _GRACE_SECONDS


def remove_tree(directory: str) -> None:
    """Removes a directory, also where folders in it may not be written to."""
    shutil.rmtree(directory, ignore_errors=True)
    if Path(directory).exists():
        for folder, _, _ in os.walk(directory):
            with suppress(OSError):
                Path(folder).chmod(0o700)
        shutil.rmtree(directory, ignore_errors=True)
