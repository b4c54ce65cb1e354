"""Work shared out to several processes, its results in the order of the work; one that dies takes no other down."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def shared_out(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    jobs: int,
    lost: Callable[[Item], Result],
    prepare: Callable[[], None] | None = None,
    *,
    loaded: Sequence[str] = (),
) -> Iterator[Result]:
    """The result of `work` on each item, from `jobs` processes, in the order of the items.

    `work`, `prepare`, which each process calls first, and the items must be picklable. Where a process ends in the
    middle of its work, `lost` says what stands for each item that has no result. The modules `loaded` are loaded once
    for all processes, where the system lets a process fork.

    >>> list(shared_out(abs, [-1, 2, -3], 2, lost=lambda item: 0))
    [1, 2, 3]
    """
    pool = ProcessPoolExecutor(min(jobs, len(items)), _context(loaded), _prepare, (prepare,))
    try:
        futures = [pool.submit(work, item) for item in items]
        for item, future in zip(items, futures, strict=True):
            try:
                yield future.result()
            except BrokenProcessPool:
                yield lost(item)
    finally:
        pool.shutdown(cancel_futures=True)


def _context(loaded: Sequence[str]) -> multiprocessing.context.BaseContext:
    """How processes are started: from one that has loaded what they need, or each on its own."""
    if not loaded or "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    forked = multiprocessing.get_context("forkserver")
    forked.set_forkserver_preload(list(loaded))
    return forked


def _prepare(prepare: Callable[[], None] | None) -> None:
    """An interrupt from the keyboard is the parent's to answer; where the parent is killed, nobody wants the work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    if prepare:
        prepare()


def _end_with_the_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def loading(modules: Sequence[str]) -> Iterator[None]:
    """Loads modules beside what is done meanwhile, which waits for another process; all are there at the end."""
    thread = threading.Thread(target=_load, args=(modules,))
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _load(modules: Sequence[str]) -> None:
    for name in modules:
        with suppress(Exception):  # whoever needs it will hear of it
            import_module(name)
