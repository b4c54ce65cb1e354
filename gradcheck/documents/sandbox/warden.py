"""The process that watches one run: it ends the run where that uses more than it may, and tells how it ended.

The run's own processes live, where that is granted, in a namespace whose first process, the keeper, takes all others
with it when it ends. Elsewhere the keeper adopts what its descendants leave behind, and the warden looks for them.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from gradcheck.documents.sandbox import isolation, processes
from gradcheck.documents.sandbox.descriptors import out_of_reach
from gradcheck.documents.sandbox.job import Limits
from gradcheck.documents.sandbox.wire import encoded
from gradcheck.documents.sandbox.worker import Job, work

_LOOK_EVERY = 0.02


@dataclass(frozen=True)
class End:
    """How a run ended: `kind` is a failure's, or empty for a worker that ended on its own account."""

    kind: str = ""
    text: str = ""


def watch(job: Job, results: int, control: int) -> None:
    """Runs a job and sends its end to `results`; all processes are gone then. Ends this process.

    `control` is the socket whose other end the parent process holds: where that is gone, so is the reason to run.
    """
    isolation.end_with_parent()
    isolation.adopt_orphans()
    with tempfile.TemporaryFile(dir=job.directory) as file:
        output = out_of_reach(os.dup(file.fileno()))
    fcntl.fcntl(output, fcntl.F_SETFL, os.O_APPEND)  # so that it goes on at its end after it was emptied
    base = processes.memory(os.getpid())
    status, keeper = _start(job, output, results, control)
    isolation.go_first()
    end = _Watch(job.limits, base).until_end(status, control)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(keeper, signal.SIGKILL)
    processes.end_all(os.getpid())
    rest = os.pread(output, job.limits.output, 0).decode("utf-8", errors="replace")
    os.write(results, b"\n" + encoded({"end": {"kind": end.kind, "text": end.text}, "rest": rest}))
    os._exit(0)


def _start(job: Job, output: int, results: int, control: int) -> tuple[int, int]:
    """Starts the keeper, which starts the worker; the descriptor that tells the worker's status, and the keeper."""
    if job.surroundings.namespaces:
        isolation.own_processes()
    reading, writing = os.pipe()
    keeper = os.fork()
    if keeper:
        os.close(writing)
        return reading, keeper
    try:
        isolation.end_with_parent()
        isolation.adopt_orphans()
        os.setsid()
        os.close(reading)
        _keep(job, output, results, control, writing)
    finally:
        os._exit(1)


def _keep(job: Job, output: int, results: int, control: int, writing: int) -> None:
    worker = os.fork()
    if worker:
        _wait_for(worker, writing)
        return
    try:
        isolation.end_with_parent()
        os.close(writing)
        os.close(control)
        work(job, output, results)
    finally:
        os._exit(1)


def _wait_for(worker: int, writing: int) -> None:
    """Waits for all children, also adopted ones, until the worker has ended."""
    while True:
        process, status = os.wait()
        if process == worker:
            os.write(writing, f"{os.waitstatus_to_exitcode(status)}".encode())
            return


class _Watch:
    """Looks now and then at what a run uses."""

    def __init__(self, limits: Limits, base: int) -> None:
        self.limits, self.base = limits, base
        self.last = time.monotonic() + limits.seconds

    def until_end(self, status: int, control: int) -> End:
        """Waits until the worker has ended, or a limit has been passed, or the parent has gone."""
        poll = select.poll()
        poll.register(status, select.POLLIN)
        poll.register(control, getattr(select, "POLLRDHUP", select.POLLHUP))
        while True:
            ready = dict(poll.poll(_LOOK_EVERY * 1000))
            if status in ready:
                return _ended(os.read(status, 32))
            if control in ready:
                return End("exited", "nobody waits for the run any more")
            for end in self.passed():
                return end

    def passed(self) -> Iterator[End]:
        """The limits that the run has passed."""
        if time.monotonic() > self.last:
            yield End("time", f"still running after {self.limits.seconds:g} seconds")
        below = processes.descendants(os.getpid(), self.limits.processes)[1:]
        if sum(map(processes.threads, below)) > self.limits.processes:
            yield End("refused", f"more than {self.limits.processes} processes and threads")
        held = sum(max(processes.memory(each) - self.base, 0) for each in below)
        if held > self.limits.memory:
            yield End("memory", f"more than {self.limits.memory // 2**20} MiB of memory")


def _ended(status: bytes) -> End:
    code = int(status or b"1")
    if code < 0:
        return End("exited", f"ended by {signal.Signals(-code).name}")
    return End("exited", f"the process ended itself, with status {code}")
