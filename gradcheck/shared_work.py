"""Work that several processes need done, done once: each result lies in a folder that they share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

Work = Callable[[str], str]


def done_once(folder: Path, name: str, others: Sequence[str], work: Work) -> str:
    """What `work` makes of `name`, from the process that was first at it.

    While another process is at it, this one does those of the `others` that nobody has begun. A process that ends in
    the middle of its work, or whose work raises an error, leaves it to the next that asks. Where the system cannot
    lock files, each process does its own work.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [done_once(Path(folder), "a", [], lambda name: result) for result in ("first", "second")]
    ['first', 'first']
    """
    if find_spec("fcntl") is None:  # as on Windows
        return work(name)
    _place(folder, name).parent.mkdir(parents=True, exist_ok=True)
    while (found := _attempt(folder, name, work, wait=False)) is None:
        if not any(_done_meanwhile(folder, other, work) for other in others):
            return _attempt(folder, name, work, wait=True) or work(name)
    return found


def _done_meanwhile(folder: Path, name: str, work: Work) -> bool:
    """Whether this process did the work just now; an error in it is left to whoever asks for that work."""
    if _place(folder, name).exists():
        return False
    with suppress(Exception):
        return _attempt(folder, name, work, wait=False) is not None
    return False


def _attempt(folder: Path, name: str, work: Work, *, wait: bool) -> str | None:
    """The result, made here where nobody has made it; None where another is at it and this one does not wait."""
    from gradcheck.rendering.files import write_atomically

    place = _place(folder, name)
    if not place.exists():
        with _locked(place.with_suffix(".lock"), wait=wait) as is_ours:
            if not is_ours:
                return None
            if not place.exists():
                write_atomically(place, work(name))
    return place.read_text(encoding="utf-8")


def _place(folder: Path, name: str) -> Path:
    return folder / f"{sha256(name.encode('utf-8', 'surrogateescape')).hexdigest()[:32]}.json"


@contextmanager
def _locked(path: Path, *, wait: bool) -> Iterator[bool]:
    """Holds the lock of a file, which the system takes back from a process that ends; whether it is held."""
    import fcntl

    with path.open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
