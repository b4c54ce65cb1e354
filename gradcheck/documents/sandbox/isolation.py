"""What Linux offers to keep a process apart: namespaces for the network and for processes, and ends that follow ends.

Everything here reports whether it was granted; elsewhere than on Linux nothing is.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

_NEW_USER, _NEW_PROCESSES, _NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000
_PARENT_DEATH_SIGNAL, _CHILD_SUBREAPER = 1, 36


def leave_network() -> bool:
    """Moves this process, which must have one thread, to a network of its own without any interface; whether it could.

    An ordinary user needs a user namespace for it, in which the user's number stays what it is.
    """
    if _unshare(_NEW_NETWORK):
        return True
    user, group = os.getuid(), os.getgid()
    if not _unshare(_NEW_USER | _NEW_NETWORK):
        return False
    with suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    return True


def own_processes() -> bool:
    """Puts the next child of this process, and all its descendants, into a namespace that ends with that child."""
    return _unshare(_NEW_PROCESSES)


def end_with_parent() -> None:
    """Has this process killed when its parent ends."""
    _control(_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def go_first() -> None:
    """Gives this process the processor whenever it wants it, however many others do, if that is granted."""
    with suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))


def adopt_orphans() -> None:
    """Makes this process the parent of all descendants whose own parent ends, so that none gets away."""
    _control(_CHILD_SUBREAPER, 1)


def _unshare(flags: int) -> bool:
    return sys.platform == "linux" and bool(ctypes.CDLL(None).unshare(flags) == 0)


def _control(option: int, value: int) -> bool:
    return sys.platform == "linux" and bool(ctypes.CDLL(None).prctl(option, value, 0, 0, 0) == 0)
