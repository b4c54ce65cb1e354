"""Keeps a process from changing files outside a directory, by Landlock, for which Linux asks for no privileges.

Reading stays free, and so do the modes, times and owners of files. Where the kernel is older than 5.13, has no Landlock
or is not Linux, nothing is confined.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
"""The system calls, with the same numbers on nearly all processors."""

_ASK_VERSION, _BENEATH_PATH, _NO_NEW_PRIVILEGES = 1, 1, 38

_WRITE_FILE, _REFER, _TRUNCATE = 1 << 1, 1 << 13, 1 << 14
_REMOVE_AND_MAKE = sum(1 << bit for bit in range(4, 13))
_SINCE_VERSION = ((1, _WRITE_FILE | _REMOVE_AND_MAKE), (2, _REFER), (3, _TRUNCATE))
"""What changes a file or a folder, by the version of Landlock that knows it; a file as such is written or cut off."""

_DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "nvidia*", "kfd")
_SHARED_MEMORY = Path("/dev/shm")


class _Ruleset(ctypes.Structure):
    _fields_ = (("handled", ctypes.c_uint64),)


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


class Confinement:
    """Where a process may write from `confine` on: in `directory`, to devices that keep nothing, in shared memory."""

    def __init__(self) -> None:
        self.directory: Path | None = None

    def confine(self, directory: str) -> bool:
        """Confines this process, which must have one thread, and those that it will start; whether it could."""
        version = landlock_version()
        if version < 1:
            return False
        writing = sum(access for since, access in _SINCE_VERSION if since <= version)
        ruleset = _Ruleset(writing)
        rules = _call(_CREATE_RULESET, ctypes.byref(ruleset), ctypes.sizeof(ruleset), 0)
        if rules < 0:
            return False
        try:
            allowed = all(_allow(rules, path, writing) for path in _writable(directory))
            privileges_kept = ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
            if not allowed or privileges_kept or _call(_RESTRICT_SELF, rules, 0, 0):
                return False
        finally:
            os.close(rules)
        self.directory = Path(directory).resolve()
        return True

    def refuses(self, path: object) -> bool:
        """Whether it is the confinement, and not the file's owner, that keeps this process from changing a file."""
        if self.directory is None or not isinstance(path, str | bytes | os.PathLike):
            return False
        file = Path(os.path.abspath(os.fsdecode(path)))  # noqa: PTH100
        asked = file if file.exists() else file.parent
        return not asked.resolve().is_relative_to(self.directory) and os.access(asked, os.W_OK)


confinement = Confinement()
"""That of this process."""


def landlock_version() -> int:
    """The version of Landlock that the kernel has; 0 where it has none."""
    return max(_call(_CREATE_RULESET, None, 0, _ASK_VERSION), 0) if sys.platform == "linux" else 0


def _writable(directory: str) -> Iterator[Path]:
    yield Path(directory)
    yield from (device for name in _DEVICES for device in Path("/dev").glob(name) if not device.is_dir())
    if _SHARED_MEMORY.is_dir():
        yield _SHARED_MEMORY


def _allow(rules: int, path: Path, writing: int) -> bool:
    """Lets files beneath a folder be changed, or a file; a path that cannot be opened is passed over."""
    with suppress(OSError):
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            rule = _PathBeneath(writing if path.is_dir() else writing & (_WRITE_FILE | _TRUNCATE), opened)
            return _call(_ADD_RULE, rules, _BENEATH_PATH, ctypes.byref(rule), 0) == 0
        finally:
            os.close(opened)
    return True


def _call(number: int, *arguments: object) -> int:
    """A system call, whose whole numbers are as wide as an address."""
    wide = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return int(ctypes.CDLL(None).syscall(ctypes.c_long(number), *wide))
