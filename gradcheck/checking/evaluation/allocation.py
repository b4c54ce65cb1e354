"""Freed memory that is used again: what one evaluation allocates and frees the next one needs."""

from __future__ import annotations

import ctypes
from functools import cache

import torch

KEPT = 31 * 2**20
"""Just below the largest block, in bytes, that glibc can be led to keep."""


@cache
def keep_freed_memory() -> None:
    """Let glibc keep freed blocks of up to `KEPT` bytes for what comes next, as it does in any program that frees one.

    Otherwise it hands back the memory of large arrays in every evaluation, and the system clears each page anew: that
    takes longer than many a function. It takes up the size of the largest block that was freed; one that nothing was
    written to takes no memory. Where a program chose its own limits, or has another allocator, nothing changes.
    """
    torch.empty(KEPT, dtype=torch.uint8)


def return_freed_memory() -> None:
    """Hand back what glibc keeps, where something else comes next: small blocks lie in it that large ones cannot use.

    Nothing happens under another C library.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
