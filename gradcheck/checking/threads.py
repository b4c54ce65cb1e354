"""One torch thread: on tensors of a few entries, handing work between threads costs a thousand times the work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def single_threaded() -> Iterator[None]:
    """Run with one torch thread, then with as many as before.

    >>> import torch
    >>> with single_threaded():
    ...     torch.get_num_threads()
    1
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
