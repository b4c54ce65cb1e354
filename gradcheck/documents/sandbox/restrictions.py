"""What the system itself holds a process to: memory, files, processor time, and for ordinary users processes."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from gradcheck.documents.sandbox import processes
from gradcheck.documents.sandbox.job import Limits

_OPEN_FILES = 512
_EXTRA_PROCESSOR_SECONDS = 5
_PROC = Path("/proc")


def restrict(limits: Limits) -> None:
    """Sets the limits of this process, which it cannot raise again, and of those that it will fork off.

    Memory counts from what the process has already. The number of processes is not limited for root, whom the system
    exempts; the warden of the run counts them in any case.
    """
    for kind, most in _limits(limits):
        hard = resource.getrlimit(kind)[1]
        lower = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with suppress(OSError, ValueError):
            resource.setrlimit(kind, (lower, lower))


def _limits(limits: Limits) -> Iterator[tuple[int, int]]:
    yield resource.RLIMIT_CORE, 0
    yield resource.RLIMIT_FSIZE, limits.file
    yield resource.RLIMIT_NOFILE, _OPEN_FILES
    yield resource.RLIMIT_CPU, int(limits.seconds) + _EXTRA_PROCESSOR_SECONDS
    yield resource.RLIMIT_DATA, _private_memory() + limits.memory
    if os.getuid():
        yield resource.RLIMIT_NPROC, _threads_of_user(os.getuid()) + limits.processes


def _private_memory() -> int:
    """The bytes of this process's memory that the limit counts."""
    with suppress(OSError):
        for line in (_PROC / "self" / "status").read_text().splitlines():
            if line.startswith("VmData:"):
                return int(line.split()[1]) * 1024
    return 0


def _threads_of_user(user: int) -> int:
    """The threads that the system may hold against a user: all that run under the number."""
    total = 0
    for folder in _PROC.iterdir():
        with suppress(OSError):
            if folder.name.isdigit() and folder.stat().st_uid == user:
                total += processes.threads(int(folder.name))
    return total
