"""What rewritten code calls: it turns the values at hand into data at once, and sends them."""

from __future__ import annotations

import builtins
import io
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from os import getpid
from typing import Any

from gradcheck.documents.records import Record, Value
from gradcheck.documents.sandbox.calls import Calls
from gradcheck.documents.sandbox.output import Output
from gradcheck.documents.sandbox.rewrite import Site
from gradcheck.documents.sandbox.seeds import seed_libraries, shifted
from gradcheck.documents.sandbox.snapshot import BRIEF, FULL, snapshot
from gradcheck.documents.sandbox.wire import Message, record_to_data

MAXIMAL_OCCURRENCES: Mapping[str, int] = {"print": 100, "bare": 100, "assigned": 20}
"""So many moments of one place are recorded; those after it are counted."""

FULL_OCCURRENCES = 10
"""So many of them in full, the others without large arrays and long texts."""

MAXIMAL_ENTRIES = 1_000_000
"""After so many entries of arrays, only small ones are recorded."""

_print = builtins.print
_convert: Mapping[int, Callable[[Any], Any]] = {ord("s"): str, ord("r"): repr, ord("a"): ascii}


class Formatted(str):
    """The text of an f-string, with the values of its parts."""

    __slots__ = ("parts",)

    parts: tuple[object, ...]


class Starred(tuple[Any, ...]):
    """Arguments that were given with a star."""

    __slots__ = ()


class Recorder:
    """Records the moments of one run; `send` takes one message."""

    def __init__(
        self, send: Callable[[Message], None], output: Output, seed: int, reseeded: bool, calls: Calls | None = None
    ) -> None:
        self.send, self.output, self.reseeded, self.calls = send, output, reseeded, calls
        self.initial_seed, self.seeded = seed, set[str]()
        self.sites: list[Site] = []
        self.counts: Counter[int] = Counter()
        self.lines: set[int] = set()
        self.entries = 0
        self.process, self.busy = getpid(), threading.local()

    def printed(
        self, number: int, function: Callable[..., Any], arguments: Sequence[Any], named: dict[str, Any]
    ) -> Any:
        """Prints as the code does, and records each argument."""
        flat = [item for argument in arguments for item in (argument if isinstance(argument, Starred) else [argument])]
        plain = [str(item) if isinstance(item, Formatted) else item for item in flat]
        function, named = _unwrapped(function, named)
        values = self._values(number, arguments)
        if function is not _print:
            start = self.output.written()
            result = function(*plain, **named)
            self._record(number, values, self.output.text(start))
            return result
        buffer = io.StringIO()
        _print(*plain, **{**named, "file": buffer, "flush": False})
        text = buffer.getvalue()
        target = named.get("file")
        _print(text, end="", file=target, flush=named.get("flush", False))
        if target in (None, sys.stdout, sys.stderr):
            self._record(number, values, text)
        return None

    def formatted(self, parts: Sequence[str | tuple[Any, int, str]]) -> Formatted:
        """The text of an f-string: its parts are texts, and values with their conversion and format."""
        text = Formatted("".join(part if isinstance(part, str) else _formatted(*part) for part in parts))
        text.parts = tuple(part[0] for part in parts if not isinstance(part, str))
        return text

    def starred(self, items: Any) -> Starred:
        """Arguments given with a star."""
        return Starred(items)

    def bare(self, number: int, value: Any) -> None:
        """Records an expression that stands alone, and shows it where a prompt or a notebook would."""
        if value is None:
            return
        self._record(number, self._values(number, (value,)))
        if self.sites[number].displayed:
            sys.displayhook(value)

    def assigned(self, number: int, values: tuple[Any, ...]) -> None:
        """Records what was assigned."""
        self._record(number, self._values(number, values))

    def called(self, number: int, arguments: Sequence[Any], named: dict[str, Any]) -> None:
        """Takes note of a call of a function that the document defines."""
        if self.calls is not None:
            self.calls.called(number, sys._getframe(1).f_code, arguments, named)  # noqa: SLF001

    def imported(self) -> None:
        """Seeds what an import has loaded."""
        seed_libraries(self.initial_seed, self.seeded)

    def seed(self, seed: object) -> object:
        """A seed of the document, or another one in a reseeded run."""
        return shifted(seed) if self.reseeded else seed

    def _values(self, number: int, things: Sequence[Any]) -> list[tuple[str, Value]] | None:
        """The sources and values of a moment; None where enough is known of this place, or while recording already."""
        count, how = self.counts[number], self.sites[number].how
        if count >= MAXIMAL_OCCURRENCES[how] or getpid() != self.process or getattr(self.busy, "now", False):
            return None
        detail = FULL if count < FULL_OCCURRENCES and self.entries < MAXIMAL_ENTRIES else BRIEF
        self.busy.now = True
        try:
            return [(source, snapshot(thing, detail)) for source, thing in _pairs(self.sites[number].sources, things)]
        finally:
            self.busy.now = False

    def _record(self, number: int, values: list[tuple[str, Value]] | None, text: str = "") -> None:
        count = self.counts[number]
        self.counts[number] += 1
        if values is None:
            return
        site = self.sites[number]
        self.lines.add(site.line)
        self.entries += sum(len(value.entries or ()) for _, value in values)
        record = Record(
            site.how,
            site.block,
            site.line,
            site.end_line,
            count,
            tuple(source for source, _ in values),
            tuple(value for _, value in values),
            text.removesuffix("\n"),
        )
        with suppress(TypeError, ValueError):  # a value that is no JSON after all
            self.send({"record": record_to_data(record)})


def _unwrapped(function: Any, named: dict[str, Any]) -> tuple[Callable[..., Any], dict[str, Any]]:
    """A `print` that was given keyword arguments beforehand, as print and all its keyword arguments."""
    while isinstance(function, partial) and not function.args:
        function, named = function.func, {**function.keywords, **named}
    return function, named


def _formatted(value: Any, conversion: int, form: str) -> str:
    return format(_convert[conversion](value) if conversion in _convert else value, form)


def _pairs(sources: Sequence[str | tuple[str, ...]], things: Sequence[Any]) -> list[tuple[str, Any]]:
    """Each value beside its source: the parts of an f-string, each of the arguments that have a star."""
    pairs: list[tuple[str, Any]] = []
    for source, thing in zip(sources, things, strict=True):
        if isinstance(source, tuple):
            pairs += zip(source, thing.parts, strict=True)
        elif isinstance(thing, Starred):
            pairs += ((source, item) for item in thing)
        else:
            pairs.append((source, thing))
    return pairs
