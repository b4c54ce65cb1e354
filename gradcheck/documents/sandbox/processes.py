"""A process's descendants, as Linux lists them: how many, how much memory they hold, and their end."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")
_AT_A_TIME = 2_000


def descendants(process: int, most: int) -> list[int]:
    """The processes below one, whatever their session or group; little more than `most`, where there are more."""
    return _below(process, most)


def _below(process: int, most: int, meet: Callable[[int], object] = int) -> list[int]:
    """Parents stand before their children, and are met before the children are looked for."""
    found = list(_children(process))
    for each in found:
        if len(found) > most:
            break
        meet(each)
        found += _children(each)
    return found


def _children(process: int) -> Iterator[int]:
    for task in _listed(_PROC / str(process) / "task"):
        with suppress(OSError):
            yield from map(int, (task / "children").read_text().split())


def threads(process: int) -> int:
    """How many threads a process has; 0 where it has ended."""
    return len(_listed(_PROC / str(process) / "task"))


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def memory(process: int) -> int:
    """The bytes that a process alone holds in memory: not what it reads from files."""
    try:
        status = (_PROC / str(process) / "status").read_text()
    except OSError:
        return 0
    held = (line.split() for line in status.splitlines() if line.startswith(("RssAnon:", "RssShmem:")))
    return sum(int(words[1]) * 1024 for words in held)


def end_all(process: int, patience: float = 20.0) -> None:
    """Kills all descendants of this process and waits for them; each is stopped first, so that it forks no more."""
    last = time.monotonic() + patience
    while (alive := _below(process, _AT_A_TIME, _stop)) and time.monotonic() < last:
        for each in alive:
            _signal(each, signal.SIGKILL)
        _reap()


def _stop(process: int) -> None:
    _signal(process, signal.SIGSTOP)


def _signal(process: int, kind: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(process, kind)


def _reap() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    time.sleep(0.001)
