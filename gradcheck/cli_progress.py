"""A progress bar where a person watches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[int, int, str], None]


@contextmanager
def progress_bar(unit: str) -> Iterator[Progress | None]:
    """What to tell of each item: how many are done, of how many, and the next; None in a pipe, where nobody watches."""
    if not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    with tqdm(leave=False, mininterval=0, unit=unit, file=sys.stderr) as bar:

        def show(done: int, total: int, label: str) -> None:
            bar.total = total
            bar.set_postfix_str(label, refresh=False)
            bar.update(done - bar.n)

        yield show
