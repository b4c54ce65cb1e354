"""Why a function could not be traced: which call stopped it, where that call stands, and what to write instead."""

from __future__ import annotations

import dis
import importlib.util
import linecache
import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from types import TracebackType

from gradcheck.errors import UsageError

MOVE_OUT = "compute that part outside the function and pass the result as an argument"
NOT_OURS = ("numpy", "torch", "sympy", "scipy")
PYTHON = str(Path(os.__file__).parent)
GENERATED = ("<string>", "<frozen ", "<eval_with_key>")

_RAISED: ContextVar[list[Exception] | None] = ContextVar("_RAISED", default=None)
"""What was raised since the trace in progress began."""


class TracingError(UsageError):
    """A function does something that symbolic tracing cannot follow.

    `problem` names the call, `remedy` says what to do, and `place` is the file and line in the user's function.
    """

    def __init__(self, problem: str, remedy: str, place: str = "") -> None:
        self.problem = problem
        self.remedy = remedy
        self.place = place
        super().__init__(f"{place}{': ' if place else ''}{problem}; {remedy}")
        if not isinstance(self, AttributeError):
            _note(self)

    def at(self, place: str) -> TracingError:
        """The same error, placed, unless it has a place already."""
        return self if self.place else type(self)(self.problem, self.remedy, place)


class MissingAttribute(TracingError, AttributeError):
    """An attribute that a traced value does not have; `hasattr` sees it as missing."""


class NeedsShape(Exception):
    """A traced value stood for arrays of any shape, and the function asked for something that depends on the shape."""

    def __init__(self) -> None:
        super().__init__()
        _note(self)


def _note(error: Exception) -> None:
    raised = _RAISED.get()
    if raised is not None:
        raised.append(error)


@contextmanager
def nothing_swallowed() -> Iterator[None]:
    """Raise at the end what was raised within and caught there: a function that goes on without what it asked for
    computes something else than it does on numbers."""
    raised: list[Exception] = []
    token = _RAISED.set(raised)
    try:
        yield
    finally:
        _RAISED.reset(token)
    if raised:
        raise raised[0]


def tracing_error_in(error: BaseException | None) -> TracingError | None:
    """The tracing error that `error` is or was raised from; array libraries wrap what a conversion raises."""
    while error is not None and not isinstance(error, TracingError):
        error = error.__cause__ or error.__context__
    return error


def place_of(trace: TracebackType | None) -> str:
    """File, line and text of the innermost frame of the user's own code, such as `model.py:12 (y = float(x))`."""
    frames = [frame for frame in traceback.extract_tb(trace) if not is_library(frame.filename)]
    return line_of(frames[-1].filename, frames[-1].lineno or 0) if frames else ""


def line_of(filename: str, line: int) -> str:
    """A line of a file with its text, such as `model.py:12 (y = float(x))`."""
    text = linecache.getline(filename, line).strip()
    return f"{_short(filename)}:{line}" + (f" ({text})" if text else "")


def stopped_in_assignment(trace: TracebackType | None) -> bool:
    """Whether the innermost line of the user's own code was storing into an array when the error came."""
    stored = False
    for frame, _ in traceback.walk_tb(trace):
        if not is_library(frame.f_code.co_filename):
            stored = dis.opname[frame.f_code.co_code[frame.f_lasti]] == "STORE_SUBSCR"
    return stored


def is_library(filename: str) -> bool:
    """Whether a file is not the user's own: torch's and such, Python's, or code that torch made."""
    of_python = filename.startswith(PYTHON) and "-packages" not in filename
    return of_python or filename.startswith((*GENERATED, *_library_roots()))


@cache
def _library_roots() -> tuple[str, ...]:
    specs = filter(None, map(importlib.util.find_spec, NOT_OURS))
    found = (path for spec in specs for path in spec.submodule_search_locations or ())
    return tuple(path + os.sep for path in (str(Path(__file__).parents[2]), *found))


def _short(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else filename
