"""What stopped a statement, in the words of a failure."""

from __future__ import annotations

import errno
import socket
import traceback
from collections.abc import Iterator

from gradcheck.documents.sandbox.confinement import confinement
from gradcheck.documents.sandbox.output import OutputLimit

_OUT_OF_MEMORY = ("can't allocate memory", "not enough memory", "out of memory")
_REFUSALS = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EFBIG, errno.EAGAIN})
"""No network, a file that became too long, no more processes."""

MAXIMAL_TEXT = 2_000

_CONFINED = "the sandbox lets the code write in the run's own folder only"


def described(error: BaseException, span: tuple[int, int]) -> tuple[str, str]:
    """The kind and the text of the failure that an exception of a statement on the lines `span` is."""
    text = str(error) if isinstance(error, OutputLimit) else _in_words(error)
    return _kind(error), text + _confinement(error, text) + _elsewhere(error, span)


def _confinement(error: BaseException, text: str) -> str:
    """That a file could not be changed since it lies outside the run's own folder, where that is so or may be."""
    if any(map(_is_confined, _chain(error))):
        return f" ({_CONFINED})"
    return f" (perhaps since {_CONFINED})" if confinement.directory and "ermission denied" in text else ""


def _in_words(error: BaseException) -> str:
    """The last lines of a traceback."""
    if isinstance(error, SystemExit):
        return f"the code ended the interpreter (SystemExit: {error.code})"
    try:
        return "".join(traceback.format_exception_only(error)).strip()[:MAXIMAL_TEXT]
    except Exception:
        return type(error).__name__


def _kind(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return "exited"
    if isinstance(error, OutputLimit):
        return "output"
    if isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(words in str(error) for words in _OUT_OF_MEMORY)
    ):
        return "memory"
    return "refused" if any(map(_is_refusal, _chain(error))) else "raised"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        reason = getattr(error, "reason", None)
        error = error.__cause__ or error.__context__ or (reason if isinstance(reason, BaseException) else None)


def _is_refusal(error: BaseException) -> bool:
    """Whether the sandbox is behind an error."""
    if isinstance(error, RuntimeError):
        return "can't start new thread" in str(error)
    refused = isinstance(error, socket.gaierror) or (isinstance(error, OSError) and error.errno in _REFUSALS)
    return refused or _is_confined(error)


def _is_confined(error: BaseException) -> bool:
    """Whether the code was kept from changing a file outside its own folder."""
    return isinstance(error, PermissionError) and any(map(confinement.refuses, (error.filename, error.filename2)))


def _elsewhere(error: BaseException, span: tuple[int, int]) -> str:
    """Where it was raised, if that is another place of the document."""
    lines = [
        line for frame, line in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename.startswith("<block ")
    ]
    return f" (on line {lines[-1]})" if lines and not span[0] <= lines[-1] <= span[1] else ""
