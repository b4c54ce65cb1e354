"""Descriptors that a document's code shall not meet."""

from __future__ import annotations

import fcntl
import os
import resource

_HIGHEST = 1 << 14
_KEPT_FREE = 16


def out_of_reach(descriptor: int) -> int:
    """Moves a descriptor to a number where code that closes a range of them is not likely to meet it."""
    highest = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, max(min(highest, _HIGHEST) - _KEPT_FREE, 3))
    os.close(descriptor)
    return moved
